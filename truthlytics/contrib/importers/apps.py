from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ImportersConfig(AppConfig):
    name = "truthlytics.contrib.importers"
    label = "importers"
    verbose_name = _("Import")
    default_auto_field = "django.db.models.BigAutoField"
    newsroom_urls = ("truthlytics.contrib.importers.newsroom.urls.paths",)
    newsroom_pages = (
        (
            _("Import"),
            "admin:imports",
            "importers.importrun",
            "publication",
            "migrate migration move wordpress ghost substack readers members subscribers list importieren umziehen "
            "umzug leser mitglieder abonnenten liste",
        ),
    )
    jobs = (("readers", "uploaded exports deleted", "truthlytics.contrib.importers.uploads.delete_expired"),)
    # An import tells its progress, and is stopped on its page.
    long_tasks = (("truthlytics.contrib.importers.jobs.work", 24 * 3600),)

    def ready(self) -> None:
        from truthlytics.contrib.importers.newsroom import notes  # noqa: F401
