from django.apps import AppConfig


class McpConfig(AppConfig):
    name = "truthlytics.contrib.mcp"
    label = "mcp"
    verbose_name = "Model Context Protocol"
    urls = ("truthlytics.contrib.mcp.urls",)

    def ready(self) -> None:
        from truthlytics.contrib.mcp import connections  # noqa: F401
