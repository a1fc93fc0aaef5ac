"""Convert a record's body to HTML that the editor supports."""

import re
from collections.abc import Callable
from urllib.parse import quote

from django.utils.text import slugify
from lxml import etree
from lxml.html import HtmlElement

from articles.richtext.vocabulary import MAX_FOOTNOTE_LENGTH, clean, serialise
from truthlytics.contrib.importers import markdown
from truthlytics.contrib.importers.html_tree import HEADINGS, elements, restructure, text_chunks, tidy_tree
from truthlytics.contrib.importers.images import Pictures
from truthlytics.contrib.importers.records import Record, ReportLoss
from truthlytics.contrib.importers.tag_marks import resolve_marks
from truthlytics.contrib.importers.tags import MarkedText
from truthlytics.web.text import strip_control_characters

# Returns the new URL for an old one, or None if there is none.
Resolve = Callable[[str], str | None]
_OPENING = re.compile(r"\{(?=[{%])|<(?=script)", re.IGNORECASE)
_MAX_ANCHOR_LENGTH = 60  # as in articles.richtext.rendering


def convert_body(record: Record, resolve: Resolve, report_loss: ReportLoss, pictures: Pictures | None = None) -> str:
    """Return the sanitised body of `record`; report every difference from the source.

    Without `pictures`, notes replace all images.
    """
    marked = MarkedText(record.body, has_tags=not record.is_plain)
    html = markdown.render(marked.text, report_loss) if record.body_format == "markdown" else marked.text
    root = tidy_tree(strip_control_characters(html), report_loss)
    resolve_marks(root, marked, report_loss)
    targets = _headings_by_id(root)
    files = pictures or Pictures(record, report_loss)
    restructure(root, report_loss, files)
    _resolve_links(root, targets, lambda href: files.document_url(href) or resolve(href), report_loss)
    for footnote in elements(root, "sup"):
        if len(footnote.get("data-footnote", "")) > MAX_FOOTNOTE_LENGTH:
            report_loss("shortened", f"a footnote: {footnote.get('data-footnote')}")
    if count := _separate_openings(root):
        report_loss("braces", f"{count} in its text")
    return clean(serialise(root))


def convert_line(text: str, report_loss: ReportLoss, *, is_plain: bool = False) -> str:
    """Return a headline or standfirst as plain text on one line."""
    marked = MarkedText(text, has_tags=not is_plain)
    for tag in marked.tags:
        if tag.meaning in {"dropped", "text"}:
            report_loss("tag", tag.source)
    plain = text if is_plain else marked.plain(markdown.plain_text(marked.text))
    separated = separate_openings(plain)
    if separated != plain:
        report_loss("braces", plain)
    return " ".join(separated.split())


def separate_openings(text: str) -> str:
    """Break up the start of templates and scripts: `{{` becomes `{ {`, `<script` becomes `< script`."""
    return _OPENING.sub(lambda match: f"{match[0]} ", text)


def _separate_openings(root: HtmlElement) -> int:
    """Do so in all text and attributes under `root`, also across elements. Returns the number of changes."""
    count, last = 0, ""
    for element, attribute in text_chunks(root):
        text = getattr(element, attribute)
        separated = separate_openings(text)
        if (last == "{" and text[0] in "{%") or (last == "<" and text[:6].lower() == "script"):
            separated = f" {separated}"
        count += len(separated) - len(text)
        if separated != text:
            setattr(element, attribute, separated)
        last = text[-1]
    for element in root.iter(etree.Element):
        for name, value in element.attrib.items():
            if _OPENING.search(value):
                count += 1
                quoted = quote(value, safe="/:?#[]@!$&'()*+,;=%~") if name == "href" else separate_openings(value)
                element.set(name, quoted)
    return count


def _headings_by_id(root: HtmlElement) -> dict[str, HtmlElement]:
    """Map ids to headings: the heading's own id, one inside it, or one just before it.

    Only headings have addresses here, so an id elsewhere leads to the heading above it.
    """
    above: HtmlElement | None = None
    headings: dict[str, HtmlElement] = {}
    pending: list[str] = []
    around: dict[str, HtmlElement] = {}
    containing: dict[HtmlElement, HtmlElement] = {}  # heading by the element inside it
    for element in root.iter(etree.Element):
        names = [name for name in (element.get("id"), element.get("name")) if name]
        heading = element if element.tag in HEADINGS else containing.get(element.getparent())
        if heading is None:
            # Text behind it separates it from the next heading.
            pending += names if not (element.tail or "").strip() or element.tag != "a" else []
            if above is not None:
                around |= dict.fromkeys((name for name in names if name not in around), above)
            if (element.text or "").strip() and element is not root:
                pending = names if element.tag == "a" else []
            continue
        containing[element] = above = heading
        for name in (*pending, *names):
            headings.setdefault(name, heading)
        pending = []
    return around | headings


def _resolve_links(
    root: HtmlElement, targets: dict[str, HtmlElement], resolve: Resolve, report_loss: ReportLoss
) -> None:
    """Point each link to its new URL; replace links without a target by their text."""
    anchors = {slugify(h.text_content())[:_MAX_ANCHOR_LENGTH]: h for h in root if h.tag in {"h2", "h3", "h4"}}
    for link in elements(root, "a"):
        href = (link.get("href") or "").strip()
        internal = href.startswith("#")
        url = _anchor(href[1:], targets, anchors) if internal else resolve(href) if href else None
        link.attrib.pop("id", None)
        link.attrib.pop("name", None)
        if url is None:
            if href and href != "#":
                report_loss("link", href)
            link.drop_tag()
        else:
            link.set("href", url)


def _anchor(fragment: str, targets: dict[str, HtmlElement], anchors: dict[str, HtmlElement]) -> str | None:
    target = targets.get(fragment)
    for name, heading in anchors.items():
        if name and (heading is target or (target is None and name == slugify(fragment)[:_MAX_ANCHOR_LENGTH])):
            return f"#{name}"
    return None
