"""Make HTML of a text of Substack, without the widgets in it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles.access import Level
from articles.richtext.nesting import limit_open_tags
from articles.richtext.vocabulary import parse, serialise
from truthlytics.contrib.importers.footnotes import note_text, reference
from truthlytics.contrib.importers.records import Record, ReportLoss
from truthlytics.contrib.importers.substack import widgets
from truthlytics.contrib.importers.substack.widgets import new, replace
from truthlytics.web.text import strip_control_characters

# Removed without a word: parts of the page, not of the text.
SILENT_CLASSES = {"header-anchor-widget", "header-anchor-parent", "header-anchor", "image-link-expand", "hide-text"}
SILENT_TAGS = {"button", "svg", "input"}
RECORDING = "data-recording"
APP_HOST = "open.substack.com"


@dataclass(frozen=True, slots=True)
class OwnLinks:
    """What the addresses of the old site are: its hosts, and the slugs of what was public."""

    hosts: Collection[str]
    slugs: Collection[str]
    base: str

    def find(self, href: str) -> str | None:
        """Return `href` in the form that the plan knows if it leads to a public text of this export, else None."""
        try:
            parts = urlsplit(href)
            host = (parts.hostname or "").removeprefix("www.")
        except ValueError:
            return None
        path = parts.path
        if host == APP_HOST and path.startswith("/pub/"):
            path = "/" + path.removeprefix("/pub/").partition("/")[2]
            name = parts.path.split("/")[2]
            is_own = f"{name}.substack.com" in self.hosts
        else:
            is_own = host in self.hosts or (not host and parts.scheme == "")
        slug = unquote(path.removeprefix("/p/").strip("/")).removesuffix("/comments") if path.startswith("/p/") else ""
        return f"{self.base}/p/{slug}" if is_own and slug in self.slugs else None


def recording(url: str) -> str:
    """Return the mark for the recording of a podcast, which is not in its text. `to_html` replaces it."""
    return lxml_html.tostring(new("div", {RECORDING: url}), encoding="unicode") if url else ""


def to_html(record: Record, links: OwnLinks, report_loss: ReportLoss) -> str:
    """Return the body of `record` in plain elements: figures, embeds, footnotes and the start of the paid part."""
    root = parse(limit_open_tags(strip_control_characters(record.body)))
    _unwrap(root)
    _footnotes(root, report_loss)
    _walk(root, lambda element: _replace(element, report_loss))
    _gate(root, is_closed=record.target == "article" and record.level != Level.EVERYONE)
    _recording(root, record.title)
    _links(root, links, report_loss)
    return serialise(root)


def _unwrap(root: HtmlElement) -> None:
    """Remove the element around a whole text, so that its blocks are at the top level."""
    while len(root) == 1 and root[0].tag == "div" and not (root.text or "").strip() and len(root[0]):
        if not set((root[0].get("class") or "").split()) <= {"body", "markup", "available-content"}:
            return
        root[0].drop_tag()


def _walk(root: HtmlElement, handle: Callable[[HtmlElement], bool]) -> None:
    """Call `handle` for every element, but not for those in one that it has replaced."""
    waiting = list(reversed(root))
    while waiting:
        element = waiting.pop()
        if not isinstance(element.tag, str):
            continue
        if not handle(element):
            waiting += reversed(element)


def _replace(element: HtmlElement, report_loss: ReportLoss) -> bool:
    """Replace a widget; return whether `element` was one."""
    classes = (element.get("class") or "").split()
    if element.tag in SILENT_TAGS or not SILENT_CLASSES.isdisjoint(classes):
        element.drop_tree()
        return True
    for name in (*classes, f"<{element.tag}>"):
        if (handler := widgets.HANDLERS.get(name)) is not None and handler(element, report_loss):
            return True
    return False


def _footnotes(root: HtmlElement, report_loss: ReportLoss) -> None:
    """Attach the notes at the end to their references. Copied texts may have several with the same number."""
    notes: dict[str, list[str]] = {}
    for note in root.find_class("footnote"):
        number = next((part for part in note.find_class("footnote-number")), None)
        names = [name for part in (note, number) if part is not None and (name := part.get("id"))]
        if number is not None:
            number.drop_tree()
        content = next(iter(note.find_class("footnote-content")), note)
        notes.setdefault(names[0] if names else "", []).append(note_text(content))
        note.drop_tree()
    for anchor in root.find_class("footnote-anchor"):
        texts = notes.get((anchor.get("href") or "").removeprefix("#"), [])
        text = texts[0] if len(texts) == 1 else texts.pop(0) if texts else ""
        if text:
            replace(anchor, reference(text))
        else:
            report_loss("note", f"number {anchor.text_content()} has no text")
            replace(anchor)
    used = {note.get("data-footnote") for note in root.iter("sup")}
    for text in (text for texts in notes.values() for text in texts):
        if text and text not in used:
            report_loss("note", text)
            root.append(new("p", text=text))


def _gate(root: HtmlElement, *, is_closed: bool) -> None:
    """Mark where the paid part begins. Without a mark nothing of a text for some readers is shown to others."""
    jumps = [element for element in root.find_class("paywall-jump") if element.getparent() is not None]
    gate = new("hr", {"data-gate": ""})
    if jumps:
        block = jumps[0]
        while block.getparent() is not root:
            block = block.getparent()
        block.addprevious(gate)
        for jump in jumps:
            jump.drop_tag()
    elif is_closed:
        gate.tail, root.text = root.text, None
        root.insert(0, gate)


def _recording(root: HtmlElement, title: str) -> None:
    """Put the recording at the beginning, or where the paid part begins."""
    for mark in root.xpath(f"//div[@{RECORDING}]"):
        url = mark.get(RECORDING)
        mark.drop_tree()
        gate = next((block for block in root if block.get("data-gate") is not None), None)
        place = widgets.embed(url, title) if widgets.web_address(url) else None
        if place is None:
            continue
        if gate is not None:
            place.tail, gate.tail = gate.tail, None
            gate.addnext(place)
        else:
            place.tail, root.text = root.text, None
            root.insert(0, place)


def _links(root: HtmlElement, links: OwnLinks, report_loss: ReportLoss) -> None:
    for link in root.iter("a"):
        href = (link.get("href") or "").strip()
        if "%%" in href:  # A place that Substack fills in for each reader.
            report_loss("link", href)
            del link.attrib["href"]
        elif (own := links.find(href)) is not None:
            link.set("href", own)
        else:
            link.set("href", widgets.source_address(href))
    for image in root.iter("img"):
        src = widgets.source_address(image.get("src") or "")
        image.set("src", "" if src.startswith("data:") else src)
