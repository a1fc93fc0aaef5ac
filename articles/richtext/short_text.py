"""Short rich text, such as a dossier's summary: a subset of the article body's vocabulary.

It has no headings, notes, tables or images, because it is shown inside other pages that have their own. Letters stand
alone, and have headings, images, buttons and embeds besides.
"""

from functools import cache
from typing import TYPE_CHECKING

from django.db import models

from articles.richtext.vocabulary import ATTRIBUTES, clean, parse, serialise, wrap_loose_text
from truthlytics.web.lazy_import import LazyModule

if TYPE_CHECKING:
    import nh3
else:
    nh3 = LazyModule("nh3")

SHORT_TEXT_EXTENSIONS = {
    "Menu": False,
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Link": {"enableTarget": False, "protocols": ["https", "http", "mailto"]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HardBreak": True,
    "NewsTools": True,
    "CleanPaste": True,
}


# The same for longer texts such as newsletters.
LETTER_EXTENSIONS = SHORT_TEXT_EXTENSIONS | {
    "Heading": {"levels": [2, 3]},
    "HorizontalRule": True,
    **dict.fromkeys(["LibraryFigure", "LinkButton", "Embed", "ImageDrop", "InsertMenu", "MoveBlocks"], True),
}
LETTER_TAGS = frozenset({"h2", "h3", "hr", "figure", "figcaption", "div"})
_LETTER_ATTRIBUTES = {
    "p": ATTRIBUTES["p"],
    "figure": {"data-image"},
    "div": ATTRIBUTES["div"] - {"data-gallery"},
}


@cache
def _cleaner(more_tags: frozenset[str]) -> "nh3.Cleaner":
    return nh3.Cleaner(
        tags={"p", "strong", "em", "s", "a", "ul", "ol", "li", "blockquote", "br"} | more_tags,
        clean_content_tags={"table", "figure", "aside", "pre"} - more_tags,
        attributes={"a": {"href"}} | (_LETTER_ATTRIBUTES if more_tags else {}),
        url_schemes={"https", "http", "mailto"},
        link_rel="noopener",
    )


def clean_short_text(body: str, *, more_tags: frozenset[str] = frozenset()) -> str:
    """Sanitise `body` as an article body, then remove what SHORT_TEXT_EXTENSIONS does not offer, except `more_tags`."""
    root = parse(_cleaner(more_tags).clean(clean(body)))
    for wrapper in root.xpath("div[not(@data-embed)] | figcaption"):
        wrapper.drop_tag()
    wrap_loose_text(root)
    return serialise(root)


class LetterField(models.TextField[str, str]):
    """A text with LETTER_TAGS that is sanitised on every write, whichever form or service makes it."""

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = clean_letter(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: object) -> object:
        """Sanitise values passed to `update()` and `bulk_update()` too, which skip `pre_save`."""
        value = super().get_prep_value(value)
        return clean_letter(value) if isinstance(value, str) and "<" in value else value


def clean_letter(body: str) -> str:
    return clean_short_text(body, more_tags=LETTER_TAGS)
