"""Reading mark-up independently of the editor: what a person sees in a clipboard, and in what came of it."""

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lxml import html as lxml_html

WORD = re.compile(r"\w+")
BOLD, ITALIC = {"b", "strong", "th"}, {"i", "em"}
UNSEEN = {"script", "style", "title", "head", "xml"}
LINES = {"p", "div", "li", "td", "th", "tr", "h1", "h2", "h3", "h4", "h5", "h6", "br", "hr", "table", "pre", "caption"}


@dataclass
class Seen:
    """Words in order; which of them are emphasised; what hangs together otherwise."""

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


def unseen(element: Any) -> bool:
    style = style_of(element)
    return (
        element.tag in UNSEEN or style.get("mso-list") == "ignore" or style.get("mso-element", "").startswith("comment")
    )


def up(element: Any) -> list[Any]:
    return [element, *element.iterancestors()]


def said(element: Any) -> str:
    """The words of `element`, with a gap wherever a line ends."""
    parts: list[str] = []

    def walk(one: Any) -> None:
        if not isinstance(one.tag, str) or unseen(one):
            return
        gap = " " if one.tag in LINES else ""
        parts.append(gap + (one.text or ""))
        for child in one:
            walk(child)
            parts.append(child.tail or "")
        parts.append(gap)

    walk(element)
    return " ".join("".join(parts).replace("\xa0", " ").split())


def emphasis(element: Any) -> dict[str, bool]:
    """What the nearest word about each kind of emphasis says."""
    found: dict[str, bool] = {}
    for one in up(element):
        if not isinstance(one.tag, str):
            continue
        style = style_of(one)
        if "font-weight" in style:
            found.setdefault("bold", style["font-weight"] in {"bold", "bolder", "600", "700", "800", "900"})
        if one.tag in BOLD - {"th"}:
            found.setdefault("bold", True)
        if "font-style" in style:
            found.setdefault("italic", style["font-style"] == "italic")
        if one.tag in ITALIC:
            found.setdefault("italic", True)
        if one.tag == "s" or "line-through" in style.get("text-decoration", ""):
            found["struck"] = True
        place = {"super": "raised", "sub": "lowered"}.get(style.get("vertical-align", ""))
        place = place or {"sup": "raised", "sub": "lowered"}.get(one.tag)
        if place:
            found.setdefault(place, True)
    return found


def address(href: str) -> str:
    parts = urlsplit(href)
    if parts.hostname and parts.hostname.endswith("google.com") and parts.path == "/url":
        return parse_qs(parts.query)["q"][0]
    return href


def see(html: str) -> Seen:
    """Everything that counts in `html`, Word's numbered paragraphs as items of lists; its linked notes are left out."""
    root = lxml_html.document_fromstring(f"<html><body>{html}</body></html>")
    seen = Seen()
    seen.words = [word.lower() for word in WORD.findall(said(root))]
    for text in root.xpath("//text()"):
        element = text.getparent()
        home = element if text.is_text else element.getparent()
        if any(not isinstance(one.tag, str) or unseen(one) for one in up(home)) or (
            text.is_text and not isinstance(element.tag, str)
        ):
            continue
        for name, on in emphasis(home).items():
            if on:
                getattr(seen, name).extend(word.lower() for word in WORD.findall(str(text)))
    for element in root.iter():
        if isinstance(element.tag, str):
            _place(element, seen)
    return seen


def _place(element: Any, seen: Seen) -> None:
    tag, style = element.tag, style_of(element)
    numbered = re.match(r"l\d+ level(\d)", style.get("mso-list", ""))
    words = " ".join(WORD.findall(said(element)))
    if (
        re.fullmatch(r"h[1-6]", tag) or element.get("role") == "heading" or element.get("class") == "MsoTitle"
    ) and words:
        seen.headings.append(words)
    elif tag == "li" and (own := _own(element)):
        depth = int(element.get("data-aria-level") or sum(one.tag in {"ul", "ol"} for one in up(element)))
        kind = next(one.tag for one in up(element) if one.tag in {"ul", "ol"})
        seen.items.append((kind, depth, own))
    elif numbered:
        marker = next(one for one in element.iter("span") if style_of(one).get("mso-list") == "ignore")
        kind = "ol" if re.match(r"\d", marker.text_content().strip()) else "ul"
        seen.items.append((kind, int(numbered[1]), words))
    elif tag == "table":
        rows = element.iter("tr")
        seen.tables.append(
            [[" ".join(WORD.findall(said(cell))) for cell in row.iterchildren("td", "th")] for row in rows]
        )
    elif tag == "a" and element.get("href", "").startswith(("http", "mailto")) and words:
        seen.links.append((words, address(element.get("href"))))
    if tag == "sup" and element.get("data-footnote"):
        seen.notes.append(element.get("data-footnote"))


def _own(item: Any) -> str:
    """The words of an item without those of the lists in it."""
    copy = lxml_html.fromstring(lxml_html.tostring(item, encoding="unicode", with_tail=False))
    for inner in list(copy.iter("ul", "ol")):
        inner.drop_tree()
    return " ".join(WORD.findall(said(copy)))
