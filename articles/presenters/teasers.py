"""Articles in lists: as a teaser or as a list entry."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from articles.access import Level
from articles.media.html import ResponsiveImage, picture_tag
from articles.models import Version
from articles.models.kinds import label_of
from articles.presenters import bylines
from articles.responsibility import label_sentences
from truthlytics.publication.language import language_tag
from truthlytics.web.fragments import fragment
from truthlytics.web.text import is_right_to_left

# How wide an image is shown, by the size of the teaser, from a width of the window on: the boxes of front.css,
# teaser.css, related.css and entries.css in css/components. "list" is for list entries, "column" for one column of
# several.
IMAGE_SIZES: dict[str, tuple[tuple[str, str], ...]] = {
    "lead": (("66rem", "min(51rem, 94vw - 23rem)"), ("", "94vw")),
    "row": (("80rem", "41rem"), ("48rem", "53vw"), ("", "94vw")),
    "column": (("66rem", "min(29rem, 37vw)"), ("48rem", "47vw"), ("", "94vw")),
    "": (("66rem", "28rem"), ("48rem", "54vw"), ("", "94vw")),
    # On a phone these boxes are squares.
    "card": (("80rem", "23rem"), ("48rem", "31vw"), ("", "9.75rem")),
    "list": (("48rem", "15rem"), ("", "9.75rem")),
}
# The ratio of the boxes, which crop what is wider or higher.
BOX_RATIO = 3 / 2
# The widest file that a small image needs, in px. Each further address costs bytes that do not compress.
MAX_WIDTHS = {"": 960, "card": 720, "list": 480}
DAY, MONTH, FULL_DAY = gettext_noop("j M"), gettext_noop("M Y"), gettext_noop("j M Y")
# Headlines with more characters than this are set in a smaller size.
LONG_HEADLINE = 90


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

    published_at = version.article.published_at if show_date else None
    date_format = _day_format(published_at) if published_at else DAY

    def make() -> SafeString:
        context = {
            "version": version,
            "size": size,
            "heading": heading,
            "picture": teaser_picture(version, size, first=heading == "h2") if show_image else "",
            "long_headline": len(version.headline) > LONG_HEADLINE,
            "standfirst": version.standfirst if with_standfirst else "",
            "section": version.head["section"] if show_section else None,
            "published_at": published_at,
            "date_format": _(date_format),
            "count": count,
        }
        return render_to_string("articles/_teaser.html", context)

    options = size, heading, show_image, show_section, show_date and date_format, with_standfirst, count
    return _shared("teaser", version, *options, make=make)


def teaser_picture(version: Version, size: str = "", *, first: bool = False) -> SafeString:
    """Render the lead image of `version`, or "" if it has none.

    Its alt text is empty, because the headline next to it describes the article. `first` loads it with high priority.
    """
    lead = version.head["lead"]
    if not lead:
        return SafeString()
    size = size if size in IMAGE_SIZES else ""
    image = ResponsiveImage.from_json(lead)
    sizes = _sizes(size, image)
    if size in MAX_WIDTHS:
        image = image.up_to(MAX_WIDTHS[size])
    return mark_safe(picture_tag(image, "", sizes=sizes, first=first, cropped=True))  # noqa: S308


def _sizes(size: str, image: ResponsiveImage) -> str:
    """Return the `sizes` of a cropped image: an image wider than its box is as wide as its height asks for."""
    factor = max(1, image.width / image.height / BOX_RATIO)
    shown = [
        (f"(min-width: {width}) " if width else "") + (f"calc({factor:.2f} * ({box}))" if factor > 1.02 else box)
        for width, box in IMAGE_SIZES[size]
    ]
    return ", ".join(shown)


def entry(
    version: Version, *, date_format: str = DAY, show_section: bool = False, with_text: bool = False, text: str = "",
    author: str = "",
) -> SafeString:  # fmt: skip
    """Render an entry of a dated list.

    `with_text` shows the names, the standfirst and a small image; `text` replaces the standfirst. `date_format`
    is a Django date format, which is translated, or "recent" for the day in the current year and the month in others,
    or "day" for the day, in other years with the year. Without one, the list has the month and year above the days.
    `author` is the slug of the author that the whole list is about: only their co-authors are named.
    """
    published: datetime = timezone.localtime(version.article.published_at)
    if date_format == "recent":
        date_format = DAY if published.year == timezone.localdate().year else MONTH
    elif date_format == "day":
        date_format = _day_format(published)

    def make() -> SafeString:
        authors = version.head["bylines"]
        names = bylines.co_authors(authors, author) if author else bylines.plain(authors)
        section = version.head["section"]
        kind, minutes, level = _facts(version.kind, version.minutes, version.required_level, get_language())
        facts = [names if with_text else "", kind, section["name"] if section and show_section else "", minutes]
        # Ready to be shown: a list has twenty entries, and each look-up of a template takes time.
        context = {
            "url": version.article.get_absolute_url(),
            "headline": version.headline,
            "language": lang_attribute(version.language),
            "picture": teaser_picture(version, "list") if with_text else "",
            "text": text or (version.standfirst if with_text else ""),
            "facts": [*(fact for fact in facts if fact), *label_sentences(version.head)],
            "correction": version.correction_mark if version.is_corrected else "",
            "required_level": level,
            "datetime": published.isoformat(timespec="seconds"),
            "date": formats.date_format(published, _(date_format)),
        }
        return render_to_string("articles/_list_entry.html", context)

    # A text of its own, such as the passage that a search found, is on no other page.
    return make() if text else _shared("entry", version, date_format, show_section, with_text, author, make=make)


@lru_cache(1024)
def _facts(kind: str, minutes: int, level: int, language: str | None) -> tuple[str, SafeString, str]:
    """Return the label of a kind, the reading time, and who may read all of it, "" for everyone."""
    time = mark_safe(_("%(minutes)s&nbsp;min") % {"minutes": minutes})  # noqa: S308
    return label_of(kind), time, str(Level(level).label) if level else ""


def _day_format(published: datetime) -> str:
    """Return the format for a day, with its year unless that is the current one."""
    return DAY if timezone.localtime(published).year == timezone.localdate().year else FULL_DAY


def dir_attribute(text: str) -> SafeString:
    """Return ` dir="rtl"` for right-to-left text. `dir="auto"` would decide by the first character only."""
    return SafeString(' dir="rtl"' if is_right_to_left(text) else "")


def lang_attribute(code: str) -> SafeString:
    """Return the attribute for text in the language `code`, nothing for the publication's, "" in the database."""
    return format_html(' lang="{}"', language_tag(code)) if code else SafeString()


def _shared(name: str, version: Version, *options: str | int | bool, make: Callable[[], SafeString]) -> SafeString:
    """Return what `make` renders, once for all pages that show `version` with these options."""
    return fragment(name, version.pk, get_language(), *options, make=make, tags=[version.teaser_tag])
