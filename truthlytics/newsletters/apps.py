from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class NewslettersConfig(AppConfig):
    name = "truthlytics.newsletters"
    label = "newsletters"
    verbose_name = _("newsletters")
    urls = ("truthlytics.newsletters.site_urls",)
    newsroom_areas = (("newsletters", _("Newsletters"), "sections"),)
    newsroom_pages = (
        (
            _("Newsletter issues"),
            "admin:newsletters_issue_changelist",
            "newsletters.issue",
            "newsletters",
            "emails letters digests mailings rundbriefe ausgaben",
        ),
        (
            _("Newsletters"),
            "admin:newsletters_newsletter_changelist",
            "newsletters.newsletter",
            "newsletters",
            "mailing lists rundbriefe",
        ),
        (
            _("Newsletter readers"),
            "admin:newsletters_address_changelist",
            "newsletters.address",
            "newsletters",
            "subscribers mailing list bounces empfänger abonnenten",
        ),
    )
    newsroom_actions = (
        (
            _("New issue of a newsletter"),
            "admin:newsletters_issue_add",
            "newsletters.add_issue",
            "email letter digest mailing send rundbrief ausgabe versenden",
        ),
        (
            _("Download the readers of newsletters as CSV"),
            "admin:newsletters_address_changelist",
            "newsletters.export_address",
            "export excel list mailing herunterladen exportieren liste",
        ),
    )
    # Editors write and send issues; publishers set up newsletters.
    role_permissions = (
        *(("Editor", name) for name in ("add_issue", "change_issue", "delete_issue", "view_issue", "view_newsletter")),
        *(("Support", name) for name in ("view_address", "change_address")),
    )
    site_styles = ("css/newsletters.css",)
    newsroom_styles = ("newsroom/css/newsletters.css",)
    style_samples = (("newsletter", "css/newsletters.css", "truthlytics.newsletters.samples.lines"),)
    jobs = (
        ("publication", "digests made", "truthlytics.newsletters.services.digests.create_due"),
        ("publication", "newsletters begun or continued", "truthlytics.newsletters.services.scheduling.start_due"),
        (
            "readers",
            "emails about followed authors and topics sent",
            "truthlytics.newsletters.services.followed_emails.send_due",
        ),
        (
            "readers",
            "old records of these emails deleted",
            "truthlytics.newsletters.services.followed_emails.delete_old",
        ),
        # A mail server that may be slow.
        ("outside", "delivery reports read", "truthlytics.newsletters.services.bounces.fetch", 120),
    )
    event_kinds = ("truthlytics.newsletters.kinds.Kind",)
    exported_tables = ("truthlytics.newsletters.exported.NEWSLETTERS", "truthlytics.newsletters.exported.ISSUES")
    personal_data = (
        (
            "newsletters",
            "truthlytics.newsletters.personal_data.of_reader",
            "truthlytics.newsletters.personal_data.delete",
        ),
    )
    api_urls = ("truthlytics.newsletters.api",)
    api_reader_fields = (
        (
            "newsletters",
            "truthlytics.newsletters.api.OF_READER",
            "truthlytics.newsletters.api.of_readers",
            "newsletters.view_address",
        ),
    )

    def ready(self) -> None:
        from truthlytics.newsletters import checks, dashboard, on_pages, receivers  # noqa: F401

        if settings.MAIL_EVENTS_SECRET:
            from truthlytics.newsletters import provider_events  # noqa: F401
