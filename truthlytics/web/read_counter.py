"""How often pages are read: counted in memory and handed on in batches. No cookie, no address, no person.

A read is one page that a reader opens and gets. Not counted are programs that say so of themselves (`is_reader`), pages
that a browser fetches ahead, HEAD, and 304: who asks whether their copy still stands has been counted with the copy.
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
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

log = logging.getLogger(__name__)

# Seconds between two batches: what a crash costs at most.
EVERY = 5
# So many reads are held between two batches, and so many numbers (a subject and a day) while they cannot be kept.
MOST_READS, MOST_NUMBERS = 1_000_000, 50_000

# What a page is a read of, said to the cache outside; and the mark in the environ by which that cache says that it will
# count. No request from outside can carry it: what visitors send begins with HTTP_.
READ_OF = "X-Page-Read-Of"
COUNTED_OUTSIDE = "truthlytics.counted_outside"

_PROGRAM = re.compile(
    r"(?<!cu)bot\b|bot[/;_-]|crawl|spider|slurp|scanner|monitor|uptime|preview|fetch|archiv|validator|headless"
    r"|lighthouse|facebookexternalhit|whatsapp|embedly|feed|rss|podcast|curl|wget|python|java/|okhttp|go-http"
    r"|libwww-perl|http-?client|axios|ruby|perl/|php/|scrapy|postman",
    re.IGNORECASE,
)
_LONGEST = 512

Numbers = Mapping[tuple[date, int], int]


def read_of(response: HttpResponse, subject: int) -> HttpResponse:
    """Note that whoever gets `response` reads the thing with the id `subject`."""
    response.read_of = subject  # type: ignore[attr-defined]
    return response


@lru_cache(512)
def is_reader(agent: str) -> bool:
    """Whether a User-Agent may be a person's browser. Who says nothing is none."""
    return bool(agent) and _PROGRAM.search(agent[:_LONGEST]) is None


def is_read(environ: Mapping[str, Any]) -> bool:
    """Whether what was asked is looked at by a reader now; the method is the caller's to judge."""
    return (
        is_reader(environ.get("HTTP_USER_AGENT", ""))
        and "HTTP_SEC_PURPOSE" not in environ
        and "HTTP_PURPOSE" not in environ
    )


class Reads:
    """One process's reads. `keep` takes numbers and adds them to what is there, all of them or (it raises) none."""

    def __init__(self, keep: Callable[[Numbers], None] | None = None) -> None:
        self.keep = keep
        # One step that no thread can come between, and nothing to wait for: `note(subject)`.
        self._noted: deque[int] = deque(maxlen=MOST_READS)
        self.note = self._noted.append
        self._waiting: Counter[tuple[date, int]] = Counter()
        self._flushing = Lock()
        self._end = Event()
        self._thread: Thread | None = None
        self._begun = False
        self._well = True

    def begin(self) -> None:
        """This process serves: hand on what it counts from now on, and what is left when it ends."""
        if not self._begun:
            self._begun = True
            atexit.register(self.end)

    def ensure(self) -> None:
        """Start to hand on; not before something is served, for a fork takes no thread along."""
        if self._begun and (self._thread is None or not self._thread.is_alive()):
            with self._flushing:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = Thread(target=self._run, name="reads", daemon=True)
                    self._thread.start()

    def end(self) -> None:
        """Hand on the rest."""
        self._end.set()
        self.flush()

    def flush(self) -> None:
        """Hand on all that was noted so far. Raises nothing: what cannot be kept now is held for the next time."""
        with self._flushing:
            self._collect(timezone.localdate())
            if not self._waiting or self.keep is None:
                return
            try:
                self.keep(dict(self._waiting))
            except Exception as error:  # noqa: BLE001 - whatever it is, no reader's page and no exit may suffer
                if self._well:
                    log.warning("Reads are held until the database can take them: %s", error)
                self._well = False
            else:
                self._waiting.clear()
                self._well = True

    def _collect(self, today: date) -> None:
        noted = Counter(self._noted.popleft() for _ in range(len(self._noted)))
        for subject, count in noted.items():
            if (today, subject) in self._waiting or len(self._waiting) < MOST_NUMBERS:
                self._waiting[today, subject] += count

    def _run(self) -> None:
        while not self._end.wait(EVERY):
            if self._noted or self._waiting:
                self.flush()
                # The next batch may be a while away, and the database another one by then.
                connection.close()


# This process's own. What keeps it is named in wiring; it begins where the site is served (truthlytics/wsgi.py).
READS = Reads()


class ReadsMiddleware:
    """Counts what Django itself hands to a reader; what the page cache keeps, it counts (COUNTED_OUTSIDE)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        subject = getattr(response, "read_of", None)
        if subject is None or response.status_code != HTTPStatus.OK:
            return response
        if COUNTED_OUTSIDE in request.META:
            response.headers[READ_OF] = str(subject)
        elif request.method == "GET" and is_read(request.META) and not is_staff(request):
            READS.note(subject)
            READS.ensure()
        return response


def is_staff(request: HttpRequest) -> bool:
    """Whether the newsroom looks at its own page."""
    return bool(getattr(getattr(request, "user", None), "is_staff", False))
