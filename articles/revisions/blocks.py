"""A body split into the lines a reader sees: paragraphs, list items, table rows, images."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from articles.richtext.vocabulary import parse
from truthlytics.web.markup import HtmlElement, lxml_html
from truthlytics.web.types import Content

_WORD = re.compile(r"\w+")
QUOTED = {"p", "h2", "h3", "h4", "ul", "ol", "pre", "blockquote"}
# The alt text, caption, credit and file of each image by its UUID, as the content of a version has them.
Pictures = Mapping[str, Mapping[str, object]]
_MARKS = {"strong": "**", "em": "*", "code": "`", "s": "~~", "sub": "~", "sup": "^"}


@dataclass(frozen=True)
class Block:
    """`text` as readers see it; `spelled` with links and emphasis written out; `key` for comparison.

    Equivalent markup, such as a table cell with and without a paragraph, has the same key.
    """

    tag: str
    text: str
    spelled: str
    key: str

    @cached_property
    def word_set(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.text.lower()))


def blocks(body: str, pictures: Pictures | None = None) -> list[Block]:
    """Return the blocks of a sanitised body, in order.

    With `pictures`, images are described as readers see them, and a changed file or alt text is a change.
    """
    return [line for child in parse(body) for line in _lines(child, pictures)] if body else []


def picture_block(details: Content, caption: str = "", size: str = "") -> Block:
    """Return an image as a block. `caption` is used instead of the one in `details`."""
    shown = " ".join(filter(None, (caption or details["caption"], details["credit"])))
    name = _("Image: %(caption)s") % {"caption": shown} if shown else _("Image")
    size = f" ({size})" if size else ""
    described = _("[described as: %(alt)s]") % {"alt": details["alt"]}
    file = _("[file %(hash)s]") % {"hash": details.get("sha256", "")[:8]}
    spelled = f"{name}{size} {described} {file}"
    return Block("figure", name, spelled, f"figure {spelled}")


def keys(body: str) -> tuple[str, ...]:
    return tuple(block.key for block in blocks(body))


def top_level(body: str) -> list[str]:
    """Return the top-level elements of a sanitised body as HTML. Joined, they are the body again."""
    return [_html(child) for child in parse(body)] if body else []


def top_level_with_blocks(body: str) -> list[tuple[str, list[Block]]]:
    """Return the top-level elements of a sanitised body as HTML, each with its blocks."""
    return [(_html(child), list(_lines(child))) for child in parse(body)] if body else []


def _html(element: HtmlElement) -> str:
    return str(lxml_html.tostring(element, encoding="unicode", with_tail=False))


def _lines(element: HtmlElement, pictures: Pictures | None = None) -> Iterator[Block]:
    tag = element.tag
    if tag in {"ul", "ol"}:
        yield from _list_items(element, pictures)
    elif tag == "table":
        yield from _table_rows(element)
    elif tag == "blockquote":
        loose_texts = [element.text, *(child.tail for child in element)]
        single = any((text or "").strip() for text in loose_texts) or not all(child.tag in QUOTED for child in element)
        for line in (
            [_block("p", element)] if single else [line for child in element for line in _lines(child, pictures)]
        ):
            yield Block("blockquote", line.text, line.spelled, f"blockquote {line.key}")
    elif tag == "figure":
        yield from _image(element, pictures, element.get("data-size", ""))
    elif tag == "hr":
        name = _("— paywall —") if element.get("data-gate") is not None else "* * *"
        yield Block("hr", name, name, name)
    elif tag == "div" and element.get("data-gallery") is not None:
        yield from _gallery_images(element, pictures)
    elif tag == "div":
        name = " ".join(filter(None, (_("Embed:"), element.get("data-title"))))
        spelled = f"{name} [→ {' '.join(filter(None, (element.get('data-embed'), element.get('data-image'))))}]"
        yield Block("div", name, spelled, spelled)
    elif tag == "aside" and element.get("class") == "callout":
        for line in (line for child in element for line in _lines(child, pictures)):
            yield Block("callout", line.text, line.spelled, f"callout {line.key}")
    elif tag == "aside":
        by = f" — {element.get('data-by')}" if element.get("data-by") else ""
        spelled = _text(element, spell=True) + by
        yield Block("aside", _text(element) + by, spelled, f"aside {spelled}")
    else:
        yield _block(tag, element)


def _image(figure: HtmlElement, pictures: Pictures | None, size: str) -> Iterator[Block]:
    if pictures is not None:
        if details := pictures.get(str(figure.get("data-image"))):
            yield picture_block(details, _text(figure), size)
        return
    size = f" ({size})" if size else ""
    name = f"Image {str(figure.get('data-image'))[:8]}{size}: {_text(figure)}"
    yield Block("figure", name, name, f"figure {figure.get('data-image')} {name}")


def _gallery_images(gallery: HtmlElement, pictures: Pictures | None) -> Iterator[Block]:
    """Yield the images of a gallery. The first one says how many there are, so that a divided gallery differs."""
    for number, figure in enumerate(gallery):
        size = _("in a gallery") if number else _("in a gallery of %(count)d") % {"count": len(gallery)}
        yield from _image(figure, pictures, size)


def _list_items(element: HtmlElement, pictures: Pictures | None) -> Iterator[Block]:
    for item in element.iterchildren("li"):
        line = _block("li", item, without={"ul", "ol"})
        yield Block("li", line.text, line.spelled, f"{_kind(element)} {line.key}")
        for nested in item.iterchildren("ul", "ol"):
            yield from _lines(nested, pictures)


def _table_rows(table: HtmlElement) -> Iterator[Block]:
    for row in table.iter("tr"):
        cells = [(_text(cell), _text(cell, spell=True), _kind(cell)) for cell in row.iterchildren("th", "td")]
        text, spelled, kinds = (" | ".join(cell[part] for cell in cells) for part in range(3))
        yield Block("tr", text, spelled, f"tr {kinds} {spelled}")


def _block(tag: str, element: HtmlElement, without: set[str] | None = None) -> Block:
    text, spelled = _text(element, without), _text(element, without, spell=True)
    return Block(tag, text, spelled, f"{tag} {element.text_content() if tag == 'pre' else spelled}")


def _kind(element: HtmlElement) -> str:
    return " ".join([element.tag, *(element.get(name, "") for name in ("start", "colspan", "rowspan"))]).strip()


def _text(element: HtmlElement, without: set[str] | None = None, *, spell: bool = False) -> str:
    return " ".join("".join(_words(element, without or set(), spell)).split())


def _words(element: HtmlElement, without: set[str], spell: bool) -> Iterator[str]:
    mark = _MARKS.get(element.tag, "") if spell else ""
    yield mark + (element.text or "")
    for child in element:
        if child.tag == "sup" and child.get("data-footnote"):
            yield f" {_('[note: %(text)s]') % {'text': child.get('data-footnote')}}"
        elif child.tag == "br":
            yield " "
        elif child.tag not in without:
            yield from _words(child, without, spell)
            yield " " if child.tag in {"p", "li"} else ""
        yield child.tail or ""
    yield mark
    if spell and element.tag == "a":
        yield f" [→ {' '.join(filter(None, (element.get('href'), element.get('title'))))}]"
