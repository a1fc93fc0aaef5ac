"""Import modules on first use, to save memory in processes that never need them."""

from importlib import import_module
from typing import Any

from django.http import HttpRequest


class LazyModule:
    """A proxy for the module `name`, which is imported when an attribute is first accessed.

    Each access costs a lookup, so use it only where it saves a measurable amount of memory (see docs/speed.md).
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


def lazy_view(name: str) -> Any:
    """Return the view at the dotted path `name`; its module is imported with the first request."""
    module_name, _, attribute = name.rpartition(".")
    module = LazyModule(module_name)

    def view(request: HttpRequest, *args: object, **kwargs: object) -> Any:
        return getattr(module, attribute)(request, *args, **kwargs)

    view.__qualname__ = view.__name__ = attribute
    return view
