"""The second half of template tags: in the tree of a body, each mark becomes what its tag means."""

from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from truthlytics.importers.markdown import render_line
from truthlytics.importers.records import Lost
from truthlytics.importers.tags import Marked, Tag, not_included

# What a picture leaves behind carries this class until the paragraphs are cut; the sanitiser drops it.
PICTURE = "picture"
CODE = {"code", "pre"}


def resolve_marks(root: HtmlElement, marked: Marked, lost: Lost) -> None:
    """Replace every mark under `root`. In code the tag itself is shown: readers came for it."""
    if not marked.tags:
        return
    for element in list(root.iter(etree.Element)):
        for name, value in element.attrib.items():
            if marked.prefix in value.lower():
                for number in marked.pattern.findall(value):
                    _tell(marked.tags[int(number)], lost)
                element.set(name, marked.plain(value))
        if element.text and marked.prefix in element.text.lower():
            text, element.text = element.text, None
            _fill(element, 0, text, marked, lost, in_code=_in_code(element))
    for element in list(root.iter(etree.Element)):
        parent = element.getparent()
        if element is not root and element.tail and marked.prefix in element.tail.lower():
            text, element.tail = element.tail, None
            _fill(parent, parent.index(element) + 1, text, marked, lost, in_code=_in_code(parent))


def _in_code(element: HtmlElement) -> bool:
    return element.tag in CODE or any(each.tag in CODE for each in element.iterancestors())


def _tell(tag: Tag, lost: Lost) -> None:
    codes = {"picture": "picture", "link": "frame", "words": "tag", "dropped": "tag"}
    if tag.meaning in codes:
        lost(codes[tag.meaning], tag.source)


def _fill(parent: HtmlElement, place: int, text: str, marked: Marked, lost: Lost, *, in_code: bool) -> None:
    """Put `text` with its marks resolved into `parent`, before its child number `place`."""
    end = 0
    for match in marked.pattern.finditer(text):
        place = _add_text(parent, place, text[end : match.start()])
        tag = marked.tags[int(match[1])]
        if in_code:
            place = _add_text(parent, place, tag.text if tag.meaning in {"path", "literal"} else tag.source)
        else:
            _tell(tag, lost)
            place = _add_tag(parent, place, tag)
        end = match.end()
    _add_text(parent, place, text[end:])


def _add_tag(parent: HtmlElement, place: int, tag: Tag) -> int:
    match tag.meaning:
        case "literal" | "path" | "file":
            return _add_text(parent, place, tag.text)
        case "picture":
            place = _add(parent, place, picture(tag.text))
            return _add_text(parent, place, f"\n{tag.more}\n") if tag.more else place
        case "link":
            link = lxml_html.Element("a", {"href": tag.more})
            link.text = tag.text
            return _add(parent, place, link)
        case "words":
            for part in lxml_html.fragments_fromstring(render_line(tag.text)):
                if isinstance(part, str):
                    place = _add_text(parent, place, part)
                else:
                    parent.insert(place, part)
                    place += 1
    return place


def picture(alt: str) -> HtmlElement:
    """What stands for a picture that did not come along."""
    element = lxml_html.Element("em", {"class": PICTURE})
    element.text = not_included(" ".join(alt.split()))
    return element


def _add(parent: HtmlElement, place: int, element: HtmlElement) -> int:
    parent.insert(place, element)
    return place + 1


def _add_text(parent: HtmlElement, place: int, text: str) -> int:
    if not text:
        return place
    if place == 0:
        parent.text = (parent.text or "") + text
    else:
        before = parent[place - 1]
        before.tail = (before.tail or "") + text
    return place
