"""Second pass over template tags: replace each mark in the parsed body by what its tag means."""

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from truthlytics.contrib.importers.markdown import render_line
from truthlytics.contrib.importers.records import ReportLoss
from truthlytics.contrib.importers.tags import MarkedText, Tag, image_text

# Class of image placeholders until paragraphs are split; the sanitiser removes it.
PLACEHOLDER_CLASS = "image"
CODE = {"code", "pre"}
_LOSS_CODES = {"image": "image", "link": "frame", "text": "tag", "dropped": "tag"}


def resolve_marks(root: HtmlElement, marked: MarkedText, report_loss: ReportLoss) -> None:
    """Replace every mark under `root`. In code samples the tag itself is restored."""
    if not marked.tags:
        return
    for element in list(root.iter(etree.Element)):
        for name, value in element.attrib.items():
            if marked.prefix in value.lower():
                for number in marked.pattern.findall(value):
                    _report_tag(marked.tags[int(number)], report_loss)
                element.set(name, marked.plain(value))
        if element.text and marked.prefix in element.text.lower():
            text, element.text = element.text, None
            _insert_resolved(element, 0, text, marked, report_loss, in_code=_in_code(element))
    for element in list(root.iter(etree.Element)):
        parent = element.getparent()
        if element is not root and element.tail and marked.prefix in element.tail.lower():
            text, element.tail = element.tail, None
            index = parent.index(element) + 1
            _insert_resolved(parent, index, text, marked, report_loss, in_code=_in_code(parent))


def _in_code(element: HtmlElement) -> bool:
    return element.tag in CODE or any(ancestor.tag in CODE for ancestor in element.iterancestors())


def _report_tag(tag: Tag, report_loss: ReportLoss) -> None:
    if tag.meaning in _LOSS_CODES:
        report_loss(_LOSS_CODES[tag.meaning], tag.source)


def _insert_resolved(
    parent: HtmlElement, index: int, text: str, marked: MarkedText, report_loss: ReportLoss, *, in_code: bool
) -> None:
    """Insert `text`, with its marks resolved, into `parent` before the child number `index`."""
    end = 0
    for match in marked.pattern.finditer(text):
        index = _insert_text(parent, index, text[end : match.start()])
        tag = marked.tags[int(match[1])]
        if in_code:
            index = _insert_text(parent, index, tag.text if tag.meaning in {"path", "literal"} else tag.source)
        else:
            _report_tag(tag, report_loss)
            index = _insert_tag(parent, index, tag)
        end = match.end()
    _insert_text(parent, index, text[end:])


def _insert_tag(parent: HtmlElement, index: int, tag: Tag) -> int:
    match tag.meaning:
        case "literal" | "path" | "file":
            return _insert_text(parent, index, tag.text)
        case "image":
            index = _insert(parent, index, image_placeholder(tag.text))
            return _insert_text(parent, index, f"\n{tag.extra}\n") if tag.extra else index
        case "link":
            link = lxml_html.Element("a", {"href": tag.extra})
            link.text = tag.text
            return _insert(parent, index, link)
        case "text":
            for part in lxml_html.fragments_fromstring(render_line(tag.text)):
                insert = _insert_text if isinstance(part, str) else _insert
                index = insert(parent, index, part)
    return index


def image_placeholder(alt: str) -> HtmlElement:
    element = lxml_html.Element("em", {"class": PLACEHOLDER_CLASS})
    element.text = image_text(" ".join(alt.split()))
    return element


def _insert(parent: HtmlElement, index: int, element: HtmlElement) -> int:
    parent.insert(index, element)
    return index + 1


def _insert_text(parent: HtmlElement, index: int, text: str) -> int:
    if not text:
        return index
    if index == 0:
        parent.text = (parent.text or "") + text
    else:
        before = parent[index - 1]
        before.tail = (before.tail or "") + text
    return index
