"""Short rich text, such as a dossier's summary: a subset of the article body's vocabulary.

It has no headings, notes, tables or images, because it is shown inside other pages that have their own.
"""

from functools import cache
from typing import TYPE_CHECKING

from articles.richtext.vocabulary import clean, parse, serialise, wrap_loose_text
from truthlytics.web.lazy_import import LazyModule

if TYPE_CHECKING:
    import nh3
else:
    nh3 = LazyModule("nh3")

SHORT_TEXT_EXTENSIONS = {
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


def clean_short_text(body: str) -> str:
    """Sanitise `body` as an article body, then remove everything that SHORT_TEXT_EXTENSIONS does not offer."""
    root = parse(_cleaner().clean(clean(body)))
    wrap_loose_text(root)
    return serialise(root)
