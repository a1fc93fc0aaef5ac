"""Counting in memory and saving in batches, so that no page waits for the database."""

import atexit
import logging
from collections import deque
from collections.abc import Callable, Iterable, Sized
from threading import Event, Lock, Thread

from django.db import connection

logger = logging.getLogger(__name__)

# Seconds between two batches, and so the most that a crash can lose.
SAVE_INTERVAL = 5
# The number of items kept between two batches.
MAX_ITEMS = 200_000


class BatchCounter[Item, Sums: Sized]:
    """Counts the items of one process.

    `add` adds items to sums; it is called every few seconds, also without any. `save` adds sums to those in the
    database: all of them, or none if it raises.
    """

    def __init__(
        self,
        *,
        new: Callable[[], Sums],
        add: Callable[[Sums, Iterable[Item]], None],
        save: Callable[[Sums], None],
    ) -> None:
        self.new, self.add, self.save = new, add, save
        # Appending to a deque is atomic and takes no lock: `count(item)`.
        self._items: deque[Item] = deque(maxlen=MAX_ITEMS)
        self.count = self._items.append
        self.sums = new()
        self._saving = Lock()
        self._stopped = Event()
        self._thread: Thread | None = None
        self._enabled = False
        self._healthy = True

    def enable(self) -> None:
        """Save what this process counts from now on, and the rest when it ends."""
        if not self._enabled:
            self._enabled = True
            atexit.register(self.stop)

    def ensure_running(self) -> None:
        """Start the thread if it is not running. Called when the process serves: threads do not survive a fork."""
        if self._enabled and (self._thread is None or not self._thread.is_alive()):
            with self._saving:
                if self._thread is None or not self._thread.is_alive():
                    self._thread = Thread(target=self._run, name="batch-counter", daemon=True)
                    self._thread.start()

    def stop(self) -> None:
        """Save the rest."""
        self._stopped.set()
        self.flush()

    def flush(self) -> None:
        """Save everything counted so far. Raises nothing: what cannot be saved is kept for the next time."""
        with self._saving:
            try:
                self.add(self.sums, [self._items.popleft() for _ in range(len(self._items))])
                if self.sums:
                    self.save(self.sums)
                    self.sums = self.new()
                    self._healthy = True
            except Exception as error:  # noqa: BLE001 - no failure may affect a page or the exit of the process
                if self._healthy:
                    logger.warning("Counts cannot be saved and are kept for later: %s", error)
                self._healthy = False

    def _run(self) -> None:
        while not self._stopped.wait(SAVE_INTERVAL):
            self.flush()
            # The next batch may be far off, and the connection stale by then.
            connection.close()
