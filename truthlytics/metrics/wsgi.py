"""`/metrics`, and the counting of requests, around the page cache and around Django.

Both are outside of Django: what the page cache answers never gets there, and a reading must not wait for a thread.
"""

import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from truthlytics.metrics.counters import HIT, MISS, NONE, Counters
from truthlytics.metrics.exposition import exposition
from truthlytics.web.fragments import USED_FRAGMENTS
from truthlytics.web.read_counter import COUNTED_BY_CACHE

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

PATH = "/metrics"
# The key in the environ under which the two applications share what they know of a request. It has a dot, so no header
# can be it.
REQUEST = "truthlytics.counted_request"


type Layer = Callable[[Application], Application]


def layers() -> tuple[Layer, Layer]:
    """Return what to put around Django and around the whole site."""
    counters = Counters()
    return partial(TimedApplication, counters=counters), partial(CountedApplication, counters=counters)


class Request:
    __slots__ = ("page_cache",)

    def __init__(self, page_cache: str) -> None:
        self.page_cache = page_cache


class CountedApplication:
    """Counts what `site` answers, and answers `/metrics` to those who know the token. For others it is no page."""

    def __init__(self, site: Application, counters: Counters) -> None:
        self.site, self.counters = site, counters

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if path == PATH and may_read(environ):
            return send_metrics(environ, start_response)
        # Unless Django is asked.
        request = environ[REQUEST] = Request(HIT if method in {"GET", "HEAD"} else NONE)
        # If the site fails, this is what the server answers.
        status = "500"

        def start(line: str, *rest: Any) -> Any:
            nonlocal status
            status = line[:3]
            return start_response(line, *rest)

        try:
            return self.site(environ, start)
        finally:
            self.counters.count_request(path, method, status, request.page_cache)


class TimedApplication:
    """Measures how long `application`, which is Django, takes for a request that the page cache could not answer."""

    def __init__(self, application: Application, counters: Counters) -> None:
        self.application, self.counters = application, counters

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        environ[REQUEST].page_cache = MISS if COUNTED_BY_CACHE in environ else NONE
        started = time.perf_counter()
        try:
            return self.application(environ, start_response)
        finally:
            self.counters.observe(environ["PATH_INFO"], time.perf_counter() - started)
            if used := environ.get(USED_FRAGMENTS):
                self.counters.count_fragments(used.hits, used.misses)


def may_read(environ: Environ) -> bool:
    """Return whether a request is one for the metrics, with the token."""
    scheme, _, token = environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    is_known = constant_time_compare(token.strip(), settings.METRICS_TOKEN)
    return scheme.lower() == "bearer" and is_known and environ["REQUEST_METHOD"] in {"GET", "HEAD"}


def send_metrics(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    body = exposition()
    headers = [
        ("Content-Type", CONTENT_TYPE_PLAIN_0_0_4),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "private, no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    start_response("200 OK", headers)
    return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]
