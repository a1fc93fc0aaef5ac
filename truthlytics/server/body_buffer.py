"""Buffer request bodies before Django sees them, so that slow clients cannot occupy the worker threads.

The server's own I/O threads are cheap, start when they are needed and have no database connection. A body is read
completely in an I/O thread; only then does a worker thread run Django (see workers.py). A request keeps its place until
it is answered: this bounds the memory of the bodies that wait, and leaves a quarter of the I/O threads to pages.

Granian calls the application before the body has arrived. Measured with granian 2.8 and twenty clients that sent one
byte a second for six seconds: without this module another POST took 5.0 s, with it 0.006 s. nginx buffers bodies, but
Caddy only if configured, and Debian's version not at all.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Event, Thread
from typing import Any

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from truthlytics.publication.language import last_known_language
from truthlytics.web.body_limit import largest_body

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

IO_THREADS = 128
# Places for requests other than GET and HEAD, and for those of them with a large body.
MAX_CHANGES, MAX_UPLOADS = 96, 8
# In bytes: a larger body takes one of the places for uploads.
SMALL_BODY = 64 * 1024
# Seconds that an upload waits for its place.
MAX_WAIT = 15
# Every so many seconds, an incomplete body must have arrived at this average rate (bytes a second).
CHECK_INTERVAL = 20
MIN_RATE = 4 * 1024
CHUNK_SIZE = 16 * 1024
MAX_IN_MEMORY = 512 * 1024
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

TOO_SLOW = ("408 Request Timeout", _("Your request took too long to arrive. Nothing was changed. Try again."))
INCOMPLETE = ("400 Bad Request", _("Your request did not arrive completely. Nothing was changed. Try again."))
BUSY = ("503 Service Unavailable", _("The server is busy. Nothing was changed. Try again in a minute."))


class BodyBuffer:
    """Passes requests with their complete bodies to `application`."""

    def __init__(
        self,
        application: Application,
        *,
        max_changes: int = MAX_CHANGES,
        max_uploads: int = MAX_UPLOADS,
        max_wait: float = MAX_WAIT,
        check_interval: float = CHECK_INTERVAL,
    ) -> None:
        self.application = application
        self.max_wait = max_wait
        self.check_interval = check_interval
        self._changes = BoundedSemaphore(max_changes)
        self._uploads = BoundedSemaphore(max_uploads)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] in SAFE_METHODS:
            return self.application(environ, start_response)
        # Does not wait: each waiting request needs a thread.
        if not self._changes.acquire(blocking=False):
            return error_response(start_response, *BUSY)
        try:
            return self.pass_on(environ, start_response)
        finally:
            self._changes.release()

    def pass_on(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        length = content_length(environ)
        # Django rejects larger bodies, and does not read them. A proxy that is still sending one would not read the
        # answer, so those that it lets through are received and dropped.
        is_dropped = largest_body(environ) < length <= settings.LARGEST_UPLOAD
        if not 0 < length <= largest_body(environ) and not is_dropped:
            return self.application(environ, start_response)
        if length <= SMALL_BODY:
            return self.receive(environ, start_response, length)
        if not self._uploads.acquire(timeout=self.max_wait):
            return error_response(start_response, *BUSY)
        try:
            return self.receive(environ, start_response, length, is_dropped=is_dropped)
        finally:
            self._uploads.release()

    def receive(
        self, environ: Environ, start_response: StartResponse, length: int, *, is_dropped: bool = False
    ) -> Iterable[bytes]:
        """Replace the body in `environ` by a complete file, empty if it `is_dropped`, and run the application."""
        body = Upload(environ["wsgi.input"], length, is_dropped=is_dropped)
        if not body.wait(self.check_interval):
            return error_response(start_response, *TOO_SLOW)
        if body.received != length:
            return error_response(start_response, *INCOMPLETE)
        environ["wsgi.input"] = body.file
        return self.application(environ, start_response)


class Upload:
    """A request body that is being received, in a thread of its own, because a read cannot be interrupted."""

    def __init__(self, source: object, length: int, *, is_dropped: bool = False) -> None:
        self.is_dropped = is_dropped
        self.file = SpooledTemporaryFile(max_size=MAX_IN_MEMORY)  # noqa: SIM115 - closed with the request
        self.received = 0
        self._finished = Event()
        Thread(target=self._receive, args=(source, length), daemon=True).start()

    def _receive(self, source: Any, length: int) -> None:
        try:
            while self.received < length and (chunk := source.read(min(CHUNK_SIZE, length - self.received))):
                if not self.is_dropped:
                    self.file.write(chunk)
                self.received += len(chunk)
            self.file.seek(0)
        except (OSError, ValueError):
            self.received = -1
        finally:
            self._finished.set()

    def wait(self, check_interval: float) -> bool:
        """Wait for the end of the body. Returns False if it is too slow, checked every `check_interval` seconds."""
        started = time.monotonic()
        while not self._finished.wait(check_interval):
            if self.received < MIN_RATE * (time.monotonic() - started):
                return False
        return True


def content_length(environ: Environ) -> int:
    """Return the length of the request body in bytes."""
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() and len(length) < 16 else 0


def error_response(start_response: StartResponse, status: str, message: str) -> Iterator[bytes]:
    """Send an error and close the connection.

    To a client that is too slow, Content-Length promises one byte more than is sent. That makes the server abort the
    connection, and with it the pending read; after a complete response both would stay open as long as the client
    likes.
    """
    with last_known_language():
        body = gettext(message).encode()
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body) + (status == TOO_SLOW[0]))),
        ("Cache-Control", "private, no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Retry-After", "60"),
        ("Connection", "close"),
    ]
    start_response(status, headers)
    return (part for part in [body])
