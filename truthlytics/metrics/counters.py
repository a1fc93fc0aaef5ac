"""What a web process counts, in files that every other one can read."""

import logging
import os
from functools import lru_cache

from django.conf import settings
from django.urls import Resolver404, resolve
from prometheus_client import Counter, Histogram
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector

from truthlytics.compat import count_in_files
from truthlytics.metrics import slots

logger = logging.getLogger(__name__)

# Other methods are counted together: a client can invent as many as it likes.
METHODS = frozenset({"GET", "HEAD", "POST"})
STATIC, UNKNOWN, OTHER = "static", "unknown", "other"
# Whether the page cache had the answer, whether it asked Django for it and may keep it, or is not concerned.
HIT, MISS, NONE = "hit", "miss", "none"
# Characters of a path. No page has a longer one.
MAX_PATH = 500
# In seconds.
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)


class Counters:
    """The counters of this process. If there is no space for its files, it counts for itself, and logs why."""

    def __init__(self) -> None:
        try:
            slots.slot_of(os.getpid())
        except OSError as error:
            logger.warning("What this process answers is not in the metrics: %s.", error)
        else:
            count_in_files(slots.folder(), lambda: slots.slot_of(os.getpid()))
        self.requests = Counter(
            "truthlytics_requests",
            "Requests that were answered, by the name of their route.",
            ["route", "method", "status", "page_cache"],
            registry=None,
        )
        self.seconds = Histogram(
            "truthlytics_request_seconds",
            "Time that Django took for an answer which the page cache did not have, with waiting for a thread.",
            ["route"],
            buckets=BUCKETS,
            registry=None,
        )
        fragments = Counter(
            "truthlytics_fragments", "Parts of pages that were in the fragment cache or not.", ["result"], registry=None
        )
        self.fragment_hits, self.fragment_misses = fragments.labels(HIT), fragments.labels(MISS)
        # Faster than `labels` for the same values again and again.
        self._requests: dict[tuple[str, str, str, str], Counter] = {}

    def count_request(self, path: str, method: str, status: str, page_cache: str) -> None:
        key = (route_of(path), method if method in METHODS else OTHER, status, page_cache)
        counter = self._requests.get(key)
        if counter is None:
            counter = self._requests[key] = self.requests.labels(*key)
        counter.inc()

    def observe(self, path: str, seconds: float) -> None:
        self.seconds.labels(route_of(path)).observe(seconds)

    def count_fragments(self, hits: int, misses: int) -> None:
        self.fragment_hits.inc(hits)
        self.fragment_misses.inc(misses)


def route_of(path: str) -> str:
    """Return the name of the route that a path leads to. There are as many names as routes, and no path is one."""
    return UNKNOWN if len(path) > MAX_PATH else _route_of(path)


@lru_cache(4096)
def _route_of(path: str) -> str:
    try:
        return resolve(path).view_name or UNKNOWN
    except Resolver404:
        return STATIC if path.startswith(settings.STATIC_URL) else UNKNOWN


def collect() -> list[Metric]:
    """Return what all processes of this machine have counted."""
    collector = MultiProcessCollector(None, str(slots.folder()))  # type: ignore[no-untyped-call]
    return list(collector.collect())  # type: ignore[no-untyped-call]
