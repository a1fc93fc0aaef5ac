"""Counting what crawlers fetch: in memory, saved in batches by a thread, so that no request waits for it."""

import atexit
import logging
from threading import Lock, Timer

from django.db import connection
from django.utils import timezone

from truthlytics.crawlers.models import CrawlerDay, Fetched

logger = logging.getLogger(__name__)

# Seconds until numbers are saved. A process that is killed meanwhile loses them.
SAVE_AFTER = 10
# Different names between two times of saving. They come from lists, never from a request.
MAX_NAMES = 500


class CrawlerCounter:
    """The requests of crawlers to this process."""

    def __init__(self) -> None:
        self.is_enabled = False
        self._found: dict[str, Fetched] = {}
        self._lock = Lock()

    def enable(self) -> None:
        """Save the numbers of this process from now on, and the rest when it ends."""
        if not self.is_enabled:
            self.is_enabled = True
            atexit.register(self.save)

    def add(self, name: str, fetched: Fetched) -> None:
        if not self.is_enabled:
            return
        with self._lock:
            is_first = not self._found
            if name in self._found or len(self._found) < MAX_NAMES:
                self._found[name] = self._found.get(name, Fetched()).plus(fetched)
        if is_first:
            timer = Timer(SAVE_AFTER, self.save)
            timer.daemon = True
            timer.start()

    def save(self) -> None:
        """Save the numbers. They are lost if that fails: the database has worse problems then."""
        with self._lock:
            found, self._found = self._found, {}
        if not found:
            return
        try:
            CrawlerDay.objects.add(timezone.localdate(), found)
        except Exception as error:  # noqa: BLE001 - a database that is away ends no thread with a traceback
            logger.warning("What crawlers have fetched cannot be saved: %s", error)
        finally:
            connection.close()


# That of this process. wsgi.py enables it.
CRAWLER_COUNTER = CrawlerCounter()
