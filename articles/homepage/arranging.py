"""What an editor does to a front page, one deed at a time. Pure: a layout in, another out.

A deed is a few words, such as "put lead <article>": they are the values of the editor's buttons.
"""

from collections.abc import Callable
from dataclasses import replace

from articles.homepage.layout import FEWEST, MOST, Layout, Place, RowPlan, parse


def put(layout: Layout, key: str, article: str, source: str = "") -> Layout:
    """`article` by hand at `key`; what stood there by hand goes to where it came from, if that was a place."""
    places = dict(layout.places())
    displaced = places[key].article
    source = next((other for other, place in places.items() if place.article == article), source)
    if source in places and source != key:
        layout = layout.with_place(source, replace(places[source], article=displaced))
    return layout.with_place(key, replace(places[key], article=article))


def clear(layout: Layout, key: str) -> Layout:
    """Nothing by hand at `key`: it fills itself as it would have."""
    return layout.with_place(key, replace(dict(layout.places())[key], article=""))


def newest(layout: Layout, key: str, section: str = "") -> Layout:
    """The newest of `section` ("" for everything) at `key`."""
    return layout.with_place(key, Place(newest=section))


def more(layout: Layout) -> Layout:
    return replace(layout, seconds=(*layout.seconds, Place())[:MOST])


def fewer(layout: Layout) -> Layout:
    return replace(layout, seconds=layout.seconds[: max(FEWEST, len(layout.seconds) - 1)])


def show(layout: Layout, section: str) -> Layout:
    return _with_row(layout, section, shown=True)


def hide(layout: Layout, section: str) -> Layout:
    return _with_row(layout, section, shown=False)


def rise(layout: Layout, section: str) -> Layout:
    return _moved(layout, section, -1)


def sink(layout: Layout, section: str) -> Layout:
    return _moved(layout, section, +1)


DEEDS: dict[str, Callable[..., Layout]] = {
    deed.__name__: deed for deed in (put, clear, newest, more, fewer, show, hide, rise, sink)
}


def do(layout: Layout, deed: str) -> Layout:
    """`layout` after `deed`. Raises ValueError for what is no deed, or not one for this layout."""
    name, *words = deed.split(" ")
    try:
        # Written and read again: a word that is no uuid does not get in.
        return parse(DEEDS[name](layout, *words).dumped())
    except (KeyError, TypeError) as error:
        raise ValueError(f"“{deed[:80]}” cannot be done here.") from error


def _with_row(layout: Layout, section: str, *, shown: bool) -> Layout:
    _index(layout, section)
    rows = (replace(row, shown=shown) if row.section == section else row for row in layout.rows)
    return replace(layout, rows=tuple(rows))


def _moved(layout: Layout, section: str, by: int) -> Layout:
    rows: list[RowPlan] = list(layout.rows)
    at = _index(layout, section)
    to = at + by
    if 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    return replace(layout, rows=tuple(rows))


def _index(layout: Layout, section: str) -> int:
    return {row.section: at for at, row in enumerate(layout.rows)}[section]
