from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "truthlytics.contrib.webhooks"
    label = "webhooks"
    verbose_name = _("Webhooks and messages")
    newsroom_urls = ("truthlytics.contrib.webhooks.connections.paths",)
    # After the job of the core that tells events.
    jobs = (("publication", "connections served", "truthlytics.contrib.webhooks.delivering.start_due"),)
    metrics = ("truthlytics.contrib.webhooks.readings.waiting",)

    def ready(self) -> None:
        from truthlytics.contrib.webhooks import connections  # noqa: F401
