"""Front page layout: the articles that editors placed and the order of the section rows. Pure.

Articles and sections are referenced by UUID. A place without an article, or with one that readers may not see, is
filled with the newest article of its section, or of all sections.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

MIN_SECONDARY, MAX_SECONDARY = 2, 4
ROW_LENGTH = 5
MAX_ROWS = 100


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the front page: the UUID of its `article`, or of the section to take the `newest` article of."""

    article: str = ""
    newest: str = ""


@dataclass(frozen=True, slots=True)
class RowLayout:
    """The row of a section. `articles` are the UUIDs of its places in order, "" for an automatic place."""

    section: str
    shown: bool = True
    articles: tuple[str, ...] = ("",) * ROW_LENGTH

    def with_articles(self, articles: Iterable[str]) -> Self:
        """Return a copy with the first of `articles` that fit; the remaining places are automatic."""
        first = [*articles][:ROW_LENGTH]
        return replace(self, articles=(*first, *[""] * (ROW_LENGTH - len(first))))


@dataclass(frozen=True, slots=True)
class Layout:
    """Layout of the front page.

    The keys of its places are "lead", "second-1" …, "voice" (opinion) and "row-<section>-1" …, in reading
    order. `record` is whether the figures of the month are shown.
    """

    lead: Place = Place()
    secondary: tuple[Place, ...] = (Place(),) * MIN_SECONDARY
    opinion: Place = Place()
    rows: tuple[RowLayout, ...] = field(default=())
    record: bool = True

    def places(self) -> Iterator[tuple[str, Place]]:
        """Iterate over the keys and places in reading order."""
        yield "lead", self.lead
        for number, place in enumerate(self.secondary, start=1):
            yield f"second-{number}", place
        yield "voice", self.opinion
        for row in self.rows:
            for number, article in enumerate(row.articles, start=1):
                yield f"row-{row.section}-{number}", Place(article, row.section)

    def placed_articles(self) -> frozenset[str]:
        """Return the UUIDs of the articles that editors placed, including those in hidden rows."""
        return frozenset(place.article for _, place in self.places() if place.article)

    def with_place(self, key: str, place: Place) -> Self:
        """Return a copy with `place` at `key`. Raises KeyError for an unknown key."""
        if key == "lead":
            return replace(self, lead=place)
        if key == "voice":
            return replace(self, opinion=place)
        secondary, rows, known = list(self.secondary), list(self.rows), False
        for index in range(len(secondary)):
            if key == f"second-{index + 1}":
                secondary[index], known = place, True
        for row_index, row in enumerate(rows):
            for index in range(len(row.articles)):
                if key == f"row-{row.section}-{index + 1}":
                    articles = (*row.articles[:index], place.article, *row.articles[index + 1 :])
                    rows[row_index], known = replace(row, articles=articles), True
        if not known:
            raise KeyError(key)
        return replace(self, secondary=tuple(secondary), rows=tuple(rows))

    def with_rows_for(self, sections: Iterable[str]) -> Self:
        """Return a copy with exactly one row for each of `sections`; new rows are appended in the given order."""
        sections = list(sections)
        existing = [row for row in self.rows if row.section in sections]
        new = [RowLayout(section) for section in sections if section not in {row.section for row in existing}]
        return replace(self, rows=(*existing, *new))

    def dumps(self) -> str:
        """Serialise to JSON for `parse`. Equal layouts give equal strings."""
        data: dict[str, object] = {
            "lead": _dump_place(self.lead),
            "seconds": [_dump_place(place) for place in self.secondary],
            "voice": _dump_place(self.opinion),
            "rows": [{"section": row.section, "shown": row.shown, "pieces": list(row.articles)} for row in self.rows],
        }
        if not self.record:  # older layouts do not have this key
            data["record"] = False
        return json.dumps(data, sort_keys=True, separators=(",", ":"))


DEFAULT = Layout()


def parse(text: str) -> Layout:
    """Parse the JSON of `Layout.dumps`. Raises ValueError if it is invalid or places an article twice."""
    try:
        data = json.loads(text)
        layout = Layout(
            lead=_parse_place(data["lead"]),
            secondary=tuple(_parse_place(place) for place in data["seconds"]),
            opinion=_parse_place(data["voice"]),
            rows=tuple(_parse_row(row) for row in data["rows"]),
            record=data.get("record", True) is not False,
        )
    except (TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ValueError("Invalid front page layout.") from error
    articles = [place.article for _, place in layout.places() if place.article]
    sections = [row.section for row in layout.rows]
    if not MIN_SECONDARY <= len(layout.secondary) <= MAX_SECONDARY or len(sections) > MAX_ROWS:
        raise ValueError("Invalid number of places.")
    if len(articles) != len(set(articles)) or len(sections) != len(set(sections)):
        raise ValueError("An article or section was placed twice.")
    return layout


def _dump_place(place: Place) -> dict[str, str]:
    return {"article": place.article, "newest": place.newest}


def _parse_place(data: Any) -> Place:
    return Place(_parse_uuid(data["article"]), _parse_uuid(data["newest"]))


def _parse_row(data: Any) -> RowLayout:
    if not data["section"]:
        raise ValueError("A row needs a section.")
    row = RowLayout(_parse_uuid(data["section"]), data["shown"] is True)
    return row.with_articles(_parse_uuid(article) for article in data["pieces"])


def _parse_uuid(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError("Invalid UUID.")
    return str(UUID(text)) if text else ""
