from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "truthlytics.contrib.api"
    label = "api"
    verbose_name = _("API")
    urls = ("truthlytics.contrib.api.urls",)
    account_pages = ((_("API key"), "keys:keys"),)
    newsroom_urls = ("truthlytics.contrib.api.connection_keys.paths",)
    personal_data = (
        ("api_keys", "truthlytics.contrib.api.personal_data.of_reader", "truthlytics.contrib.api.personal_data.delete"),
    )
    paths_with_keys = ("/api/",)
    cached_queries = (("/api/v1/articles", "section", "topic", "author", "series", "after", "limit", "fields"),)

    def ready(self) -> None:
        from truthlytics.contrib.api import connection_keys, receivers  # noqa: F401
