from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class NewslettersConfig(AppConfig):
    name = "truthlytics.newsletters"
    label = "newsletters"
    verbose_name = _("newsletters")

    def ready(self) -> None:
        from truthlytics.newsletters import checks, receivers  # noqa: F401

        if settings.MAIL_EVENTS_SECRET:
            from truthlytics.newsletters import provider_events  # noqa: F401
