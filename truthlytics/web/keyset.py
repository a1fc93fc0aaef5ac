"""Pages of a dated list by cursor: page 900 costs what page 1 costs, and nothing is counted."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from truthlytics.web.ids import MAX_ID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page[T]:
    """`items` of one page, newest first; `after` is the next page's cursor, "" on the last page."""

    items: list[T]
    after: str


def page[T: Any](rows: QuerySet[T], *, after: str, size: int, time: str, tie: str) -> Page[T]:
    """One page of `rows` ordered by `-time, -tie`, going on behind the cursor `after` ("" = first page).

    Raises Http404 for a cursor that this function did not make.
    """
    ordered = rows.order_by(f"-{time}", f"-{tie}")
    if after:
        at, number = decode(after)
        ordered = ordered.filter(Q(**{f"{time}__lt": at}) | Q(**{f"{tie}__lt": number}), **{f"{time}__lte": at})
    found = list(ordered[: size + 1])
    if len(found) <= size:
        return Page(found, "")
    last = found[size - 1]
    return Page(found[:size], encode(_follow(last, time), _follow(last, tie)))


def encode(at: datetime, number: int) -> str:
    micros = (at - EPOCH) // timedelta(microseconds=1)
    return urlsafe_b64encode(f"{micros:x}.{number:x}".encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, int]:
    """The moment and the id in `cursor`; raises Http404 for anything else."""
    try:
        text = urlsafe_b64decode(cursor.encode("ascii")[:64] + b"===").decode("ascii")
        micros, number = (int(part, 16) for part in text.split("."))
        if micros < 0 or not 0 <= number <= MAX_ID:
            raise ValueError
        return EPOCH + timedelta(microseconds=micros), number
    except (ValueError, OverflowError) as error:
        raise Http404("This list has no such page.") from error


def _follow(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row
