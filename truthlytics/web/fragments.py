"""Pieces of pages, made once and kept in this process while nothing that they show has changed.

A page is made anew for many reasons, and most of what stands in it is the same as before. `fragment` keeps such a
piece under a key, knows the tags that it depends on, and asks the same generations as the page cache whether they
stand; whatever a page's fragments depend on, the page does. Nothing is kept outside of `Fragments.reading`.
"""

import sys
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from time import time
from typing import Any
from weakref import WeakSet

from truthlytics.web.generations import Generations, Mark

Key = tuple[str | int | bool | None, ...]
OVERHEAD = 512


@dataclass(frozen=True, slots=True)
class Kept:
    """`ends` is the time (seconds since the epoch) from which the clock may have made it untrue."""

    value: Any
    tags: frozenset[str]
    marks: tuple[Mark, ...]
    ends: float
    size: int


@dataclass(slots=True)
class Reading:
    """One request that reads: `tags` and `ends` grow with each fragment in its page, which depends on them too."""

    tags: set[str] = field(default_factory=set)
    ends: float = float("inf")

    def take[T](self, key: Key, tags: Iterable[str], make: Callable[[], T]) -> T:
        """Nothing is kept here."""
        self.tags.update(tags)
        return make()


@dataclass(slots=True)
class KeptReading(Reading):
    """What was not changed yet when the request began is all that its fragments vouch for."""

    fragments: "Fragments" = field(kw_only=True)
    snapshot: memoryview = field(kw_only=True)
    next_change: Callable[[], datetime] = field(kw_only=True)

    def take[T](self, key: Key, tags: Iterable[str], make: Callable[[], T]) -> T:
        kept = self.fragments.get(key)
        if kept is None:
            made: T = self.make(key, tags, make)
            return made
        self.tags |= kept.tags
        self.ends = min(self.ends, kept.ends)
        found: T = kept.value
        return found

    def make(self, key: Key, tags: Iterable[str], make: Callable[[], Any]) -> Any:
        """Make the piece, noting what it depends on itself and with the pieces inside of it."""
        around, until = self.tags, self.ends
        self.tags, self.ends = set(tags), self.next_change().timestamp()
        try:
            value = make()
            marks = self.fragments.generations.marks(self.tags, self.snapshot)
            size = weigh(key) + weigh(value) + OVERHEAD
            self.fragments.put(key, Kept(value, frozenset(self.tags), marks, self.ends, size))
        finally:
            self.tags, self.ends = around | self.tags, min(until, self.ends)
        return value


_stores: WeakSet["Fragments"] = WeakSet()
_reading: ContextVar[Reading | None] = ContextVar("reading", default=None)


class Fragments:
    """The store: bounded in bytes; what was not asked for longest goes first."""

    def __init__(self, generations: Generations, limit: int) -> None:
        self.generations = generations
        self.limit = limit
        self._kept: OrderedDict[Key, Kept] = OrderedDict()
        self._size = 0
        self._lock = Lock()
        _stores.add(self)

    @contextmanager
    def reading(self, next_change: Callable[[], datetime]) -> Iterator[Reading]:
        """Within it fragments are kept and taken. Open it before the first look at the database.

        `next_change` says until when the clock changes nothing; it is asked only where a fragment is made.
        """
        reading = KeptReading(fragments=self, snapshot=self.generations.snapshot(), next_change=next_change)
        token = _reading.set(reading)
        try:
            yield reading
        finally:
            _reading.reset(token)

    def get(self, key: Key) -> Kept | None:
        """What is kept under `key`, where it is still true."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None:
                self._kept.move_to_end(key)
        return kept if kept is not None and kept.ends > time() and self.generations.hold(kept.marks) else None

    def put(self, key: Key, kept: Kept) -> None:
        with self._lock:
            self._forget(key)
            if kept.size > self.limit:
                return
            self._kept[key] = kept
            self._size += kept.size
            while self._size > self.limit:
                self._forget(next(iter(self._kept)))

    def clear(self, but: Collection[Key] = ()) -> None:
        with self._lock:
            for key in [key for key in self._kept if key not in but]:
                self._forget(key)

    def held(self) -> set[Key]:
        with self._lock:
            return set(self._kept)

    def _forget(self, key: Key) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._size -= kept.size


def fragment[T](*key: str | int | bool | None, make: Callable[[], T], tags: Iterable[str] = ()) -> T:
    """What `make` returns, kept under `key` while `tags` stand and the clock changes nothing.

    The key names all that makes one piece differ from another, and never a person; the value is never changed by who
    gets it (text, or a frozen tuple of it). Outside of a reading it is made each time.
    """
    reading = _reading.get()
    return make() if reading is None else reading.take(key, tags, make)


def is_keeping() -> bool:
    """Whether what `fragment` makes is kept, so that it is worth asking for more than is drawn."""
    return isinstance(_reading.get(), KeptReading)


@contextmanager
def noting() -> Iterator[Reading]:
    """Know afterwards what the fragments made or taken within depend on, kept or not."""
    reading = _reading.get()
    if reading is not None:
        yield reading
        return
    token = _reading.set(reading := Reading())
    try:
        yield reading
    finally:
        _reading.reset(token)


@contextmanager
def apart() -> Iterator[None]:
    """Within it nothing is kept and nothing kept is taken: for what is made up, under the names of what is true."""
    token = _reading.set(None)
    try:
        yield
    finally:
        _reading.reset(token)


def mention(*tags: str) -> None:
    """Say that what is being made depends on `tags` too: for those known only once it was looked up."""
    if (reading := _reading.get()) is not None:
        reading.tags.update(tags)


def forget_all(but: Collection[Key] = ()) -> None:
    """Keep nothing of what this process has kept so far, `but` what stands under these keys."""
    for store in tuple(_stores):
        store.clear(but)


def kept_keys() -> set[Key]:
    """Under which keys this process keeps something."""
    return {key for store in tuple(_stores) for key in store.held()}


def weigh(value: Any) -> int:
    """Roughly how many bytes `value` takes."""
    inner = sum(weigh(one) for one in value) if isinstance(value, (tuple, frozenset)) else 0
    return sys.getsizeof(value) + inner
