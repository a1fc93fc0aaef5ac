"""Before Django: what is sent is taken in whole before any work begins, and a few threads do the work.

The server's own threads are doors: many and cheap, they hold no database connection. So a slow sender
costs a door and never one of those who work, and only some of the doors are for senders.
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

DOORS = 16
# Each of them keeps a connection to the database.
THREADS = 4
SENDERS = 8
# Every so many seconds a body that is not complete must have come at this many bytes a second.
GRACE = 20
SLOWEST = 4 * 1024
CHUNK = 16 * 1024
IN_MEMORY = 512 * 1024

LATE = ("408 Request Timeout", "What you sent took too long to arrive. Nothing was changed: go back and send it again.")
CUT_OFF = ("400 Bad Request", "What you sent did not arrive whole. Nothing was changed: go back and send it again.")
BUSY = ("503 Service Unavailable", "Many are sending at this moment. Nothing was changed: send it again in a minute.")


class Reception:
    """Hands requests to `application` in one of `threads` threads; at most `senders` bodies arrive at a time."""

    def __init__(
        self, application: Application, *, threads: int = THREADS, senders: int = SENDERS, grace: float = GRACE
    ) -> None:
        self.application = application
        self.grace = grace
        self._workers = ThreadPoolExecutor(threads, thread_name_prefix="work")
        self._senders = BoundedSemaphore(senders)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        length = sent_length(environ)
        # What is too large is refused by Django, which reads none of it.
        if 0 < length <= settings.LARGEST_BODY:
            refusal = self.take_in(environ, length)
            if refusal is not None:
                return refuse(start_response, *refusal)
        return self._workers.submit(self.work, environ, start_response).result()

    def take_in(self, environ: Environ, length: int) -> tuple[str, str] | None:
        """Put the body into `environ` as a file. Returns what to say where it does not come."""
        if not self._senders.acquire(blocking=False):
            return BUSY
        try:
            body = Arrival(environ["wsgi.input"], length)
            if not body.waited_for(self.grace):
                return LATE
            if body.got != length:
                return CUT_OFF
            environ["wsgi.input"] = body.file
            return None
        finally:
            self._senders.release()

    def work(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        answer: Any = self.application(environ, start_response)
        if getattr(answer, "streaming", False) and not is_small(answer):
            return answer  # type: ignore[no-any-return]
        try:
            return [b"".join(answer)]
        finally:
            # Here, because it tidies up this thread's connection to the database.
            if callable(closing := getattr(answer, "close", None)):
                closing()


class Arrival:
    """A body on its way. A read cannot be broken off, so it happens in a thread that nobody has to wait for."""

    def __init__(self, source: Any, length: int) -> None:
        self.file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - it ends with the request
        self.got = 0
        self._ended = Event()
        Thread(target=self._receive, args=(source, length), daemon=True).start()

    def _receive(self, source: Any, length: int) -> None:
        try:
            while self.got < length and (chunk := source.read(min(CHUNK, length - self.got))):
                self.file.write(chunk)
                self.got += len(chunk)
            self.file.seek(0)
        except (OSError, ValueError):
            self.got = -1
        finally:
            self._ended.set()

    def waited_for(self, grace: float) -> bool:
        """True once nothing more comes; False where it comes too slowly, judged every `grace` seconds."""
        begun = time.monotonic()
        while not self._ended.wait(grace):
            if self.got < SLOWEST * (time.monotonic() - begun):
                return False
        return True


def is_small(answer: Any) -> bool:
    """True for a file that is better sent from memory than kept open for as long as its reader takes."""
    length = answer.headers.get("Content-Length", "")
    return length.isdecimal() and int(length) <= IN_MEMORY


def sent_length(environ: Environ) -> int:
    """The bytes that the sender announces; 0 where Django would read nothing."""
    if environ["REQUEST_METHOD"] in {"GET", "HEAD"}:
        return 0
    length = environ.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isdecimal() and len(length) < 16 else 0


def refuse(start_response: StartResponse, status: str, sentence: str) -> Iterator[bytes]:
    """Say no. To who is late one byte more is promised than comes, so the server has to break the connection off,
    and with it the read that waits: an answer in full would leave both open for as long as the sender likes."""
    headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(sentence) + (status == LATE[0]))),
        ("Cache-Control", "private, no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Retry-After", "60"),
        ("Connection", "close"),
    ]
    start_response(status, headers)
    return (part for part in [sentence.encode()])
