"""Cursor pagination: page 900 costs as much as page 1, and nothing is counted."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Q, QuerySet
from django.http import Http404

from truthlytics.web.ids import MAX_ID

INVALID_CURSOR = "Invalid page cursor."
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page[T]:
    """`items` of one page, and `after`, the cursor of the next page ("" on the last page)."""

    items: list[T]
    after: str


def page_ascending[T: Any](rows: QuerySet[T], *, after: str, size: int, number: str, tie: str) -> Page[T]:
    """Return a page of `rows` ordered by `number, tie`. See `page` for the other arguments."""
    ordered = rows.order_by(number, tie)
    if after:
        last_number, last_id = _unpack(after)
        ordered = ordered.filter(
            Q(**{f"{number}__gt": last_number}) | Q(**{f"{tie}__gt": last_id}), **{f"{number}__gte": last_number}
        )
    return _cut(list(ordered[: size + 1]), size, lambda row: _pack(_follow(row, number), _follow(row, tie)))


def page[T: Any](
    rows: QuerySet[T], *, after: str, size: int, time: str, tie: str, then: Callable[[Any], Any] = lambda rows: rows
) -> Page[T]:
    """Return the page of `then(rows)`, ordered by `-time, -tie`, that follows the cursor `after` ("" for the first).

    `time` and `tie` are field lookups. Pass filters by the same `time`, such as "published by now", with `then`: if two
    filters limit the same range, SQLite looks up the first in its index and scans the rows in between.
    Raises Http404 for an invalid cursor.
    """
    if after:
        last_time, last_id = decode(after)
        rows = rows.filter(
            Q(**{f"{time}__lt": last_time}) | Q(**{f"{tie}__lt": last_id}), **{f"{time}__lte": last_time}
        )
    ordered = then(rows).order_by(f"-{time}", f"-{tie}")
    return _cut(list(ordered[: size + 1]), size, lambda row: encode(_follow(row, time), _follow(row, tie)))


def encode(time: datetime, number: int) -> str:
    return _pack((time - EPOCH) // timedelta(microseconds=1), number)


def decode(cursor: str) -> tuple[datetime, int]:
    """Return the time and the id in `cursor`. Raises Http404 if it is invalid."""
    microseconds, number = _unpack(cursor)
    try:
        return EPOCH + timedelta(microseconds=microseconds), number
    except OverflowError as error:
        raise Http404(INVALID_CURSOR) from error


def _cut[T](rows: list[T], size: int, cursor: Callable[[T], str]) -> Page[T]:
    return Page(rows[:size], cursor(rows[size - 1]) if len(rows) > size else "")


def _pack(first: int, second: int) -> str:
    return urlsafe_b64encode(f"{first:x}.{second:x}".encode()).decode().rstrip("=")


def _unpack(cursor: str) -> tuple[int, int]:
    try:
        text = urlsafe_b64decode(cursor.encode("ascii")[:64] + b"===").decode("ascii")
        first, second = (int(part, 16) for part in text.split("."))
        if not 0 <= second <= MAX_ID:
            raise ValueError
        return first, second
    except (ValueError, OverflowError) as error:
        raise Http404(INVALID_CURSOR) from error


def _follow(row: models.Model, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
