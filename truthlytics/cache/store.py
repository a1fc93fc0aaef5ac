"""Pages in memory, bounded in bytes; what nobody asked for since the last look goes first."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from truthlytics.cache.compression import GZIP, Headers, pack, repack
from truthlytics.web.generations import Mark

OVERHEAD = 2048


class Entry:
    """One page, ready to be sent in every coding."""

    __slots__ = (
        "epoch", "etag", "expires", "fell", "forms", "headers", "hits", "looked", "marks", "read_of", "size", "status",
    )  # fmt: skip

    def __init__(
        self, status: str, headers: Headers, body: bytes, marks: Sequence[Mark], expires: float, read_of: int = 0
    ) -> None:
        self.status = status
        self.headers = tuple(headers)
        self.etag = hashlib.blake2b(body, digest_size=12).hexdigest()
        self.forms = pack(body, headers, self.etag)
        self.marks = tuple(marks)
        self.expires = expires
        # What whoever gets it reads, by its id; 0 where nobody counts that.
        self.read_of = read_of
        # The epoch in which its marks were last found to hold.
        self.epoch = -1
        # When, and in which epoch, it could not be made anew.
        self.fell: tuple[float, int] | None = None
        # How often it was asked for, and what that was when the store last looked for something to forget.
        self.hits = self.looked = 0
        self.size = len(body) + 2 * len(self.forms[GZIP].body) + OVERHEAD

    def answers(self, condition: str) -> bool:
        """True where If-None-Match names this page, in whatever coding it was got."""
        return condition.strip() == "*" or self.etag in condition

    def squeeze(self) -> None:
        """Pack it as tightly as can be: from now on that is what is sent."""
        self.forms = repack(self.forms, self.headers, self.etag)


class Store:
    """Reading takes no lock; whoever writes holds one."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        # What is kept under a key, good or not; None where there is nothing.
        self.get = self._entries.get
        self._size = 0
        self._lock = Lock()

    def put(self, key: str, entry: Entry) -> None:
        with self._lock:
            self._take(key)
            if entry.size > self.limit:
                return
            self._entries[key] = entry
            self._size += entry.size
            while self._size > self.limit:
                self._forget_one()

    def drop(self, key: str) -> None:
        with self._lock:
            self._take(key)

    def _forget_one(self) -> None:
        """Whoever was asked for since the last look goes to the end of the line once more."""
        key = next(iter(self._entries))
        entry = self._entries[key]
        if entry.hits != entry.looked:
            entry.looked = entry.hits
            self._entries.move_to_end(key)
        else:
            self._take(key)

    def _take(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size
