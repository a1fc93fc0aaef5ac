"""Requests through the WSGI callable, and what they cost: CPU time of this process, the best of several batches."""

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
# As a person's browser says it: what it gets counts as read.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class NotMeasured(Exception):
    """A page did not answer as it must before its cost means anything."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: str
    headers: Headers
    body: bytes


def environ_of(address: str, **more: str) -> Environ:
    """What a server says of a GET of `address` (a path, with or without a query) by a browser without cookies."""
    path, _, query = address.partition("?")
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
        **more,
    }


def ask(application: Application, environ: Environ) -> Answer:
    """One whole request. Raises NotMeasured for anything but 200."""
    said: dict[str, Any] = {}

    def start(status: str, headers: Headers, *more: Any) -> None:
        said.update(status=status, headers=headers)

    body = application(dict(environ), start)
    try:
        answer = Answer(said["status"], said["headers"], b"".join(body))
    finally:
        if callable(close := getattr(body, "close", None)):
            close()
    if not answer.status.startswith("200"):
        raise NotMeasured(f"{environ['PATH_INFO']} answered {answer.status}.")
    return answer


def packed(cache: PageCache, environ: Environ) -> Answer:
    """What a reader gets once the page is popular, so that it was packed as tightly as can be."""
    ask(cache, environ)
    if (entry := cache.store.get(cache.keys.build(environ) or "")) is None:
        raise NotMeasured(f"{environ['PATH_INFO']} was not kept.")
    entry.hits = POPULAR_HITS
    entry.compress()
    return ask(cache, environ)


def caller(application: Application, environ: Environ) -> Callable[[], None]:
    """One request as a server makes it, with nothing around it; asked once here, so that it is known to answer."""
    ask(application, environ)

    def start(status: str, headers: Headers, *more: Any) -> None:
        pass

    def call() -> None:
        body = application(environ.copy(), start)
        for _ in body:
            pass
        if close := getattr(body, "close", None):
            close()

    return call


def cpu(calls: Mapping[str, Callable[[], None]], *, batches: int = 10, batch: float = 0.1) -> dict[str, float]:
    """CPU µs of each call. The batches (of `batch` seconds) take turns, so that a busy machine spoils no ratio."""
    sizes = {name: max(1, round(batch / _once(call))) for name, call in calls.items()}
    best = dict.fromkeys(calls, float("inf"))
    with _no_collection():
        for turn in range(batches):
            # To and fro: none always comes after the same other, which leaves the processor's caches to it.
            for name, call in list(calls.items())[:: -1 if turn % 2 else 1]:
                gc.collect()
                call()
                best[name] = min(best[name], _time(call, sizes[name]) / sizes[name])
    return {name: seconds * 1e6 for name, seconds in best.items()}


def queries(call: Callable[[], None]) -> int:
    """How many statements one call sends to the database."""
    sent = 0

    def count(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal sent
        sent += 1
        return execute(*args)

    with connection.execute_wrapper(count):
        call()
    return sent


def _once(call: Callable[[], None]) -> float:
    """Roughly what a call takes once it is warm."""
    call()
    return max(_time(call, 1), 1e-6)


def _time(call: Callable[[], None], times: int) -> float:
    begun = time.process_time()
    for _ in range(times):
        call()
    return time.process_time() - begun


@contextmanager
def _no_collection() -> Iterator[None]:
    """Garbage is taken away between batches only; what was there before is not looked through each time."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()
