"""A paragraph or three without apparatus, such as a dossier's summary: the body's vocabulary, cut down.

No headings, notes, tables or pictures: such a text stands inside other pages, whose outline and notes are their own.
"""

from functools import cache
from typing import TYPE_CHECKING

from articles.richtext.vocabulary import clean, parse, serialise, wrap_loose_text
from truthlytics.web.lazy_import import Later

if TYPE_CHECKING:
    import nh3
else:
    nh3 = Later("nh3")

SHORT = {
    "Menu": False,
    "Bold": True,
    "Italic": True,
    "Link": {"enableTarget": False, "protocols": ["https", "http", "mailto"]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HardBreak": True,
    "NewsTools": True,
    "CleanPaste": True,
}


@cache
def _cleaner() -> "nh3.Cleaner":
    return nh3.Cleaner(
        tags={"p", "strong", "em", "a", "ul", "ol", "li", "blockquote", "br"},
        clean_content_tags={"table", "figure", "aside", "pre"},
        attributes={"a": {"href"}},
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener",
    )


def shorten(body: str) -> str:
    """`body` as HTML that may stand anywhere: cleaned as a body is, and without what SHORT does not offer."""
    root = parse(_cleaner().clean(clean(body)))
    wrap_loose_text(root)
    return serialise(root)
