"""Fetch the files of an import from hosts that the operator has named."""

import re
import socket
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import IO, NamedTuple, cast

from django.conf import settings

from articles.media.fetch import FetchError, fetch_into
from articles.media.renditions import MAX_BYTES
from truthlytics.contrib.importers.media.names import host_in
from truthlytics.web.public_http import Connect, Resolve, resolve_host

AT_A_TIME = 4
# In seconds: between two requests to a host, for one file, and the longest that a host may ask us to wait.
PAUSE, FILE_SECONDS, MAX_WAIT = 0.25, 60.0, 120.0
# How often `on_wait` is called.
STEP = 5.0
MAX_REDIRECTS = 3
# Tries of a file while its host asks to wait, and failed connections in a row after which a host is left alone.
TRIES, MAX_FAILURES = 3, 5
BUSY = {429, 503}
ACCEPT = "image/jpeg,image/png,image/webp,*/*;q=0.5"
_HOST = re.compile(r"(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9]")


class Fetched(NamedTuple):
    """A fetched file and its address; without a file, the reason as a phrase."""

    file: IO[bytes] | None
    url: str
    reason: str = ""


@dataclass
class _Host:
    """When the next request to a host may begin, and why it is left alone, if it is."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    next_at: float = 0.0
    failures: int = 0
    closed: str = ""


def valid_host(host: str) -> str:
    """Return `host`, such as `example.org` or `*.example.org`, in lower case. Raises ValueError."""
    star, name = ("*.", host[2:]) if host.startswith("*.") else ("", host)
    try:
        cleaned = star + name.strip().rstrip(".").lower().encode("idna").decode("ascii")
    except UnicodeError as error:
        raise ValueError(host) from error
    if not _HOST.fullmatch(cleaned):
        raise ValueError(host)
    return cleaned


class MediaHosts:
    """Fetches files from `hosts` only, each a name or `*.name`, which represents all names below it."""

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        resolve: Resolve = resolve_host,
        connect: Connect = socket.create_connection,
        sleep: Callable[[float], object] = time.sleep,
        pause: float = PAUSE,
        accept: str = ACCEPT,
        max_bytes: int | None = None,
    ) -> None:
        self.hosts, self.accept, self.max_bytes = hosts, accept, max_bytes
        self.resolve, self.connect, self.sleep, self.pause = resolve, connect, sleep, pause
        self._states: dict[str, _Host] = {}
        self._lock = threading.Lock()

    def allows(self, host: str) -> bool:
        return any(host.endswith(name[1:]) if name.startswith("*.") else host == name for name in self.hosts)

    def allowed(self, urls: Iterable[str]) -> list[str]:
        return [url for url in urls if self.allows(host_in(url))]

    def fetch_all(
        self, wanted: Iterable[tuple[str, Sequence[str]]], on_wait: Callable[[], None]
    ) -> Iterator[tuple[str, Fetched]]:
        """Yield each key in `wanted` with the first of its addresses that has a file; four are fetched at a time.

        `on_wait` is called every few seconds.
        """
        with ThreadPoolExecutor(AT_A_TIME, thread_name_prefix="media") as executor:
            running: deque[tuple[str, Future[Fetched]]] = deque()
            waiting = iter(wanted)
            while True:
                for key, urls in islice(waiting, AT_A_TIME - len(running)):
                    running.append((key, executor.submit(self.fetch, urls)))
                if not running:
                    return
                key, future = running.popleft()
                yield key, _result(future, on_wait)

    def fetch(self, urls: Sequence[str]) -> Fetched:
        """Fetch the first of `urls` that has a file. The caller closes it."""
        reason = "no address"
        for url in self.allowed(urls):
            with ExitStack() as stack:
                file = cast(IO[bytes], stack.enter_context(tempfile.TemporaryFile()))
                try:
                    self._fetch(url, file)
                except FetchError as error:
                    reason = str(error) or "failed"
                    continue
                stack.pop_all()  # The caller closes it.
                file.seek(0)
                return Fetched(file, url)
        return Fetched(None, urls[0] if urls else "", reason)

    def _fetch(self, url: str, file: IO[bytes]) -> None:
        host = self._state(host_in(url))
        for attempt in range(1, TRIES + 1):
            self._wait_for_turn(host)
            try:
                fetch_into(
                    file,
                    url,
                    user_agent=f"site-import (+{settings.SITE_URL}/)",
                    max_bytes=self.max_bytes or MAX_BYTES,
                    resolve=self.resolve,
                    connect=self.connect,
                    accept=self.accept,
                    seconds=FILE_SECONDS,
                    redirects=MAX_REDIRECTS,
                    is_allowed=self.allows,
                )
            except FetchError as error:
                if error.status in BUSY:
                    self._slow_down(host, error)
                    if attempt < TRIES and not host.closed:
                        continue
                elif isinstance(error.__cause__, OSError):
                    self._note_failure(host)
                raise
            host.failures = 0
            return

    def _state(self, name: str) -> _Host:
        with self._lock:
            return self._states.setdefault(name, _Host())

    def _wait_for_turn(self, host: _Host) -> None:
        with host.lock:
            if host.closed:
                raise FetchError(host.closed)
            start = max(time.monotonic(), host.next_at)
            host.next_at = start + self.pause
        if (seconds := start - time.monotonic()) > 0:
            self.sleep(seconds)

    def _slow_down(self, host: _Host, error: FetchError) -> None:
        """Wait as long as the host asks for, or leave it alone if that is too long."""
        seconds = _seconds_of(error.retry_after)
        with host.lock:
            if seconds > MAX_WAIT:
                host.closed = f"{error}, the host asks to come back later"
            host.next_at = max(host.next_at, time.monotonic() + seconds)

    def _note_failure(self, host: _Host) -> None:
        with host.lock:
            host.failures += 1
            if host.failures >= MAX_FAILURES:
                host.closed = "the host does not answer"


def _result(future: Future[Fetched], on_wait: Callable[[], None]) -> Fetched:
    while True:
        on_wait()
        if wait([future], timeout=STEP).done:
            return future.result()


def _seconds_of(retry_after: str) -> float:
    """Return the seconds in a `Retry-After` header, which has a number or a date; some seconds if it has neither."""
    if retry_after.strip().isdecimal():
        return float(retry_after.strip()[:9])
    with suppress(ValueError, TypeError, OverflowError):
        at = parsedate_to_datetime(retry_after)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())
    return 5.0
