"""Modules that a process which shows pages never needs: named at the top of a file, loaded when first used."""

from importlib import import_module
from typing import Any


class Later:
    """Stands for the module `name` until something of it is asked for; what it is for types, the caller says.

    Only for what saves memory measurably (docs/speed.md, “A worker”): each use costs a look-up more.
    """

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


def later_view(name: str) -> Any:
    """The view at the dotted path `name`, whose module is loaded with the first request for it."""
    module, _, attribute = name.rpartition(".")
    found = Later(module)

    def view(request: Any, *args: Any, **named: Any) -> Any:
        return getattr(found, attribute)(request, *args, **named)

    view.__qualname__ = view.__name__ = attribute
    return view
