"""The cached fragments of a process, and what the page being rendered depends on."""

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

from truthlytics.web.generations import Generations, Stamp

Key = tuple[str | int | bool | None, ...]
OVERHEAD = 512
# The tag of everything that is cached, for changes of the publication’s name, look or language.
EVERY_PAGE = "publication"


@dataclass(frozen=True, slots=True)
class CachedFragment:
    """`expires` is the time (seconds since the epoch) of the next scheduled change that could affect it."""

    value: Any
    tags: frozenset[str]
    stamps: tuple[Stamp, ...]
    expires: float
    size: int


@dataclass(slots=True)
class Dependencies:
    """What the page being rendered depends on: `tags` and `expires` accumulate with each fragment. Caches nothing."""

    tags: set[str] = field(default_factory=set)
    expires: float = float("inf")

    def fragment[T](self, key: Key, tags: Iterable[str], make: Callable[[], T]) -> T:
        self.tags.update(tags)
        return make()

    @contextmanager
    def nested(self, tags: Iterable[str] = ()) -> Iterator[set[str]]:
        """Collect the tags of what is made inside separately, starting with `tags`, then add them here as well."""
        outer, self.tags = self.tags, set(tags)
        try:
            yield self.tags
        finally:
            outer |= self.tags
            self.tags = outer


@dataclass(slots=True)
class CachingDependencies(Dependencies):
    """Serves fragments from the cache. Those made here are stamped with `snapshot`, from before the request began."""

    cache: "FragmentCache" = field(kw_only=True)
    snapshot: memoryview = field(kw_only=True)
    # How many fragments of the page were cached or not.
    hits: int = 0
    misses: int = 0
    next_change: Callable[[], datetime] = field(kw_only=True)

    def fragment[T](self, key: Key, tags: Iterable[str], make: Callable[[], T]) -> T:
        cached = self.cache.get(key)
        if cached is None:
            self.misses += 1
            cached = self._make(key, tags, make)
        else:
            self.hits += 1
        self.tags |= cached.tags
        self.expires = min(self.expires, cached.expires)
        value: T = cached.value
        return value

    def _make(self, key: Key, tags: Iterable[str], make: Callable[[], object]) -> CachedFragment:
        outer_expires, self.expires = self.expires, self.next_change().timestamp()
        try:
            with self.nested([EVERY_PAGE, *tags]) as own_tags:
                value = make()
            stamps = self.cache.generations.stamps(own_tags, self.snapshot)
            size = size_of(key) + size_of(value) + OVERHEAD
            cached = CachedFragment(value, frozenset(own_tags), stamps, self.expires, size)
        finally:
            self.expires = min(outer_expires, self.expires)
        self.cache.put(key, cached)
        return cached


caches: WeakSet["FragmentCache"] = WeakSet()
# The key of the request's environ with the dependencies of the page.
USED_FRAGMENTS = "truthlytics.used_fragments"
current: ContextVar[Dependencies | None] = ContextVar("dependencies", default=None)


class FragmentCache:
    """The cached fragments of this process, limited in bytes; the least recently used are dropped first."""

    def __init__(self, generations: Generations, limit: int) -> None:
        self.generations = generations
        self.limit = limit
        self._fragments: OrderedDict[Key, CachedFragment] = OrderedDict()
        self._size = 0
        self._lock = Lock()
        caches.add(self)

    @contextmanager
    def activate(self, next_change: Callable[[], datetime]) -> Iterator[CachingDependencies]:
        """Cache fragments inside this context. Enter it before the first query of the request.

        `next_change` returns the next time at which a page changes on schedule; it is called only to make a fragment.
        """
        dependencies = CachingDependencies(cache=self, snapshot=self.generations.snapshot(), next_change=next_change)
        token = current.set(dependencies)
        try:
            yield dependencies
        finally:
            current.reset(token)

    def get(self, key: Key) -> CachedFragment | None:
        """Return the fragment cached under `key` if it is still valid."""
        with self._lock:
            cached = self._fragments.get(key)
            if cached is not None:
                self._fragments.move_to_end(key)
        if cached is None or cached.expires <= time() or not self.generations.are_current(cached.stamps):
            return None
        return cached

    def put(self, key: Key, cached: CachedFragment) -> None:
        with self._lock:
            self._drop(key)
            if cached.size > self.limit:
                return
            self._fragments[key] = cached
            self._size += cached.size
            while self._size > self.limit:
                self._drop(next(iter(self._fragments)))

    def clear(self, keep: Collection[Key] = ()) -> None:
        with self._lock:
            for key in [key for key in self._fragments if key not in keep]:
                self._drop(key)

    def cached_keys(self) -> set[Key]:
        with self._lock:
            return set(self._fragments)

    def _drop(self, key: Key) -> None:
        cached = self._fragments.pop(key, None)
        if cached is not None:
            self._size -= cached.size


def size_of(value: object) -> int:
    """Return the approximate size of `value` in bytes."""
    inner = sum(size_of(item) for item in value) if isinstance(value, (tuple, frozenset)) else 0
    return sys.getsizeof(value) + inner
