"""A body as the lines that a person sees: one for each paragraph, item of a list, row of a table, picture."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles.prose import parse

_WORD = re.compile(r"\w+")
_MARKS = {"strong": "**", "em": "*", "code": "`"}


@dataclass(frozen=True)
class Block:
    """`text` as it is read; `spelled` with links and emphasis written out; `html` tells two blocks apart."""

    tag: str
    text: str
    spelled: str
    html: str

    @cached_property
    def bag(self) -> frozenset[str]:
        return frozenset(_WORD.findall(self.text.lower()))


def blocks(body: str) -> list[Block]:
    """The lines of a clean body, in order."""
    return [line for child in parse(body) for line in _lines(child)] if body else []


def top_level(body: str) -> list[str]:
    """The clean body's outermost blocks as HTML: what can be put together anew."""
    return [_html(child) for child in parse(body)] if body else []


def _html(element: HtmlElement) -> str:
    return str(lxml_html.tostring(element, encoding="unicode", with_tail=False))


def _lines(element: HtmlElement) -> Iterator[Block]:
    tag = element.tag
    if tag in {"ul", "ol"}:
        for item in element.iterchildren("li"):
            yield _block("li", item, without={"ul", "ol"})
            for nested in item.iterchildren("ul", "ol"):
                yield from _lines(nested)
    elif tag == "table":
        for row in element.iter("tr"):
            cells = [(_text(cell), _text(cell, spell=True)) for cell in row.iterchildren("th", "td")]
            yield Block("tr", " | ".join(c[0] for c in cells), " | ".join(c[1] for c in cells), _html(row))
    elif tag == "blockquote":
        for line in element:
            yield from (Block("blockquote", b.text, b.spelled, f"<blockquote>{b.html}") for b in _lines(line))
    elif tag == "figure":
        name = f"Picture {str(element.get('data-image'))[:8]}: {_text(element)}"
        yield Block("figure", name, name, _html(element))
    elif tag == "hr":
        name = "— the free part ends here —" if element.get("data-gate") is not None else "* * *"
        yield Block("hr", name, name, _html(element))
    elif tag == "aside":
        by = f" — {element.get('data-by')}" if element.get("data-by") else ""
        yield Block("aside", _text(element) + by, _text(element, spell=True) + by, _html(element))
    else:
        yield _block(tag, element)


def _block(tag: str, element: HtmlElement, without: set[str] | None = None) -> Block:
    text, spelled = _text(element, without), _text(element, without, spell=True)
    return Block(tag, text, spelled, _html(element) if without is None else f"<{tag}>{spelled}")


def _text(element: HtmlElement, without: set[str] | None = None, *, spell: bool = False) -> str:
    return " ".join("".join(_words(element, without or set(), spell)).split())


def _words(element: HtmlElement, without: set[str], spell: bool) -> Iterator[str]:
    mark = _MARKS.get(element.tag, "") if spell else ""
    yield mark + (element.text or "")
    for child in element:
        if child.tag == "sup":
            yield f" [note: {child.get('data-footnote')}]"
        elif child.tag == "br":
            yield " "
        elif child.tag not in without:
            yield from _words(child, without, spell)
            yield " " if child.tag in {"p", "li"} else ""
        yield child.tail or ""
    yield mark
    if spell and element.tag == "a":
        yield f" [→ {element.get('href')}]"
