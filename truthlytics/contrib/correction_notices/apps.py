from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CorrectionNoticesConfig(AppConfig):
    name = "truthlytics.contrib.correction_notices"
    label = "correction_notices"
    verbose_name = _("Emails about corrections")
    urls = ("truthlytics.contrib.correction_notices.urls",)
    email_groups = (("corrections", "truthlytics.contrib.correction_notices.emails.GROUP"),)
    # There may be thousands of readers.
    jobs = (
        ("readers", "emails about corrections sent", "truthlytics.contrib.correction_notices.services.send_due", 1800),
    )

    def ready(self) -> None:
        from truthlytics.contrib.correction_notices import account  # noqa: F401
