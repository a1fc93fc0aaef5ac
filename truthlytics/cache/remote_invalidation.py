"""Several machines, one PostgreSQL database: what was changed on one is known to the others within a second.

Whoever changes something writes its tags into a narrow table; one thread of each machine asks for what is new. Rows are
numbered when they are written and seen when they are committed, so "newer than the last one" would miss what took
longer. Each row carries the number of its transaction instead, and each question is answered together with the oldest
transaction that was still open: the next one begins there, and leaves out what it has seen.
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

from truthlytics.models import PageChange
from truthlytics.web.generations import Generations

log = logging.getLogger(__name__)

# Seconds between two questions: a change is to be known within one.
EVERY = 0.5
KEPT = timedelta(hours=1)
# Whoever could not ask for so many seconds may have missed something, and forgets all pages.
LOST = KEPT.total_seconds() / 2

TELL = """
    INSERT INTO truthlytics_pagechange (machine, transaction, tags, made_at)
    VALUES (%s, pg_current_xact_id()::text::bigint, %s, now())
"""
ASK = """
    SELECT open, id, machine, tags
    FROM (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS open) AS now
    LEFT JOIN truthlytics_pagechange ON transaction >= %s
"""
FROM_NOW = 2**63 - 1


def tell(tags: Iterable[str], *, machine: int) -> None:
    """Write down that what `tags` stand for changes with this transaction."""
    with connection.cursor() as cursor:
        cursor.execute(TELL, [machine, " ".join(tags)])


def forget_old(now: datetime) -> int:
    """Remove what every machine has heard of long ago; returns how many rows."""
    return PageChange.objects.filter(made_at__lt=now - KEPT).delete()[0]


class Follower:
    """Hears what other machines change. One process of this machine does; another takes over when it ends."""

    def __init__(self, generations: Generations, path: Path) -> None:
        self.generations = generations
        self.path = path.with_name(f"{path.name}.follower")
        self._start = Lock()
        self._thread: Thread | None = None
        self._since = FROM_NOW
        self._seen: set[int] = set()
        self._asked = 0.0
        self._well = True

    def ensure(self) -> None:
        """Start to follow, unless this process does already; not before it serves, for a fork takes no thread along."""
        if self._thread is None or not self._thread.is_alive():
            with self._start:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = Thread(target=self.run, name="page-follower", daemon=True)
                    self._thread.start()

    def run(self) -> None:
        with self.path.open("ab") as file:
            while not _locked(file):
                time.sleep(EVERY)
            while True:
                self.ask_if_well()
                time.sleep(EVERY)

    def ask_if_well(self) -> None:
        """Said once when the database goes away, not twice a second."""
        try:
            self.ask()
            self._well = True
        except Error as error:
            connection.close()
            if self._well:
                log.warning("Cannot hear what other machines change: %s", error)
            self._well = False

    def ask(self) -> None:
        """Hear what was committed since the last question. Raises what the database raises; nothing is missed then."""
        now = time.monotonic()
        lost = self._since == FROM_NOW or now - self._asked > LOST
        with connection.cursor() as cursor:
            cursor.execute(ASK, [FROM_NOW if lost else self._since])
            rows = cursor.fetchall()
        own = self.generations.machine()
        told = {pk: (machine, tags) for _, pk, machine, tags in rows if pk is not None}
        new = [tags for pk, (machine, tags) in told.items() if machine != own and pk not in self._seen]
        if lost:
            self.generations.bump_all()
        elif new:
            self.generations.bump(" ".join(new).split())
        self._since, self._asked, self._seen = rows[0][0], now, set(told)


def _locked(file: IO[bytes]) -> bool:
    """Whether this process is the one of the machine that follows; the lock ends with it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
