"""Who has opened an article today, in memory that the web processes of a machine share.

A person is a hash of address, agent and article. Its key is random and never written to a disk. At midnight the key and
all hashes are overwritten: after that, no one can tell who it was, or recognise a reader on the next day. The memory
has a fixed size, of which the machine provides only what is used.
"""

import fcntl
import hashlib
import mmap
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import Enum
from threading import Lock

# The environment variable with the descriptor of the memory, from the supervisor.
SEEN = "TRUTHLYTICS_SEEN"

# Places for those who were seen, four bytes each. With 1,000,000 people a day, most of whom read to the half, half of
# the places are used. When three quarters are, no one else is counted.
PLACES = 1 << 22
MAX_USED = PLACES * 3 // 4
# Counters of one byte, each shared by all with a hash that leads there: so many are never needed.
COUNTERS = 1 << 21
# People a day from one address: for an article, with one agent, and in all. A school or a company has few different
# agents; a script that changes its agent with each request has many.
PER_ARTICLE, PER_AGENT, PER_ADDRESS = 16, 100, 500

_HEADER, _KEY = 64, 32
# Where each table begins, and the size of all.
_ARTICLES = _HEADER + 4 * PLACES
_AGENTS = _ARTICLES + COUNTERS
_ADDRESSES = _AGENTS + COUNTERS
SIZE = _ADDRESSES + 2 * (COUNTERS // 8)


class Answer(Enum):
    NEW = "new"
    AGAIN = "again"
    ADDRESS = "address"
    FULL = "full"


class Seen:
    """The memory of this machine, or without a supervisor of this process.

    `elsewhere` is asked about each new person: whether another machine has seen them. `shared_key` returns the key of a
    day that all machines have in common.
    """

    def __init__(
        self,
        descriptor: int | None = None,
        *,
        elsewhere: Callable[[bytes], bool] = lambda person: False,
        shared_key: Callable[[date], bytes] = lambda day: secrets.token_bytes(_KEY),
    ) -> None:
        # It is of another size while a new version has replaced the processes, but not the supervisor.
        if descriptor is not None and os.fstat(descriptor).st_size != SIZE:
            descriptor = None
        self.descriptor, self.elsewhere, self.shared_key = descriptor, elsewhere, shared_key
        self.memory = mmap.mmap(-1 if descriptor is None else descriptor, SIZE)
        view = memoryview(self.memory)
        # The day, and how many places are used.
        self._header = view[:16].cast("Q")
        self._places = view[_HEADER:_ARTICLES].cast("I")
        self._articles, self._agents = view[_ARTICLES:_AGENTS], view[_AGENTS:_ADDRESSES]
        self._addresses = view[_ADDRESSES:SIZE].cast("H")
        self._lock = Lock()
        self._key = b""

    @contextmanager
    def on(self, day: date) -> Iterator[None]:
        """Keep other processes out, and forget everything if another day has begun."""
        with self._lock:
            if self.descriptor is not None:
                fcntl.lockf(self.descriptor, fcntl.LOCK_EX)
            try:
                if self._header[0] != day.toordinal():
                    self._forget(day)
                self._key = self.memory[16 : 16 + _KEY]
                yield
            finally:
                self._key = b""
                if self.descriptor is not None:
                    fcntl.lockf(self.descriptor, fcntl.LOCK_UN)

    def _forget(self, day: date) -> None:
        """Overwrite all hashes and the key with those of another day: none yet, and a new one."""
        key = self.shared_key(day)
        if self._header[0]:
            # Gives the memory back. It reads as zeros then.
            self.memory.madvise(mmap.MADV_REMOVE)
        self.memory[16 : 16 + _KEY] = key
        self._header[0] = day.toordinal()

    def open(self, address: str, agent: str, article: int) -> Answer:
        """Return whether a person opens an article for the first time today, or why they do not count."""
        person = self._hash(address, agent, article)
        if self._has(person[:8]):
            return Answer.AGAIN
        counters = (
            (self._articles, self._hash(address, article), PER_ARTICLE),
            (self._agents, self._hash(address, agent), PER_AGENT),
            (self._addresses, self._hash(address), PER_ADDRESS),
        )
        numbers = [(table, int.from_bytes(key[:8]) % len(table), limit) for table, key, limit in counters]
        if any(table[number] >= limit for table, number, limit in numbers):
            return Answer.ADDRESS
        if self._header[1] >= MAX_USED:
            return Answer.FULL
        for table, number, _limit in numbers:
            table[number] += 1
        self._put(person[:8])
        return Answer.AGAIN if self.elsewhere(person[:8]) else Answer.NEW

    def read_to_half(self, address: str, agent: str, article: int) -> bool:
        """Return whether a person who has opened an article reads to the half for the first time today."""
        half = self._hash(address, agent, article)[8:]
        if self._has(half) or self._header[1] >= MAX_USED:
            return False
        self._put(half)
        return not self.elsewhere(half)

    def brings_source(self, address: str, article: int) -> bool:
        """Return whether an address says for the first time today where it has found an article.

        Others may say anything with every new agent, and names of sources are shown to editors.
        """
        mark = self._hash(address, article, "source")[8:]
        if self._has(mark) or self._header[1] >= MAX_USED:
            return False
        self._put(mark)
        return True

    def _hash(self, *parts: object) -> bytes:
        text = "\0".join(map(str, parts)).encode(errors="replace")
        return hashlib.blake2b(text, key=self._key, digest_size=16).digest()

    def _find(self, mark: bytes) -> tuple[int, int]:
        """Return the place where a mark is or would be, and its value there: never 0, which is empty."""
        place, value = int.from_bytes(mark[:4]) % PLACES, int.from_bytes(mark[4:]) or 1
        while self._places[place] not in {0, value}:
            place = (place + 1) % PLACES
        return place, value

    def _has(self, mark: bytes) -> bool:
        place, value = self._find(mark)
        return self._places[place] == value

    def _put(self, mark: bytes) -> None:
        place, value = self._find(mark)
        self._places[place] = value
        self._header[1] += 1


def shared_memory() -> int:
    """Return a descriptor of memory for `Seen` that is no file, and that ends with the last process which has it."""
    descriptor = os.memfd_create("truthlytics-seen")
    os.ftruncate(descriptor, SIZE)
    return descriptor
