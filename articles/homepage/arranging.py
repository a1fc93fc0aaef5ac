"""Editing operations on a front page layout. Pure: each takes a layout and returns another.

An operation is written as its name and arguments, such as "put lead <article>": the values of the editor's buttons.
"""

from collections.abc import Callable
from dataclasses import replace

from articles.homepage.layout import MAX_SECONDARY, MIN_SECONDARY, Layout, Place, RowLayout, parse


def place_article(layout: Layout, key: str, article: str, source: str = "") -> Layout:
    """Place `article` at `key`. An article that editors placed there before moves to `source`, if that is a place."""
    places = dict(layout.places())
    displaced = places[key].article
    source = next((other for other, place in places.items() if place.article == article), source)
    if source in places and source != key:
        layout = layout.with_place(source, replace(places[source], article=displaced))
    return layout.with_place(key, replace(places[key], article=article))


def clear(layout: Layout, key: str) -> Layout:
    """Make the place at `key` automatic again."""
    return layout.with_place(key, replace(dict(layout.places())[key], article=""))


def set_newest(layout: Layout, key: str, section: str = "") -> Layout:
    """Fill `key` with the newest article of `section` ("": of all sections)."""
    return layout.with_place(key, Place(newest=section))


def add_secondary(layout: Layout) -> Layout:
    return replace(layout, secondary=(*layout.secondary, Place())[:MAX_SECONDARY])


def remove_secondary(layout: Layout) -> Layout:
    return replace(layout, secondary=layout.secondary[: max(MIN_SECONDARY, len(layout.secondary) - 1)])


def show_row(layout: Layout, section: str) -> Layout:
    return _set_shown(layout, section, shown=True)


def hide_row(layout: Layout, section: str) -> Layout:
    return _set_shown(layout, section, shown=False)


def show_record(layout: Layout) -> Layout:
    return replace(layout, record=True)


def hide_record(layout: Layout) -> Layout:
    return replace(layout, record=False)


def move_row_up(layout: Layout, section: str) -> Layout:
    return _move_row(layout, section, -1)


def move_row_down(layout: Layout, section: str) -> Layout:
    return _move_row(layout, section, +1)


OPERATIONS: dict[str, Callable[..., Layout]] = {
    "put": place_article,
    "clear": clear,
    "newest": set_newest,
    "more": add_secondary,
    "fewer": remove_secondary,
    "show": show_row,
    "hide": hide_row,
    "show-record": show_record,
    "hide-record": hide_record,
    "rise": move_row_up,
    "sink": move_row_down,
}


def apply(layout: Layout, operation: str) -> Layout:
    """Return `layout` after `operation`. Raises ValueError if it is unknown or not possible in this layout."""
    name, *arguments = operation.split(" ")
    try:
        # Serialising and parsing validates the arguments.
        return parse(OPERATIONS[name](layout, *arguments).dumps())
    except (KeyError, TypeError) as error:
        raise ValueError(f"Invalid operation: “{operation[:80]}”.") from error


def _set_shown(layout: Layout, section: str, *, shown: bool) -> Layout:
    _row_index(layout, section)
    rows = (replace(row, shown=shown) if row.section == section else row for row in layout.rows)
    return replace(layout, rows=tuple(rows))


def _move_row(layout: Layout, section: str, offset: int) -> Layout:
    rows: list[RowLayout] = list(layout.rows)
    index = _row_index(layout, section)
    target = index + offset
    if 0 <= target < len(rows):
        rows[index], rows[target] = rows[target], rows[index]
    return replace(layout, rows=tuple(rows))


def _row_index(layout: Layout, section: str) -> int:
    return {row.section: index for index, row in enumerate(layout.rows)}[section]
