"""What an edition of the front page says: which place is filled by hand, and what else stands there. Pure.

Articles and sections are named by their uuids. A place that names no article, or one that readers may not see, is
filled with the newest of its section, or of everything.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

FEWEST, MOST = 2, 4
IN_A_ROW = 5
MOST_ROWS = 100


@dataclass(frozen=True, slots=True)
class Place:
    article: str = ""
    newest: str = ""


@dataclass(frozen=True, slots=True)
class RowPlan:
    """A section's row: `pieces` are the uuids of its places in order, "" for one that fills itself."""

    section: str
    shown: bool = True
    pieces: tuple[str, ...] = ("",) * IN_A_ROW

    def with_pieces(self, pieces: Iterable[str]) -> Self:
        """The same with these, as many as a row has places; the rest fill themselves."""
        first = [*pieces][:IN_A_ROW]
        return replace(self, pieces=(*first, *[""] * (IN_A_ROW - len(first))))


@dataclass(frozen=True, slots=True)
class Layout:
    """The keys of its places are "lead", "second-1" …, "voice" and "row-<section>-1" …, in reading order."""

    lead: Place = Place()
    seconds: tuple[Place, ...] = (Place(),) * FEWEST
    voice: Place = Place()
    rows: tuple[RowPlan, ...] = field(default=())

    def places(self) -> Iterator[tuple[str, Place]]:
        yield "lead", self.lead
        for number, second in enumerate(self.seconds, start=1):
            yield f"second-{number}", second
        yield "voice", self.voice
        for row in self.rows:
            for number, piece in enumerate(row.pieces, start=1):
                yield f"row-{row.section}-{number}", Place(piece, row.section)

    def named(self) -> frozenset[str]:
        """The articles that stand somewhere by hand, also those in rows that are hidden."""
        return frozenset(place.article for _, place in self.places() if place.article)

    def with_place(self, key: str, place: Place) -> Self:
        """The same with another `place` at `key`. Raises KeyError for a key that it does not have."""
        if key == "lead":
            return replace(self, lead=place)
        if key == "voice":
            return replace(self, voice=place)
        seconds, rows, known = list(self.seconds), list(self.rows), False
        for index in range(len(seconds)):
            if key == f"second-{index + 1}":
                seconds[index], known = place, True
        for at, row in enumerate(rows):
            for index in range(len(row.pieces)):
                if key == f"row-{row.section}-{index + 1}":
                    pieces = (*row.pieces[:index], place.article, *row.pieces[index + 1 :])
                    rows[at], known = replace(row, pieces=pieces), True
        if not known:
            raise KeyError(key)
        return replace(self, seconds=tuple(seconds), rows=tuple(rows))

    def with_rows_for(self, sections: Iterable[str]) -> Self:
        """The same with a row for each of `sections` and none else: new ones stand below, as the masthead has them."""
        there = list(sections)
        kept = [row for row in self.rows if row.section in there]
        new = [RowPlan(section) for section in there if section not in {row.section for row in kept}]
        return replace(self, rows=(*kept, *new))

    def dumped(self) -> str:
        """As text that `parse` reads; equal layouts give equal texts."""
        data = {
            "lead": _dumped(self.lead),
            "seconds": [_dumped(place) for place in self.seconds],
            "voice": _dumped(self.voice),
            "rows": [{"section": row.section, "shown": row.shown, "pieces": list(row.pieces)} for row in self.rows],
        }
        return json.dumps(data, sort_keys=True, separators=(",", ":"))


DEFAULT = Layout()


def parse(text: str) -> Layout:
    """The layout that `text` holds. Raises ValueError for anything that is none, or names an article twice."""
    try:
        data = json.loads(text)
        layout = Layout(
            lead=_place(data["lead"]),
            seconds=tuple(_place(place) for place in data["seconds"]),
            voice=_place(data["voice"]),
            rows=tuple(_row(row) for row in data["rows"]),
        )
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("This is no front page.") from error
    by_hand = [place.article for _, place in layout.places() if place.article]
    sections = [row.section for row in layout.rows]
    if not FEWEST <= len(layout.seconds) <= MOST or len(sections) > MOST_ROWS:
        raise ValueError("A front page does not have so many places.")
    if len(by_hand) != len(set(by_hand)) or len(sections) != len(set(sections)):
        raise ValueError("On a front page nothing stands twice.")
    return layout


def _dumped(place: Place) -> dict[str, str]:
    return {"article": place.article, "newest": place.newest}


def _place(data: Any) -> Place:
    return Place(_uuid(data["article"]), _uuid(data["newest"]))


def _row(data: Any) -> RowPlan:
    if not data["section"]:
        raise ValueError("A row belongs to a section.")
    row = RowPlan(_uuid(data["section"]), data["shown"] is True)
    return row.with_pieces(_uuid(piece) for piece in data["pieces"])


def _uuid(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError("A uuid is a text.")
    return str(UUID(text)) if text else ""
