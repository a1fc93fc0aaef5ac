"""The pages of this site itself. No old page can have their addresses."""

from collections.abc import Iterator
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern


@cache
def own_pages() -> frozenset[str]:
    """Return the paths of all pages with a fixed address, such as `/contact`, as redirects have them."""
    return frozenset(f"/{route.strip('/')}" for route in _routes(get_resolver(), ""))


def _routes(resolver: URLResolver, start: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if not isinstance(pattern.pattern, RoutePattern) or "<" in str(pattern.pattern):
            continue
        route = f"{start}{pattern.pattern}"
        if isinstance(pattern, URLPattern):
            yield route
        else:
            yield from _routes(pattern, route)
