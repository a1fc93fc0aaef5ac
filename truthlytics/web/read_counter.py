"""Counting how often articles are read: in memory, saved in batches, without cookies or anything about the reader.

A read is a page that a person opens. Not counted: programs that identify themselves (`is_browser`), prefetching, HEAD
requests, and 304 responses, because the visitor's copy was counted when it was sent.
"""

import atexit
import logging
import re
from collections import Counter, deque
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from http import HTTPStatus
from threading import Event, Lock, Thread

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

logger = logging.getLogger(__name__)

# Seconds between two batches, and so the most that a crash can lose.
SAVE_INTERVAL = 5
# The number of reads kept between two batches, and of totals (an article and a day) kept while they cannot be saved.
MAX_READS, MAX_TOTALS = 1_000_000, 50_000

# A response header for the page cache, with the id of the article that is read; and the key in the WSGI environ that
# tells Django that the page cache will count. Requests cannot set it: their headers become keys starting with HTTP_.
READ_OF = "X-Page-Read-Of"
COUNTED_BY_CACHE = "truthlytics.counted_by_cache"

_BOT = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|scanner|monitor|uptime|preview|fetch|archiv|validator|headless"
    r"|lighthouse|facebookexternalhit|whatsapp|embedly|feed|rss|podcast|curl|wget|python|java/|okhttp|go-http"
    r"|libwww-perl|http-?client|axios|ruby|perl/|php/|scrapy|postman",
    re.IGNORECASE,
)
_MAX_AGENT_LENGTH = 512

# The number of reads by day and id.
Totals = Mapping[tuple[date, int], int]


def read_of(response: HttpResponse, subject: int) -> HttpResponse:
    """Count each time a visitor gets `response` as a read of the article with the id `subject`."""
    response.read_of = subject  # type: ignore[attr-defined]
    return response


@lru_cache(512)
def is_browser(agent: str) -> bool:
    """Return whether a User-Agent may be a person's browser. An empty one is not."""
    return bool(agent) and _BOT.search(agent[:_MAX_AGENT_LENGTH]) is None


def is_read(environ: Mapping[str, object]) -> bool:
    """Return whether a GET request is made by a browser that shows the page now."""
    return (
        is_browser(environ.get("HTTP_USER_AGENT", ""))
        and "HTTP_SEC_PURPOSE" not in environ
        and "HTTP_PURPOSE" not in environ
    )


class ReadCounter:
    """The reads of one process. `save` adds totals to those in the database: all of them, or none if it raises."""

    def __init__(self, save: Callable[[Totals], None] | None = None) -> None:
        self.save = save
        # Appending to a deque is atomic and takes no lock: `count(subject)`.
        self._reads: deque[int] = deque(maxlen=MAX_READS)
        self.count = self._reads.append
        self._totals: Counter[tuple[date, int]] = Counter()
        self._saving = Lock()
        self._stopped = Event()
        self._thread: Thread | None = None
        self._enabled = False
        self._healthy = True

    def enable(self) -> None:
        """Save the reads of this process from now on, and the rest when it ends."""
        if not self._enabled:
            self._enabled = True
            atexit.register(self.stop)

    def ensure_running(self) -> None:
        """Start the thread if it is not running. Called when the process serves: threads do not survive a fork."""
        if self._enabled and (self._thread is None or not self._thread.is_alive()):
            with self._saving:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = Thread(target=self._run, name="read-counter", daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        """Save the rest."""
        self._stopped.set()
        self.flush()

    def flush(self) -> None:
        """Save everything counted so far. Raises nothing: what cannot be saved is kept for the next time."""
        with self._saving:
            self._add_reads(timezone.localdate())
            if not self._totals or self.save is None:
                return
            try:
                self.save(dict(self._totals))
            except Exception as error:  # noqa: BLE001 - no failure may affect a page or the exit of the process
                if self._healthy:
                    logger.warning("Read counts cannot be saved and are kept for later: %s", error)
                self._healthy = False
            else:
                self._totals.clear()
                self._healthy = True

    def _add_reads(self, today: date) -> None:
        reads = Counter(self._reads.popleft() for _ in range(len(self._reads)))
        for subject, count in reads.items():
            if (today, subject) in self._totals or len(self._totals) < MAX_TOTALS:
                self._totals[today, subject] += count

    def _run(self) -> None:
        while not self._stopped.wait(SAVE_INTERVAL):
            if self._reads or self._totals:
                self.flush()
                # The next batch may be far off, and the connection stale by then.
                connection.close()


# The counter of this process. signal_handlers.py sets `save`; wsgi.py enables it.
READ_COUNTER = ReadCounter()


class ReadCounterMiddleware:
    """Counts the pages that Django sends itself, and leaves those that the page cache stores to the page cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        subject = getattr(response, "read_of", None)
        if subject is None or response.status_code != HTTPStatus.OK:
            return response
        if COUNTED_BY_CACHE in request.META:
            response.headers[READ_OF] = str(subject)
        elif request.method == "GET" and is_read(request.META) and not is_staff(request):
            READ_COUNTER.count(subject)
            READ_COUNTER.ensure_running()
        return response


def is_staff(request: HttpRequest) -> bool:
    """Return whether the request is by a member of staff: those are not counted."""
    return bool(getattr(getattr(request, "user", None), "is_staff", False))
