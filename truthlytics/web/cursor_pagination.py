"""Pages of a dated list by cursor: page 900 costs what page 1 costs, and nothing is counted."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from truthlytics.web.ids import MAX_ID

NO_SUCH_PAGE = "This list has no such page."
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page[T]:
    """`items` of one page, newest first; `after` is the next page's cursor, "" on the last page."""

    items: list[T]
    after: str


def rising[T: Any](rows: QuerySet[T], *, after: str, size: int, number: str, tie: str) -> Page[T]:
    """One page of `rows` ordered by `number, tie`, smallest first; otherwise as `page`."""
    ordered = rows.order_by(number, tie)
    if after:
        reached, last = _unpack(after)
        ordered = ordered.filter(
            Q(**{f"{number}__gt": reached}) | Q(**{f"{tie}__gt": last}), **{f"{number}__gte": reached}
        )
    return _cut(list(ordered[: size + 1]), size, lambda row: _pack(_follow(row, number), _follow(row, tie)))


def page[T: Any](rows: QuerySet[T], *, after: str, size: int, time: str, tie: str) -> Page[T]:
    """One page of `rows` ordered by `-time, -tie`, going on behind the cursor `after` ("" = first page).

    Raises Http404 for a cursor that this function did not make.
    """
    ordered = rows.order_by(f"-{time}", f"-{tie}")
    if after:
        at, number = decode(after)
        ordered = first_of_all(ordered, Q(**{f"{time}__lt": at}) | Q(**{f"{tie}__lt": number}), **{f"{time}__lte": at})
    return _cut(list(ordered[: size + 1]), size, lambda row: encode(_follow(row, time), _follow(row, tie)))


def first_of_all[Rows: QuerySet[Any, Any]](rows: Rows, *conditions: Q, **more: Any) -> Rows:
    """`rows.filter(…)`, said before what was asked of `rows` already.

    Of two ends for one range (“by now” and “before this month”) SQLite takes the one that it reads first, and looks
    through everything between them.
    """
    before = len(rows.query.where.children)
    found = rows.filter(*conditions, **more)
    said = found.query.where.children
    said[:] = said[before:] + said[:before]
    return found


def encode(at: datetime, number: int) -> str:
    return _pack((at - EPOCH) // timedelta(microseconds=1), number)


def decode(cursor: str) -> tuple[datetime, int]:
    """The moment and the id in `cursor`; raises Http404 for anything else."""
    micros, number = _unpack(cursor)
    try:
        return EPOCH + timedelta(microseconds=micros), number
    except OverflowError as error:
        raise Http404(NO_SUCH_PAGE) from error


def _cut[T](found: list[T], size: int, cursor: Callable[[T], str]) -> Page[T]:
    return Page(found[:size], cursor(found[size - 1]) if len(found) > size else "")


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
        raise Http404(NO_SUCH_PAGE) from error


def _follow(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
