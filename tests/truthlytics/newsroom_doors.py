"""Every address of the newsroom: what it asks for, and how to find them all."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

# What leads elsewhere, or nowhere: Django's redirect of a bare key, and the door that catches what no other does.
NAMELESS = {"<path:object_id>/", "(?P<url>.*)$"}


class Door(NamedTuple):
    name: str
    asks: tuple[str, ...]
    # Before the name, where an address is looked up.
    within: str = "admin:"


def doors() -> dict[str, Door]:
    """Each named address below /admin/, once by its name, with the names of what it asks for."""
    found: dict[str, Door] = {}
    for one in get_resolver().url_patterns:
        if str(one.pattern).startswith("admin/"):
            within = "admin:" if getattr(one, "namespace", None) == "admin" else ""
            for name, asks in _walk([one] if isinstance(one, URLPattern) else one.url_patterns, ()):
                found.setdefault(name, Door(name, asks, within))
    return found


def _walk(patterns: list[Any], before: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for one in patterns:
        asks = before + tuple(one.pattern.converters if isinstance(one.pattern, RoutePattern) else ())
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, asks)
        elif isinstance(one, URLPattern) and one.name:
            yield one.name, asks or tuple(one.pattern.regex.groupindex)
        elif str(one.pattern) not in NAMELESS:
            raise AssertionError(f"An address of the newsroom has no name: {one.pattern}")
