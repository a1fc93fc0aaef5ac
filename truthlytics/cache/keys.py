"""Cache keys: everything about a request that can change the page, and nothing else."""

from collections.abc import Callable
from operator import itemgetter
from typing import Any
from urllib.parse import parse_qsl, urlencode

from django.conf import settings

from truthlytics.web.hosts import is_cached_host
from truthlytics.web.plugins import cached_queries

Environ = dict[str, Any]
RawKey = tuple[str, ...]

# Query parameters that are part of the key (settings and features add others for some paths), and those that are
# ignored because they only say where a visitor came from.
PARAMETERS = frozenset({"after", "comments", "sort"})
TRACKING = {"fbclid", "gclid", "msclkid", "mc_cid", "mc_eid", "igshid", "ref", "campaign"}
MAX_LENGTH = 512
# The number of requests with a remembered key; more variants only clear the memory.
MAX_REMEMBERED = 4096


class CacheKeys:
    def __init__(self) -> None:
        proxy_header = settings.SECURE_PROXY_SSL_HEADER
        names = ["HTTP_HOST", "PATH_INFO", "QUERY_STRING", "SCRIPT_NAME", "REQUEST_METHOD", "wsgi.url_scheme"]
        # Everything that `build` reads, in one call. Raises KeyError if the server left one out.
        self.raw_key: Callable[[Environ], RawKey] = itemgetter(*names, *proxy_header[:1] if proxy_header else ())
        self._queries = cached_queries() | settings.PAGE_CACHE_QUERIES
        self._keys: dict[RawKey, str] = {}
        # The remembered cache key for a raw key, or None.
        self.remembered = self._keys.get

    def remember(self, environ: Environ, key: str) -> None:
        """Make the next identical request a dictionary look-up. Call it for cached pages only."""
        try:
            raw_key = self.raw_key(environ)
        except KeyError:
            return
        if environ["REQUEST_METHOD"] == "GET" and sum(map(len, raw_key)) <= MAX_LENGTH:
            if len(self._keys) >= MAX_REMEMBERED:
                self._keys.clear()
            self._keys[raw_key] = key

    def build(self, environ: Environ) -> str | None:
        """Return the key of the page, or None if the request cannot be served from the cache.

        Requests with an unknown query parameter go to Django, and the response is not cached.
        """
        if environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
            return None
        host = environ.get("HTTP_HOST", "")
        if not is_cached_host(host):
            return None
        query = environ.get("QUERY_STRING", "")
        if not query.isascii():
            return None  # browsers encode other bytes, and Django decodes them in its own way
        if query:
            parameters = parse_qsl(query, keep_blank_values=True)
            parameters = [(name, value) for name, value in parameters if not is_tracking(name)]
            known = self._queries.get(environ.get("PATH_INFO", ""), PARAMETERS)
            if any(name not in known for name, _ in parameters):
                return None
            # Sorted by name only: of two values with the same name the last one counts.
            query = urlencode(sorted(parameters, key=itemgetter(0)))
        key = f"{scheme(environ)}://{host}{environ.get('SCRIPT_NAME', '')}{environ.get('PATH_INFO', '')}?{query}"
        return key if len(key) <= MAX_LENGTH else None


def scheme(environ: Environ) -> str:
    """Return the scheme as Django determines it: from the server, or from the trusted proxy."""
    proxy_header = settings.SECURE_PROXY_SSL_HEADER
    if proxy_header and environ.get(proxy_header[0], "").split(",")[0].strip() == proxy_header[1]:
        return "https"
    return str(environ.get("wsgi.url_scheme", "http"))


def is_tracking(name: str) -> bool:
    return name in TRACKING or name.startswith("utm_")
