"""Invalidation across machines that share a PostgreSQL database, within a second.

A change writes its tags to a table, and one thread on each machine polls for new rows. Row ids are assigned on insert
but rows become visible on commit, so polling for ids above the last one would miss slow transactions. Each row stores
its transaction id instead, and each poll also fetches the oldest transaction that was still open: the next poll starts
there and skips the rows it has already seen.

Transactions are numbered by the server. A standby that has taken over may not have the last ones and gives their
numbers to others; it has a new timeline (as PostgreSQL calls it), by which each machine notices and drops all pages.
"""

import fcntl
import logging
import time
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from threading import Lock, Thread
from typing import IO

from django.db import Error, connection

from truthlytics.cache.models import PageChange
from truthlytics.web.generations import Generations

logger = logging.getLogger(__name__)

POLL_INTERVAL = 0.5
RETENTION = timedelta(hours=1)
# After so many seconds without a poll a machine may have missed rows, and drops all of its pages.
MAX_GAP = RETENTION.total_seconds() / 2

INSERT = """
    INSERT INTO truthlytics_pagechange (machine, transaction, tags, made_at)
    VALUES (%s, pg_current_xact_id()::text::bigint, %s, now())
"""
POLL = """
    SELECT open, timeline, id, machine, tags
    FROM (
        SELECT
            pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS open,
            left(pg_walfile_name(pg_current_wal_lsn()), 8) AS timeline
    ) AS now
    LEFT JOIN truthlytics_pagechange ON transaction >= %s
"""
FROM_NOW_ON = 2**63 - 1


def publish(tags: Iterable[str], *, machine: int) -> None:
    """Announce to other machines that the current transaction invalidates `tags`."""
    with connection.cursor() as cursor:
        cursor.execute(INSERT, [machine, " ".join(tags)])


def delete_old(now: datetime) -> int:
    """Delete rows that every machine has had time to read; returns their number."""
    return PageChange.objects.filter(made_at__lt=now - RETENTION).delete()[0]


class RemoteInvalidation:
    """Applies the invalidations of other machines. One process per machine does; another one takes over if it ends."""

    def __init__(self, generations: Generations, path: Path) -> None:
        self.generations = generations
        self.path = path.with_name(f"{path.name}.follower")
        self._start_lock = Lock()
        self._thread: Thread | None = None
        self._since = FROM_NOW_ON
        self._timeline = ""
        self._seen: set[int] = set()
        self._polled_at = 0.0
        self._healthy = True

    def ensure_running(self) -> None:
        """Start the thread if it is not running. Called when the process serves: threads do not survive a fork."""
        if self._thread is None or not self._thread.is_alive():
            with self._start_lock:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = Thread(target=self.run, name="remote-invalidation", daemon=True)
                    self._thread.start()

    def run(self) -> None:
        with self.path.open("ab") as file:
            while not _lock(file):
                time.sleep(POLL_INTERVAL)
            while True:
                self.poll_safely()
                time.sleep(POLL_INTERVAL)

    def poll_safely(self) -> None:
        """Poll, and log only the first of several database errors."""
        try:
            self.poll()
            self._healthy = True
        except Error as error:
            connection.close()
            if self._healthy:
                logger.warning("Cannot read the invalidations of other machines: %s", error)
            self._healthy = False

    def poll(self) -> None:
        """Apply everything committed since the last poll. Raises database errors; nothing is missed then."""
        now, began = time.monotonic(), time.time()
        missed = self._since == FROM_NOW_ON or now - self._polled_at > MAX_GAP
        with connection.cursor() as cursor:
            cursor.execute(POLL, [FROM_NOW_ON if missed else self._since])
            rows = cursor.fetchall()
        oldest_open, timeline = rows[0][:2]
        # Another server: one that has taken over, or one with a restored backup.
        missed = missed or timeline != self._timeline or oldest_open < self._since
        own = self.generations.machine()
        changes = {pk: (machine, tags) for *_, pk, machine, tags in rows if pk is not None}
        new = [tags for pk, (machine, tags) in changes.items() if machine != own and pk not in self._seen]
        if missed:
            self.generations.bump_all()
        elif new:
            self.generations.bump(" ".join(new).split())
        self._since, self._timeline, self._polled_at, self._seen = oldest_open, timeline, now, set(changes)
        self.generations.set_followed_until(began)


def _lock(file: IO[bytes]) -> bool:
    """Return whether this process got the lock, which it holds until it ends."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
