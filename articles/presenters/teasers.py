"""How a piece stands in a list: as a teaser or as a line, each poured into the mould of its shape."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.dateformat import format as written
from django.utils.html import conditional_escape, escape
from django.utils.safestring import SafeString, mark_safe

from articles.access import Level
from articles.media.html import ResponsiveImage, picture_tag
from articles.models import Version
from articles.presenters import bylines
from truthlytics.web.compiled_partials import CompiledPartial
from truthlytics.web.fragments import mention
from truthlytics.web.text import is_right_to_left

TEASER_SIZES = {
    "lead": "(min-width: 62rem) 46rem, 94vw",
    "": "(min-width: 62rem) 24rem, 94vw",
}
DAY, MONTH = "j M", "M Y"
# Characters; a longer one is set smaller, so that it leads and does not shout.
LONG_HEADLINE = 90


class _Teaser(NamedTuple):
    """`comments` is 0, 1 or 2 for any more; `lock` the word for what one must be to read it, or ""."""

    size: str
    heading: str
    show_image: bool
    long: bool
    has_standfirst: bool
    show_section: bool
    dated: bool
    comments: int
    lock: str


class _Entry(NamedTuple):
    show_section: bool
    named: bool
    has_text: bool
    lock: str


_NAMED = ("url", "direction", "headline", "kind", "section", "names", "minutes", "stamp", "date", "text_direction")
_teaser = CompiledPartial("articles/_teaser.html", *_NAMED, "picture", "standfirst", "count")
_entry = CompiledPartial("articles/_list_entry.html", *_NAMED, "text")


def teaser(
    version: Version,
    *,
    size: str = "",
    heading: str = "h3",
    show_image: bool = False,
    show_section: bool = False,
    dated: bool = False,
    count: int = 0,
) -> SafeString:
    """A piece with its standfirst: its picture with `show_image`, its day with `dated`, how many comments it has.

    The piece that a page begins with, whose heading is one of the page's own (h2), has the picture that is fetched
    first.
    """
    mention(version.named_tag)
    picture = teaser_picture(version, size, first=heading == "h2") if show_image else ""
    shape = _Teaser(
        size=size,
        heading=heading,
        show_image=bool(picture),
        long=len(version.headline) > LONG_HEADLINE,
        has_standfirst=bool(version.standfirst),
        show_section=show_section and bool(version.head["section"]),
        dated=dated,
        comments=min(count, 2),
        lock=_lock(version),
    )
    words = _words(version, DAY) | {
        "text_direction": turned(version.standfirst), "standfirst": escape(version.standfirst), "count": count,
        "picture": picture,
    }  # fmt: skip
    return mark_safe(_teaser.filled(shape, words))  # noqa: S308


def teaser_picture(version: Version, size: str = "", *, first: bool = False) -> SafeString:
    """The lead picture of `version`, "" without one; the headline beside it says what it is about, so its alt is empty.

    `first` where a page begins with it, so that it is fetched first.
    """
    lead = version.head["lead"]
    if not lead:
        return SafeString()
    sizes = TEASER_SIZES.get(size, TEASER_SIZES[""])
    drawn = picture_tag(ResponsiveImage.from_json(lead), "", sizes=sizes, first=first, cropped=True)
    return mark_safe(drawn)  # noqa: S308


def entry(
    version: Version, *, dated: str = DAY, show_section: bool = False, with_text: bool = False, text: str = "",
    by: str = "",
) -> SafeString:  # fmt: skip
    """A line of a dated list, with names and the standfirst where `with_text`, or with `text` in its place.

    `dated` is a format, or "recent" for the day within this year and the month of another. `by` is the slug of
    whoever the whole list is by: a line says who wrote with them.
    """
    said = text or (version.standfirst if with_text else "")
    words = _words(version, dated) | {"text_direction": turned(said), "text": conditional_escape(said)}
    if by:
        words["names"] = bylines.beside(version.head["bylines"], by)
    shape = _Entry(
        show_section=bool(show_section and version.head["section"]),
        named=bool(with_text and words["names"]),
        has_text=bool(said),
        lock=_lock(version),
    )
    return mark_safe(_entry.filled(shape, words))  # noqa: S308


def turned(text: str) -> SafeString:
    """` dir="rtl"` for a text that runs from right to left: `dir="auto"` goes by its first letter alone."""
    return SafeString(' dir="rtl"' if is_right_to_left(text) else "")


def _words(version: Version, dated: str) -> dict[str, Any]:
    head, article = version.head, version.article
    at: datetime = timezone.localtime(article.published_at)
    if dated == "recent":
        dated = DAY if at.year == timezone.localdate().year else MONTH
    return {
        "url": article.get_absolute_url(),
        "direction": turned(version.headline),
        "headline": escape(version.headline),
        "kind": escape(head["kind"]["label"]),
        "section": escape(head["section"]["name"]) if head["section"] else "",
        "names": bylines.plain(head["bylines"]),
        "minutes": version.minutes,
        "stamp": f"{at:%Y-%m-%dT%H:%M:%S%z}",
        "date": _day(at.date(), dated),
    }


@lru_cache(2048)
def _day(day: date, as_format: str) -> str:
    return written(day, as_format)


def _lock(version: Version) -> str:
    return str(Level(version.required_level).label) if version.required_level else ""
