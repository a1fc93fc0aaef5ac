"""What surrounds an article: the parts before and after it in its series, and other pieces on what it is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Subquery

from articles.models import SeriesEntry, Version


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of its series a piece is, of how many; and the served parts next to it."""

    number: int
    of: int
    before: Version | None
    after: Version | None

    @property
    def versions(self) -> list[Version]:
        return [version for version in (self.before, self.after) if version]


def part_of_series(version: Version, now: datetime) -> Part | None:
    """The place of a served `version` in its series, in one query; None where it is in none.

    Readers know a part by the number that it was published with. A part that is not public yet leaves a gap: the
    next one is the nearest that can be read.
    """
    series = version.head.get("series")
    if not series:
        return None
    mine: int = series["part"]
    entries = SeriesEntry.objects.served(now).filter(series__slug=series["slug"])
    ends: list[Any] = [
        entries.filter(part__lt=mine).order_by("-part"),
        entries.filter(part__gt=mine).order_by("part"),
        entries.order_by("-part"),
    ]
    wanted = [Subquery(end.values("part")[:1]) for end in ends]
    found = list(entries.filter(part__in=wanted).order_by("part", "article_id"))
    before = [entry for entry in found if entry.part < mine]
    after = [entry for entry in found if entry.part > mine]
    return Part(
        number=mine,
        of=max([mine, *(entry.part for entry in found)]),
        before=before[-1].as_listed() if before else None,
        after=after[0].as_listed() if after else None,
    )
