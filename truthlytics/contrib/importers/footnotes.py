"""Footnotes of other systems, which keep the text of a note apart from its number."""

from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles.richtext.struck import mark_struck

_BLOCKS = ("p", "br", "div", "li", "blockquote", "h1", "h2", "h3", "h4", "pre")


def note_text(note: HtmlElement) -> str:
    """Return the text of a note on one line. Addresses of links follow their text, in brackets."""
    for link in list(note.iter("a")):
        href, text = (link.get("href") or "").strip(), link.text_content().strip()
        if href.startswith(("http://", "https://")) and href.rstrip("/") not in text:
            _append(link, f" ({href})" if text else href)
    mark_struck(note)
    for block in note.iter(*_BLOCKS):
        block.tail = f" {block.tail or ''}"
    return " ".join(str(note.text_content()).split())


def reference(text: str) -> HtmlElement:
    """Return the element that represents a note in the text."""
    return lxml_html.Element("sup", {"data-footnote": text})


def _append(element: HtmlElement, text: str) -> None:
    """Add `text` after everything inside the element."""
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text
