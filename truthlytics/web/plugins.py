"""What plug-ins add to the site with attributes of their AppConfig (docs/extending.md).

There is no base class for them: Django would not know which class in a plug-in's `apps` module is its configuration.
"""

from collections.abc import Iterable, Iterator

from django.apps import AppConfig, apps
from django.conf import settings


def plugin_configs() -> Iterator[AppConfig]:
    """Yield the apps of `PLUGINS`."""
    names = tuple(f"{name}." for name in settings.PLUGINS)
    return (config for config in apps.get_app_configs() if f"{config.name}.".startswith(names))


def payment_providers() -> Iterator[str]:
    """Yield the dotted paths of classes like `subscriptions.providers.Provider`."""
    for config in plugin_configs():
        yield from getattr(config, "payment_providers", ())


def import_formats() -> Iterator[tuple[str, str, str]]:
    """Yield the name in the command, that in the interface, and the path of a class like `importers.sources.Source`."""
    for config in plugin_configs():
        yield from getattr(config, "import_formats", ())


def newsroom_pages(config: AppConfig) -> Iterable[tuple[str, str, str]]:
    """Return the names in the menu, the names of the URLs, and the models that users must be able to view or change."""
    pages: Iterable[tuple[str, str, str]] = getattr(config, "newsroom_pages", ())
    return pages
