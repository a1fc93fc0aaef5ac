"""Cached pages in memory, limited in bytes. Pages that were not requested recently are evicted first."""

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from truthlytics.cache.compression import GZIP, Headers, compress_best, compress_fast
from truthlytics.web.generations import Stamp

OVERHEAD = 2048


class Entry:
    """A page, ready to be sent in every encoding."""

    __slots__ = (
        "encodings", "epoch", "etag", "expires", "failed", "headers", "hits", "last_hits", "next_change", "read_of",
        "size", "stamps", "status",
    )  # fmt: skip

    def __init__(
        self,
        status: str,
        headers: Headers,
        body: bytes,
        stamps: Sequence[Stamp],
        expires: float,
        read_of: int = 0,
        next_change: float = 0,
    ) -> None:
        self.status = status
        self.headers = tuple(headers)
        self.etag = hashlib.blake2b(body, digest_size=12).hexdigest()
        self.encodings = compress_fast(body, headers, self.etag)
        self.stamps = tuple(stamps)
        self.expires = expires
        # When it changes on schedule: a cache that learns of other changes may keep it until then.
        self.next_change = next_change
        # The id of the article that a visitor reads with this page; 0 if reads are not counted.
        self.read_of = read_of
        # The epoch in which the stamps were last found current.
        self.epoch = -1
        # The time and epoch in which rendering it again failed.
        self.failed: tuple[float, int] | None = None
        # The number of requests, and what it was when the store last looked for something to evict.
        self.hits = self.last_hits = 0
        self.size = len(body) + 2 * len(self.encodings[GZIP].body) + OVERHEAD

    def matches(self, condition: str) -> bool:
        """Return whether an If-None-Match header names this page, in any encoding."""
        return condition.strip() == "*" or self.etag in condition

    def compress(self) -> None:
        """Compress the page thoroughly; from now on that version is sent."""
        self.encodings = compress_best(self.encodings, self.headers, self.etag)


class Store:
    """Reads take no lock, writes take one."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        # The entry under a key, valid or not, or None.
        self.get = self._entries.get
        self._size = 0
        self._lock = Lock()

    def put(self, key: str, entry: Entry) -> None:
        with self._lock:
            self._remove(key)
            if entry.size > self.limit:
                return
            self._entries[key] = entry
            self._size += entry.size
            while self._size > self.limit:
                self._evict()

    def drop(self, key: str) -> None:
        with self._lock:
            self._remove(key)

    def _evict(self) -> None:
        """Evict the oldest entry, or move it to the end if it was requested since it was last looked at."""
        key = next(iter(self._entries))
        entry = self._entries[key]
        if entry.hits != entry.last_hits:
            entry.last_hits = entry.hits
            self._entries.move_to_end(key)
        else:
            self._remove(key)

    def _remove(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size
