"""What plug-ins add to the site with attributes of their AppConfig (docs/extending.md).

There is no base class for them: Django would not know which class in a plug-in's `apps` module is its configuration.
What can't be used is left out, logged, and named by `manage.py check`.
"""

import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.utils.functional import Promise
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

MAX_TEXT = 2000
MAX_ENTRIES = 100
# As the column of orders and payments has it.
MAX_CODE = 20


def plugin_configs() -> Iterator[AppConfig]:
    """Yield the apps of `PLUGINS`."""
    names = tuple(f"{name}." for name in settings.PLUGINS)
    return (config for config in apps.get_app_configs() if f"{config.name}.".startswith(names))


def payment_providers() -> list[type[Any]]:
    """Return classes like `subscriptions.providers.Provider`."""
    return [found for config in plugin_configs() for found in _usable(config, "payment_providers")]


def import_formats() -> list[tuple[str, str, str]]:
    """Return names in the command, those in the interface, and the paths of classes like `importers.sources.Source`."""
    return [found for config in plugin_configs() for found in _usable(config, "import_formats")]


def newsroom_pages(config: AppConfig) -> list[tuple[str, str, str]]:
    """Return the names in the menu, the names of the URLs, and the models that users must be able to view or change."""
    return list(_usable(config, "newsroom_pages"))


def is_text(value: object, *, longest: int = MAX_TEXT) -> bool:
    """Return whether a page can show `value` as a text. Raises what its conversion raises."""
    if not isinstance(value, str | Promise):
        return False
    text = str(value)
    text.encode()
    return "\x00" not in text and len(text) <= longest


def problems() -> list[str]:
    """Return a sentence for each thing in the configurations of plug-ins that can't be used."""
    found: list[str] = []
    for config in plugin_configs():
        for name in _READ:
            list(_usable(config, name, found.append))
    return found


def _usable(config: AppConfig, name: str, tell: Callable[[str], object] = logger.error) -> Iterator[Any]:
    """Yield what can be used of an attribute, and `tell` what can't."""
    try:
        entries = getattr(config, name, ())
        if not isinstance(entries, tuple | list) or len(entries) > MAX_ENTRIES:
            raise TypeError
    except Exception as error:  # noqa: BLE001 - whatever a plug-in does costs its own output only
        tell(f"“{name}” of the plug-in “{config.name}” cannot be used: {type(error).__name__}.")
        return
    for number, entry in enumerate(entries, start=1):
        try:
            yield _READ[name](entry)
        except Exception as error:  # noqa: BLE001
            why = f"{type(error).__name__}: {error}" if isinstance(error, ImportError | ValueError) else type(error)
            tell(f"Entry {number} of “{name}” of the plug-in “{config.name}” cannot be used: {why}")


def _read_provider(path: Any) -> type[Any]:
    found = import_string(path)
    texts = [found.label, *(getattr(found, name, "") for name in ("site", "method", "instructions"))]
    if not (isinstance(found.code, str) and re.fullmatch(rf"[\w-]{{1,{MAX_CODE}}}", found.code)):
        raise ValueError(f"its code has letters, digits, - and _, at most {MAX_CODE}.")
    if not all(is_text(text) for text in texts) or not isinstance(found.renews, bool):
        raise ValueError("its label, site, method and instructions are texts, and renews is true or false.")
    found()
    return found  # type: ignore[no-any-return]


def _read_format(entry: Any) -> tuple[str, str, str]:
    name, label, path = entry
    if not all(is_text(text, longest=100) and text for text in entry) or not isinstance(path, str):
        raise ValueError("it has a name, a label and the path of a class.")
    return name, label, path


def _read_page(entry: Any) -> tuple[str, str, str]:
    name, url_name, model = entry
    if not is_text(name, longest=100) or not isinstance(url_name, str):
        raise ValueError("it has a name, the name of a URL and a model.")
    apps.get_model(model)
    return name, url_name, model


_READ: dict[str, Callable[[Any], Any]] = {
    "payment_providers": _read_provider,
    "import_formats": _read_format,
    "newsroom_pages": _read_page,
}
