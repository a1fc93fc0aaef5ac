"""Finding pages that Django takes long for. A fast request costs two looks at a clock.

A slow one is added to a total of its route in memory. A thread saves the totals some seconds later, so no request waits
for it. However many are slow, a process saves six times a minute.
"""

import logging
import time
from collections.abc import Callable
from threading import Lock, Timer

from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from truthlytics.monitoring.models import Slowness, SlowPage

logger = logging.getLogger(__name__)

# Seconds that a page may take.
SLOW = 1.0
# Seconds until totals are saved. A process that ends meanwhile loses them.
SAVE_AFTER = 10
# Different routes between two times of saving.
MAX_ROUTES = 100
UNKNOWN = "unknown"


class SlowPages:
    """The slow requests of this process."""

    def __init__(self) -> None:
        self.is_enabled = False
        self._found: dict[str, Slowness] = {}
        self._lock = Lock()

    def enable(self) -> None:
        """Save what is found in this process from now on."""
        self.is_enabled = True

    def add(self, route: str, milliseconds: int) -> None:
        with self._lock:
            is_first = not self._found
            if route in self._found or len(self._found) < MAX_ROUTES:
                self._found[route] = self._found.get(route, Slowness()).plus(milliseconds)
        if is_first:
            timer = Timer(SAVE_AFTER, self.save)
            timer.daemon = True
            timer.start()

    def save(self) -> None:
        """Save the totals. They are lost if that fails: the database has worse problems then."""
        with self._lock:
            found, self._found = self._found, {}
        try:
            SlowPage.objects.add(timezone.localdate(), found)
        except Exception as error:  # noqa: BLE001 - a database that is away ends no thread with a traceback
            logger.warning("Slow pages cannot be saved: %s", error)
        finally:
            connection.close()


# Those of this process. wsgi.py enables it.
SLOW_PAGES = SlowPages()


class SlowPagesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        if seconds >= SLOW and SLOW_PAGES.is_enabled:
            match = request.resolver_match
            SLOW_PAGES.add((match.view_name if match else "") or UNKNOWN, round(seconds * 1000))
        return response
