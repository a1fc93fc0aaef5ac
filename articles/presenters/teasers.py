"""Articles in lists: as a teaser or as a list entry, rendered with compiled partials."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format as localised_date
from django.utils.html import conditional_escape, escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from articles.access import Level
from articles.media.html import ResponsiveImage, picture_tag
from articles.models import Version
from articles.presenters import bylines
from truthlytics.publication.language import language_tag
from truthlytics.web.compiled_partials import CompiledPartial
from truthlytics.web.fragments import add_tags
from truthlytics.web.text import is_right_to_left

# How wide the image is shown, by the size of the teaser. "list" is that of list entries.
IMAGE_SIZES = {
    "lead": "(min-width: 62rem) 46rem, 94vw",
    "row": "(min-width: 62rem) 42rem, (min-width: 48rem) 55vw, 94vw",
    "": "(min-width: 62rem) 24rem, 94vw",
    "list": "(min-width: 48rem) 14rem, 6.5rem",
}
# The widest file that a small image needs, in px. Each further address costs bytes that do not compress.
MAX_WIDTHS = {"": 960, "list": 480}
DAY, MONTH = gettext_noop("j M"), gettext_noop("M Y")
# Headlines with more characters than this are set in a smaller size.
LONG_HEADLINE = 90


class _TeaserVariant(NamedTuple):
    """`comments` is 0, 1 or 2 for several; `lock` is the level that is required to read the article, or ""."""

    size: str
    heading: str
    show_image: bool
    long_headline: bool
    has_standfirst: bool
    show_section: bool
    show_date: bool
    comments: int
    is_corrected: bool
    lock: str


class _EntryVariant(NamedTuple):
    show_image: bool
    show_section: bool
    show_names: bool
    has_text: bool
    is_corrected: bool
    lock: str


_COMMON = (
    "url", "headline", "direction", "kind", "section", "names", "minutes", "datetime", "date", "text_direction",
)  # fmt: skip
_teaser = CompiledPartial("articles/_teaser.html", *_COMMON, "picture", "standfirst", "count")
_entry = CompiledPartial("articles/_list_entry.html", *_COMMON, "picture", "text")


def teaser(
    version: Version,
    *,
    size: str = "",
    heading: str = "h3",
    show_image: bool = False,
    show_section: bool = False,
    show_date: bool = False,
    with_standfirst: bool = True,
    count: int = 0,
) -> SafeString:
    """Render an article with its standfirst and the `count` of its comments.

    The image of a teaser with an h2 heading, which is the first on its page, loads with high priority.
    """
    add_tags(version.teaser_tag)
    picture = teaser_picture(version, size, first=heading == "h2") if show_image else ""
    variant = _TeaserVariant(
        size=size,
        heading=heading,
        show_image=bool(picture),
        long_headline=len(version.headline) > LONG_HEADLINE,
        has_standfirst=with_standfirst and bool(version.standfirst),
        show_section=show_section and bool(version.head["section"]),
        show_date=show_date,
        comments=min(count, 2),
        is_corrected=version.is_corrected,
        lock=_lock(version),
    )
    values = _common_values(version, DAY, version.standfirst) | {
        "picture": picture, "standfirst": escape(version.standfirst), "count": count,
    }  # fmt: skip
    return mark_safe(_teaser.render(variant, values))  # noqa: S308


def teaser_picture(version: Version, size: str = "", *, first: bool = False) -> SafeString:
    """Render the lead image of `version`, or "" if it has none.

    Its alt text is empty, because the headline next to it describes the article. `first` loads it with high priority.
    """
    lead = version.head["lead"]
    if not lead:
        return SafeString()
    size = size if size in IMAGE_SIZES else ""
    image = ResponsiveImage.from_json(lead)
    if size in MAX_WIDTHS:
        image = image.up_to(MAX_WIDTHS[size])
    return mark_safe(  # noqa: S308
        picture_tag(image, "", sizes=IMAGE_SIZES[size], first=first, cropped=True)
    )


def entry(
    version: Version, *, date_format: str = DAY, show_section: bool = False, with_text: bool = False, text: str = "",
    author: str = "",
) -> SafeString:  # fmt: skip
    """Render an entry of a dated list.

    `with_text` shows the names, the standfirst and a small image; `text` replaces the standfirst. `date_format`
    is a Django date format, which is translated, or "recent" for the day in the current year and the month in others.
    `author` is the slug of the author that the whole list is about: only their co-authors are named.
    """
    text = text or (version.standfirst if with_text else "")
    picture = teaser_picture(version, "list") if with_text else ""
    values = _common_values(version, date_format, text) | {"text": conditional_escape(text), "picture": picture}
    if author:
        values["names"] = bylines.co_authors(version.head["bylines"], author)
    variant = _EntryVariant(
        show_image=bool(picture),
        show_section=bool(show_section and version.head["section"]),
        show_names=bool(with_text and values["names"]),
        has_text=bool(text),
        is_corrected=version.is_corrected,
        lock=_lock(version),
    )
    return mark_safe(_entry.render(variant, values))  # noqa: S308


def dir_attribute(text: str) -> SafeString:
    """Return ` dir="rtl"` for right-to-left text. `dir="auto"` would decide by the first character only."""
    return SafeString(' dir="rtl"' if is_right_to_left(text) else "")


def lang_attribute(code: str) -> SafeString:
    """Return the attribute for text in the language `code`, nothing for the publication's, "" in the database."""
    return format_html(' lang="{}"', language_tag(code)) if code else SafeString()


def _common_values(version: Version, date_format: str, text: str) -> dict[str, Any]:
    head, article = version.head, version.article
    published: datetime = timezone.localtime(article.published_at)
    if date_format == "recent":
        date_format = DAY if published.year == timezone.localdate().year else MONTH
    return {
        "url": article.get_absolute_url(),
        "headline": escape(version.headline),
        "direction": lang_attribute(version.language) + dir_attribute(version.headline),
        "kind": escape(version.kind_label),
        "section": escape(head["section"]["name"]) if head["section"] else "",
        "names": bylines.plain(head["bylines"]),
        "minutes": version.minutes,
        "datetime": f"{published:%Y-%m-%dT%H:%M:%S%z}",
        "date": _format_day(published.date(), date_format, get_language()),
        "text_direction": lang_attribute(version.language) + dir_attribute(text),
    }


@lru_cache(2048)
def _format_day(day: date, date_format: str, language: str | None) -> str:
    return localised_date(day, _(date_format))


def _lock(version: Version) -> str:
    return str(Level(version.required_level).label) if version.required_level else ""
