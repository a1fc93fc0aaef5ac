"""Buffer request bodies before Django sees them, so that slow clients cannot occupy the worker threads.

The server's own I/O threads are cheap and have no database connection: there are 16 of them. A request body is read
completely in an I/O thread; only then does one of four worker threads run Django. A limited number of I/O threads
receives bodies, so that the others stay free for pages.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from tempfile import SpooledTemporaryFile
from threading import BoundedSemaphore, Event, Thread
from typing import Any

from django.conf import settings

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

IO_THREADS = 16
# Each has its own database connection.
WORKER_THREADS = 4
MAX_UPLOADS = 8
# Every so many seconds, an incomplete body must have arrived at this average rate (bytes a second).
CHECK_INTERVAL = 20
MIN_RATE = 4 * 1024
CHUNK_SIZE = 16 * 1024
MAX_IN_MEMORY = 512 * 1024

TOO_SLOW = ("408 Request Timeout", "Your request took too long to arrive. Nothing was changed. Please try again.")
INCOMPLETE = ("400 Bad Request", "Your request did not arrive completely. Nothing was changed. Please try again.")
BUSY = ("503 Service Unavailable", "The server is busy. Nothing was changed. Please try again in a minute.")


class BodyBuffer:
    """Runs `application` in a pool of `threads`; at most `max_uploads` request bodies are received at a time."""

    def __init__(
        self,
        application: Application,
        *,
        threads: int = WORKER_THREADS,
        max_uploads: int = MAX_UPLOADS,
        check_interval: float = CHECK_INTERVAL,
    ) -> None:
        self.application = application
        self.check_interval = check_interval
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="worker")
        self._uploads = BoundedSemaphore(max_uploads)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        length = content_length(environ)
        # Larger bodies are rejected by Django, which does not read them.
        if 0 < length <= settings.LARGEST_BODY:
            error = self.receive(environ, length)
            if error is not None:
                return error_response(start_response, *error)
        return self._workers.submit(self.run, environ, start_response).result()

    def receive(self, environ: Environ, length: int) -> tuple[str, str] | None:
        """Replace the body in `environ` by a complete file. Returns the status and message of an error, if any."""
        if not self._uploads.acquire(blocking=False):
            return BUSY
        try:
            body = Upload(environ["wsgi.input"], length)
            if not body.wait(self.check_interval):
                return TOO_SLOW
            if body.received != length:
                return INCOMPLETE
            environ["wsgi.input"] = body.file
            return None
        finally:
            self._uploads.release()

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


class Upload:
    """A request body that is being received, in a thread of its own, because a read cannot be interrupted."""

    def __init__(self, source: Any, length: int) -> None:
        self.file = SpooledTemporaryFile(max_size=MAX_IN_MEMORY)  # noqa: SIM115 - closed with the request
        self.received = 0
        self._finished = Event()
        Thread(target=self._receive, args=(source, length), daemon=True).start()

    def _receive(self, source: Any, length: int) -> None:
        try:
            while self.received < length and (chunk := source.read(min(CHUNK_SIZE, length - self.received))):
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


def is_small(response: Any) -> bool:
    """Return whether a streamed file is better sent from memory than kept open while the client reads it."""
    length = response.headers.get("Content-Length", "")
    return length.isdecimal() and int(length) <= MAX_IN_MEMORY


def content_length(environ: Environ) -> int:
    """Return the length of the request body in bytes; 0 where Django would not read one."""
    if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
        return 0
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() and len(length) < 16 else 0


def error_response(start_response: StartResponse, status: str, message: str) -> Iterator[bytes]:
    """Send an error and close the connection.

    To a client that is too slow, Content-Length promises one byte more than is sent. That makes the server abort the
    connection, and with it the pending read; after a complete response both would stay open as long as the client
    likes.
    """
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(message) + (status == TOO_SLOW[0]))),
        ("Cache-Control", "private, no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Retry-After", "60"),
        ("Connection", "close"),
    ]
    start_response(status, headers)
    return (part for part in [message.encode()])
