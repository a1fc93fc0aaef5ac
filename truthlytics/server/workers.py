"""The threads that run Django: some for pages and others for changes, each with its own database connection.

SQLite lets one transaction write at a time. Changes that wait for it, or for a thread, never keep readers waiting,
because pages only read. A change that waits too long gets the page of `truthlytics.publication.unavailable`.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from threading import current_thread
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.http import HttpResponse

from truthlytics.publication.unavailable import SERVER_IS_BUSY
from truthlytics.server.body_buffer import MAX_IN_MEMORY, MAX_WAIT, SAFE_METHODS, Application, Environ, StartResponse

READ_THREADS, WRITE_THREADS = 4, 4
READER = "reader"
# Milliseconds that a page which has to write, such as a preview that counts its visitor, waits for SQLite's lock.
READER_LOCK_WAIT = 1000
# Python takes memory for the frames of calls from the system, 16 KB at a time, and gives it back as soon as they end. A
# page whose calls end at such a border again and again needs a fifth more time. With this many slots (of 8 bytes) the
# frame of `Workers.run` gets a block of 1 MB, and the other half of it has room for the calls of a page.
FRAME_SLOTS = 70_000


class Workers:
    """Runs `application`, pages in `readers` threads and all other requests in `writers` threads.

    A request that no writer takes within `max_wait` seconds is rejected.
    """

    def __init__(
        self,
        application: Application,
        *,
        readers: int = READ_THREADS,
        writers: int = WRITE_THREADS,
        max_wait: float = MAX_WAIT,
    ) -> None:
        self.application = application
        self.max_wait = max_wait
        self._readers = ThreadPoolExecutor(readers, READER)
        self._writers = ThreadPoolExecutor(writers, "writer")
        connection_created.connect(limit_lock_wait)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in SAFE_METHODS:
            return self._readers.submit(self.run, environ, start_response).result()
        change = self._writers.submit(self.run, environ, start_response)
        wait([change], timeout=self.max_wait)
        # False once it has started: then it is completed.
        if change.cancel():
            return self.reject(environ, start_response)
        return change.result()

    def reject(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let Django answer in this thread, which it does without the database."""
        try:
            return self.run(environ | {SERVER_IS_BUSY: True}, start_response)
        finally:
            connections.close_all()

    def run(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        response: Any = self.application(environ, start_response)
        if getattr(response, "streaming", False) and not is_small(response):
            return response  # type: ignore[no-any-return]
        try:
            return [b"".join(response)]
        finally:
            # In this thread, because it cleans up the thread's database connection.
            if callable(close := getattr(response, "close", None)):
                close()


Workers.run.__code__ = Workers.run.__code__.replace(co_stacksize=FRAME_SLOTS)


def is_small(response: HttpResponse) -> bool:
    """Return whether a streamed file is better sent from memory than kept open while the client reads it."""
    length = response.headers.get("Content-Length", "")
    return length.isdecimal() and int(length) <= MAX_IN_MEMORY


def limit_lock_wait(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
    """Let pages wait for SQLite's lock only briefly: few threads serve them."""
    if connection.vendor == "sqlite" and current_thread().name.startswith(READER):
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {READER_LOCK_WAIT}")
