"""The publication as each process keeps it, so that a request needs no query for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakSet

from django.apps import apps
from django.conf import settings
from django.db import Error, transaction

from truthlytics.web.fragments import EVERY_PAGE
from truthlytics.web.generations import Generations, Stamp

if TYPE_CHECKING:
    from truthlytics.publication.models import Publication

# In seconds. A worker of background tasks hears of changes only from its own machine.
MAX_AGE = 60


class _Kept(NamedTuple):
    publication: "Publication"
    stamps: tuple[Stamp, ...]
    read_at: float


class _Change:
    """A change of the row. Until it is committed or rolled back, only the transaction refers to it."""

    def __call__(self) -> None:
        forget_publication()


_kept: _Kept | None = None
# While it has any, the row is read each time.
_uncommitted: WeakSet[_Change] = WeakSet()
# What a preview shows instead.
_previewed: ContextVar["Publication | None"] = ContextVar("previewed", default=None)


def get_publication() -> "Publication":
    """Return the publication, or an unsaved one with the defaults if none is stored. Do not change it: it is shared."""
    global _kept
    if (previewed := _previewed.get()) is not None:
        return previewed
    if _uncommitted:
        return _read()
    kept = _kept
    if kept is not None and _is_current(kept):
        return kept.publication
    stamps = _stamps()
    try:
        _kept = _Kept(_read(), stamps, monotonic())
    except Error:
        # The database is down. An old name is better than no page.
        if kept is None:
            raise
        return kept.publication
    return _kept.publication


@contextmanager
def preview_as(publication: "Publication") -> Iterator[None]:
    """Let pages rendered inside show `publication`. Nothing may be cached there."""
    token = _previewed.set(publication)
    try:
        yield
    finally:
        _previewed.reset(token)


def last_known() -> "Publication | None":
    """Return the publication as last read, without a query, for pages that report an error."""
    return _kept.publication if _kept else None


def forget_publication(**kwargs: object) -> None:
    """Read the row again with the next call. Also a handler of `post_migrate`."""
    global _kept
    _kept = None


def publication_changed() -> None:
    """Read the row again in this transaction, and in this process once it is committed."""
    change = _Change()
    _uncommitted.add(change)
    transaction.on_commit(change)


def _read() -> "Publication":
    model: type[Publication] = apps.get_model("truthlytics.Publication")
    return model.objects.first() or model()


@cache
def _generations() -> Generations:
    return Generations(settings.PAGE_CACHE_FILE)


def _stamps() -> tuple[Stamp, ...]:
    # Tests run in several processes with a database each, and must not disturb each other.
    if settings.TESTING:
        return ()
    generations = _generations()
    return generations.stamps([EVERY_PAGE], generations.cells)


def _is_current(kept: _Kept) -> bool:
    if settings.TESTING:
        return True
    if settings.PAGE_CACHE_MACHINES and monotonic() > kept.read_at + MAX_AGE:
        return False
    return _generations().are_current(kept.stamps)
