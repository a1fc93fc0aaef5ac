"""Pages in memory, bounded in bytes; the one that was not asked for longest goes first."""

import gzip
import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock

from .generations import Mark

Headers = list[tuple[str, str]]
OVERHEAD = 1024


@dataclass(frozen=True, slots=True)
class Entry:
    """One page, ready to be sent: bytes and their gzip, headers without those that depend on the encoding."""

    status: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    zipped: bytes
    etag: str
    marks: tuple[Mark, ...]
    expires: float

    @property
    def size(self) -> int:
        return len(self.body) + len(self.zipped) + OVERHEAD

    def answers(self, condition: str) -> bool:
        """True where If-None-Match names this page, in whatever encoding it was got."""
        return condition.strip() == "*" or self.etag in condition

    def encoded(self, *, zipped: bool) -> tuple[bytes, Headers]:
        body = self.zipped if zipped else self.body
        extra = [("Vary", "Accept-Encoding"), ("Content-Length", str(len(body)))]
        if zipped:
            extra.append(("Content-Encoding", "gzip"))
        return body, [*self.headers, *extra, ("ETag", f'"{self.etag}{"-gz" if zipped else ""}"')]


def make_entry(status: str, headers: Headers, body: bytes, marks: Sequence[Mark], expires: float) -> Entry:
    """Compress and digest once what will be sent many times."""
    etag = hashlib.blake2b(body, digest_size=12).hexdigest()
    return Entry(status, tuple(headers), body, gzip.compress(body, 6, mtime=0), etag, tuple(marks), expires)


class Store:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._size = 0
        self._lock = Lock()

    def get(self, key: str) -> Entry | None:
        """What is kept under `key`, good or not."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                self._entries.move_to_end(key)
            return entry

    def put(self, key: str, entry: Entry) -> None:
        with self._lock:
            self._take(key)
            if entry.size > self.limit:
                return
            self._entries[key] = entry
            self._size += entry.size
            while self._size > self.limit:
                self._take(next(iter(self._entries)))

    def drop(self, key: str) -> None:
        with self._lock:
            self._take(key)

    def _take(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._size -= entry.size
