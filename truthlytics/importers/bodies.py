"""From a record's body to HTML in our vocabulary."""

import re
from collections.abc import Callable
from urllib.parse import quote

from django.utils.text import slugify
from lxml import etree
from lxml.html import HtmlElement

from articles.richtext.vocabulary import MAX_FOOTNOTE_LENGTH, clean, serialise
from truthlytics.importers import markdown
from truthlytics.importers.html_tree import HEADINGS, elements, reshape, text_chunks, tidy_tree
from truthlytics.importers.records import Lost, Record
from truthlytics.importers.tag_marks import resolve_marks
from truthlytics.importers.tags import Marked
from truthlytics.web.text import without_controls

# A new address for an old one; None where it leads nowhere any more.
Resolve = Callable[[str], str | None]
_OPENING = re.compile(r"\{(?=[{%])|<(?=script)", re.IGNORECASE)
_OUR_ANCHOR = 60  # as articles.richtext.rendering cuts them


def body_of(record: Record, resolve: Resolve, lost: Lost) -> str:
    """The body of `record`, sanitised; every difference goes to `lost`."""
    marked = Marked(record.body)
    html = markdown.render(marked.text, lost) if record.body_format == "markdown" else marked.text
    root = tidy_tree(without_controls(html), lost)
    resolve_marks(root, marked, lost)
    targets = _headings_by_id(root)
    reshape(root, lost)
    _links(root, targets, resolve, lost)
    for mark in elements(root, "sup"):
        if len(mark.get("data-footnote", "")) > MAX_FOOTNOTE_LENGTH:
            lost("shortened", f"a footnote: {mark.get('data-footnote')}")
    if number := _write_apart(root):
        lost("braces", f"{number} in its text")
    return clean(serialise(root))


def line_of(text: str, lost: Lost) -> str:
    """A headline or standfirst as plain words on one line."""
    marked = Marked(text)
    for tag in marked.tags:
        if tag.meaning in {"dropped", "words"}:
            lost("tag", tag.source)
    words = marked.plain(markdown.words_of(marked.text))
    apart = apart_text(words)
    if apart != words:
        lost("braces", words)
    return " ".join(apart.split())


def apart_text(text: str) -> str:
    """`text` in which no template or script begins: `{{` becomes `{ {`, `<script` becomes `< script`."""
    return _OPENING.sub(lambda match: f"{match[0]} ", text)


def _write_apart(root: HtmlElement) -> int:
    """The same for all text and attributes under `root`, also where two pieces meet. Returns how often."""
    count, last = 0, ""
    for element, where in text_chunks(root):
        text = getattr(element, where)
        apart = apart_text(text)
        if (last == "{" and text[0] in "{%") or (last == "<" and text[:6].lower() == "script"):
            apart = f" {apart}"
        count += len(apart) - len(text)
        if apart != text:
            setattr(element, where, apart)
        last = text[-1]
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if _OPENING.search(value):
                count += 1
                element.set(name, quote(value, safe="/:?#[]@!$&'()*+,;=%~") if name == "href" else apart_text(value))
    return count


def _headings_by_id(root: HtmlElement) -> dict[str, HtmlElement]:
    """Which heading an id belongs to: its own, one inside of it, or one that stands just before it."""
    found: dict[str, HtmlElement] = {}
    waiting: list[str] = []
    around: dict[HtmlElement, HtmlElement] = {}  # the heading that an element stands in
    for element in root.iter(etree.Element):
        names = [name for name in (element.get("id"), element.get("name")) if name]
        heading = element if element.tag in HEADINGS else around.get(element.getparent())
        if heading is None:
            waiting += names
            if (element.text or "").strip() and element is not root:
                waiting = names if element.tag == "a" else []
            continue
        around[element] = heading
        for name in (*waiting, *names):
            found.setdefault(name, heading)
        waiting = []
    return found


def _links(root: HtmlElement, targets: dict[str, HtmlElement], resolve: Resolve, lost: Lost) -> None:
    """Each link leads to where its words are now; one that would lead nowhere is only its words."""
    anchors = {slugify(h.text_content())[:_OUR_ANCHOR]: h for h in root if h.tag in {"h2", "h3", "h4"}}
    for link in elements(root, "a"):
        href = (link.get("href") or "").strip()
        inside = href.startswith("#")
        new = _anchor(href[1:], targets, anchors) if inside else resolve(href) if href else None
        link.attrib.pop("id", None)
        link.attrib.pop("name", None)
        if new is None:
            if href and href != "#":
                lost("link", href)
            link.drop_tag()
        else:
            link.set("href", new)


def _anchor(fragment: str, targets: dict[str, HtmlElement], anchors: dict[str, HtmlElement]) -> str | None:
    heading = targets.get(fragment)
    for name, top_level in anchors.items():
        if name and (top_level is heading or (heading is None and name == slugify(fragment)[:_OUR_ANCHOR])):
            return f"#{name}"
    return None
