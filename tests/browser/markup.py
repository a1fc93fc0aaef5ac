"""Read markup independently of the editor, to compare pasted content with the result."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import html as lxml_html

WORD = re.compile(r"\w+")
BOLD, ITALIC = {"b", "strong", "th"}, {"i", "em"}
HIDDEN = {"script", "style", "title", "head", "xml"}
LINES = {"p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr", "table", "pre", "caption"}


@dataclass
class Content:
    """The words of a text in order, the emphasised ones, and its structures."""

    words: list[str] = field(default_factory=list)
    bold: list[str] = field(default_factory=list)
    italic: list[str] = field(default_factory=list)
    struck: list[str] = field(default_factory=list)
    raised: list[str] = field(default_factory=list)
    lowered: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    items: list[tuple[str, int, str]] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def style_of(element: Any) -> dict[str, str]:
    rules = (rule.partition(":") for rule in element.get("style", "").split(";"))
    return {name.strip().lower(): " ".join(value.split()).lower() for name, _, value in rules}


def is_hidden(element: Any) -> bool:
    style = style_of(element)
    return (
        element.tag in HIDDEN or style.get("mso-list") == "ignore" or style.get("mso-element", "").startswith("comment")
    )


def with_ancestors(element: Any) -> list[Any]:
    return [element, *element.iterancestors()]


def text_of(element: Any) -> str:
    """Return the text of `element`, with a space at each line end."""
    parts: list[str] = []

    def walk(node: Any) -> None:
        if not isinstance(node.tag, str) or is_hidden(node):
            return
        gap = " " if node.tag in LINES else ""
        parts.append(gap + (node.text or ""))
        for child in node:
            walk(child)
            parts.append(child.tail or "")
        parts.append(gap)

    walk(element)
    return " ".join("".join(parts).replace("\xa0", " ").split())


def emphasis(element: Any) -> dict[str, bool]:
    """Return each kind of emphasis as set by the nearest ancestor."""
    found: dict[str, bool] = {}
    for node in with_ancestors(element):
        if not isinstance(node.tag, str):
            continue
        style = style_of(node)
        if "font-weight" in style:
            found.setdefault("bold", style["font-weight"] in {"bold", "bolder", "600", "700", "800", "900"})
        if node.tag in BOLD - {"th"}:
            found.setdefault("bold", True)
        if "font-style" in style:
            found.setdefault("italic", style["font-style"] == "italic")
        if node.tag in ITALIC:
            found.setdefault("italic", True)
        if node.tag == "s" or "line-through" in style.get("text-decoration", ""):
            found["struck"] = True
        place = {"super": "raised", "sub": "lowered"}.get(style.get("vertical-align", ""))
        place = place or {"sup": "raised", "sub": "lowered"}.get(node.tag)
        if place:
            found.setdefault(place, True)
    return found


def target_url(href: str) -> str:
    parts = urlsplit(href)
    if parts.hostname and parts.hostname.endswith("google.com") and parts.path == "/url":
        return parse_qs(parts.query)["q"][0]
    return href


def parse(html: str) -> Content:
    """Parse `html`. Word's numbered paragraphs count as list items; its linked notes are ignored."""
    root = lxml_html.document_fromstring(f"<html><body>{html}</body></html>")
    content = Content()
    content.words = [word.lower() for word in WORD.findall(text_of(root))]
    for text in root.xpath("//text()"):
        element = text.getparent()
        home = element if text.is_text else element.getparent()
        if any(not isinstance(node.tag, str) or is_hidden(node) for node in with_ancestors(home)) or (
            text.is_text and not isinstance(element.tag, str)
        ):
            continue
        for name, on in emphasis(home).items():
            if on:
                getattr(content, name).extend(word.lower() for word in WORD.findall(str(text)))
    for element in root.iter():
        if isinstance(element.tag, str):
            _collect(element, content)
    return content


def _collect(element: Any, content: Content) -> None:
    tag, style = element.tag, style_of(element)
    numbered = re.match(r"l\d+ level(\d)", style.get("mso-list", ""))
    words = " ".join(WORD.findall(text_of(element)))
    if (
        re.fullmatch(r"h[1-6]", tag) or element.get("role") == "heading" or element.get("class") == "MsoTitle"
    ) and words:
        content.headings.append(words)
    elif tag == "li" and (own := _own_text(element)):
        depth = int(element.get("data-aria-level") or sum(node.tag in {"ul", "ol"} for node in with_ancestors(element)))
        kind = next(node.tag for node in with_ancestors(element) if node.tag in {"ul", "ol"})
        content.items.append((kind, depth, own))
    elif numbered:
        marker = next(node for node in element.iter("span") if style_of(node).get("mso-list") == "ignore")
        kind = "ol" if re.match(r"\d", marker.text_content().strip()) else "ul"
        content.items.append((kind, int(numbered[1]), words))
    elif tag == "table":
        rows = element.iter("tr")
        content.tables.append(
            [[" ".join(WORD.findall(text_of(cell))) for cell in row.iterchildren("td", "th")] for row in rows]
        )
    elif tag == "a" and element.get("href", "").startswith(("http", "mailto")) and words:
        content.links.append((words, target_url(element.get("href"))))
    if tag == "sup" and element.get("data-footnote"):
        content.notes.append(element.get("data-footnote"))


def _own_text(item: Any) -> str:
    """Return the text of a list item without its nested lists."""
    copy = lxml_html.fromstring(lxml_html.tostring(item, encoding="unicode", with_tail=False))
    for inner in list(copy.iter("ul", "ol")):
        inner.drop_tree()
    return " ".join(WORD.findall(text_of(copy)))
