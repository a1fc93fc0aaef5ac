"""Measuring requests through the WSGI application: CPU time of this process, the best of several batches."""

import gc
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from truthlytics.cache.wsgi import POPULAR_HITS, PageCache

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
Call = Callable[[], None]
# The User-Agent of a browser, so that reads are counted.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class MeasurementError(Exception):
    """A page did not respond as expected, so its cost means nothing."""


@dataclass(frozen=True, slots=True)
class Response:
    status: str
    headers: Headers
    body: bytes


def make_environ(url: str, **headers: str) -> Environ:
    """Return the WSGI environ of a GET of `url` (a path with an optional query) by a browser without cookies."""
    path, _, query = url.partition("?")
    site = urlsplit(settings.SITE_URL)
    return {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": site.hostname,
        "SERVER_PORT": str(site.port or 80),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": site.netloc,
        "HTTP_USER_AGENT": BROWSER,
        "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
        "wsgi.url_scheme": site.scheme,
        "wsgi.input": BytesIO(),
        "wsgi.errors": sys.stderr,
        **headers,
    }


def fetch(application: Application, environ: Environ) -> Response:
    """Make one request. Raises MeasurementError for any status but 200."""
    started: dict[str, Any] = {}

    def start_response(status: str, headers: Headers, *exc_info: Any) -> None:
        started.update(status=status, headers=headers)

    body = application(dict(environ), start_response)
    try:
        response = Response(started["status"], started["headers"], b"".join(body))
    finally:
        if callable(close := getattr(body, "close", None)):
            close()
    if not response.status.startswith("200"):
        raise MeasurementError(f"{environ['PATH_INFO']} returned {response.status}.")
    return response


def fetch_popular(cache: PageCache, environ: Environ) -> Response:
    """Return what visitors get once the page is popular, and so compressed as well as possible."""
    fetch(cache, environ)
    if (entry := cache.store.get(cache.keys.build(environ) or "")) is None:
        raise MeasurementError(f"{environ['PATH_INFO']} was not cached.")
    entry.hits = POPULAR_HITS
    entry.compress()
    return fetch(cache, environ)


def request(application: Application, environ: Environ) -> Call:
    """Return a function that makes one request as a server does. Makes one now, to check that it works."""
    fetch(application, environ)

    def start_response(status: str, headers: Headers, *exc_info: Any) -> None:
        pass

    def call() -> None:
        body = application(environ.copy(), start_response)
        for _ in body:
            pass
        if close := getattr(body, "close", None):
            close()

    return call


def cpu_time(calls: Mapping[str, Call], *, batches: int = 10, batch: float = 0.1) -> dict[str, float]:
    """Return the CPU time of each call in µs. Batches of `batch` seconds alternate, so that load affects all alike."""
    sizes = {name: max(1, round(batch / _estimate(call))) for name, call in calls.items()}
    best = dict.fromkeys(calls, float("inf"))
    with _without_garbage_collection():
        for turn in range(batches):
            # In alternating order, so that no call always runs after the same one, which shares the CPU caches.
            for name, call in list(calls.items())[:: -1 if turn % 2 else 1]:
                gc.collect()
                call()
                best[name] = min(best[name], _time(call, sizes[name]) / sizes[name])
    return {name: seconds * 1e6 for name, seconds in best.items()}


def count_queries(call: Call) -> int:
    """Return the number of database queries of one call."""
    count = 0

    def wrapper(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    with connection.execute_wrapper(wrapper):
        call()
    return count


def _estimate(call: Call) -> float:
    """Return the approximate duration of a call in seconds, after one to warm up."""
    call()
    return max(_time(call, 1), 1e-6)


def _time(call: Call, times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        call()
    return time.process_time() - started


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Collect garbage between batches only, and exclude the objects that exist already."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
