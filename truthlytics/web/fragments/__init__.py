"""Fragment cache: parts of pages rendered once and kept in this process until something they show changes.

`fragment("name", key, make=function, tags=[…])` returns what `make` returns, cached under the key. Tags name what the
value depends on; changing such a thing invalidates the tag (truthlytics/cache/invalidation.py) and with it every
fragment and page that carries it. Tags that are known only after a look-up are added while it runs: `add_tags(…)`.
A fragment also depends on the fragments rendered inside it, and a page on all of its fragments.

Nothing is cached outside `FragmentCache.activate`, that is, outside GET requests of a site with a page cache.

docs/fragments.md explains how to use it.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager

from truthlytics.web.fragments.cache import (
    EVERY_PAGE,
    USED_FRAGMENTS,
    Dependencies,
    FragmentCache,
    Key,
    caches,
    current,
)

__all__ = [
    "EVERY_PAGE",
    "USED_FRAGMENTS",
    "FragmentCache",
    "add_tags",
    "bypass_fragment_cache",
    "cached_keys",
    "clear_fragments",
    "collect_dependencies",
    "fragment",
    "once",
]


def fragment[T](*key: str | int | bool | None, make: Callable[[], T], tags: Iterable[str] = ()) -> T:
    """Return what `make` returns, cached under `key` until one of its tags is invalidated.

    The key contains everything that distinguishes this value from others, and never a user. The value is shared
    between requests, so it must be immutable: text, or a tuple of it.
    """
    dependencies = current.get()
    return make() if dependencies is None else dependencies.fragment(key, tags, make)


def add_tags(*tags: str) -> None:
    """Make the fragment being rendered, and its page, depend on `tags`."""
    if (dependencies := current.get()) is not None:
        dependencies.tags.update(tags)


def once[T](make: Callable[[], T]) -> Callable[[], T]:
    """Return a function that calls `make` on first use and returns the same result each time.

    Every fragment that uses the result gets the tags that `make` added, whichever used it first.
    """
    results: list[tuple[T, frozenset[str]]] = []

    def get() -> T:
        if not results:
            dependencies = current.get() or Dependencies()
            with dependencies.nested() as tags:
                result = make()
            results.append((result, frozenset(tags)))
        result, added = results[0]
        add_tags(*added)
        return result

    return get


@contextmanager
def collect_dependencies() -> Iterator[Dependencies]:
    """Collect what the fragments used inside depend on, whether or not they are cached."""
    dependencies = current.get()
    if dependencies is not None:
        yield dependencies
        return
    token = current.set(dependencies := Dependencies())
    try:
        yield dependencies
    finally:
        current.reset(token)


@contextmanager
def bypass_fragment_cache() -> Iterator[None]:
    """Render without reading from or writing to the cache: for previews, which share keys with published pages."""
    token = current.set(None)
    try:
        yield
    finally:
        current.reset(token)


def clear_fragments(keep: Collection[Key] = ()) -> None:
    """Drop all fragments cached in this process except those under the keys `keep`."""
    for cache in tuple(caches):
        cache.clear(keep)


def cached_keys() -> set[Key]:
    """Return the keys of all fragments cached in this process."""
    return {key for cache in tuple(caches) for key in cache.cached_keys()}
