"""The passages of a version: its text, and apart from it headline, standfirst, captions, notes and pull quotes. Pure.

Struck words are left out, since they no longer state anything.
"""

from collections.abc import Iterable
from typing import NamedTuple

from articles.revisions.free_parts import GATE, free_body, gated_alike
from articles.richtext.struck import BLOCK_TAGS, STRUCK_TAGS
from articles.richtext.vocabulary import parse
from truthlytics.web.markup import HtmlElement
from truthlytics.web.types import Content


class Readable(NamedTuple):
    """The passages of a version that everyone may read, and all of them, which need `level`."""

    free: list[str]
    all: list[str]
    level: int


def readable(content: Content, current: Content | None, level: int) -> Readable:
    """Return what may be read of the `content` of a version while readers get `current`, as on pages of old versions.

    `level` is the strictest of both. What one of them gates is gated in the other, too.
    """
    if not level:
        passages = _passages(content, content.get("body", ""))
        return Readable(passages, passages, level)
    contents = [content] if current is None or current == content else [content, current]
    gated = gated_alike(contents, level)[0]
    free, everything = (_passages(content, body) for body in (free_body(gated), gated["body"].replace(GATE, "")))
    return Readable(free, everything, level)


def _passages(content: Content, body: str) -> list[str]:
    """Return the passages of a version with this `body`, which may be its free part."""
    if "entries" in content:  # of a dossier
        apart = [content["title"], *(entry["text"] for entry in content["entries"])]
        body = content["summary"]
    else:
        apart = [content["headline"], content["standfirst"], (content.get("lead") or {}).get("caption", "")]
    text: list[str] = []
    if body:
        _collect(parse(body), text, apart, content.get("pictures", {}))
    return [passage for passage in ("".join(text), *apart) if passage.strip()]


def _collect(element: HtmlElement, text: list[str], apart: list[str], pictures: Content) -> None:
    """Add what `element` has of the text to `text`, and to `apart` what is next to it."""
    if element.tag in STRUCK_TAGS:
        return
    if element.get("data-footnote"):
        apart.append(element.get("data-footnote", ""))
        return
    if element.tag == "figure":
        details = pictures.get(element.get("data-image", ""), {})
        apart.append(element.text_content().strip() or str(details.get("caption", "")))
        return
    if element.tag == "aside" and element.get("class") != "callout":
        apart.append(element.text_content())
        return
    separator = "\n" if element.tag in BLOCK_TAGS or element.tag == "br" else ""
    text.append(separator)
    if element.tag == "sup" and (element.text or "")[:1].isdigit():
        text.append("^")
    text.append(element.text or "")
    for child in _children(element):
        _collect(child, text, apart, pictures)
        text.append(child.tail or "")
    text.append(separator)


def _children(element: HtmlElement) -> Iterable[HtmlElement]:
    return (child for child in element if isinstance(child.tag, str))
