"""All URLs of the newsroom with the arguments they take."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

# Django's redirect from a bare primary key, and the admin's catch-all.
UNNAMED = {"<path:object_id>/", "(?P<url>.*)$"}


class AdminUrl(NamedTuple):
    name: str
    arguments: tuple[str, ...]
    # Prefix of the name for `reverse`.
    namespace: str = "admin:"


def admin_urls() -> dict[str, AdminUrl]:
    """Return each named URL below /admin/ by its name."""
    urls: dict[str, AdminUrl] = {}
    for pattern in get_resolver().url_patterns:
        if str(pattern.pattern).startswith("admin/"):
            namespace = "admin:" if getattr(pattern, "namespace", None) == "admin" else ""
            for name, arguments in _walk([pattern] if isinstance(pattern, URLPattern) else pattern.url_patterns, ()):
                urls.setdefault(name, AdminUrl(name, arguments, namespace))
    return urls


def _walk(patterns: list[Any], outer: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for pattern in patterns:
        arguments = outer + tuple(pattern.pattern.converters if isinstance(pattern.pattern, RoutePattern) else ())
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, arguments)
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield pattern.name, arguments or tuple(pattern.pattern.regex.groupindex)
        elif str(pattern.pattern) not in UNNAMED:
            raise AssertionError(f"A URL of the newsroom has no name: {pattern.pattern}")
