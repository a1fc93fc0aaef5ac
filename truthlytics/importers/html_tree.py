"""Turning a foreign tree into one that our vocabulary can hold, without losing or gluing together words."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import nh3
from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles.richtext.vocabulary import ATTRIBUTES, STRIPPED_TAGS, TAGS, parse, wrap_loose_text
from truthlytics.importers.records import Lost
from truthlytics.importers.tag_marks import PICTURE, picture

# Blocks that only hold other things: what is in them becomes paragraphs.
CONTAINERS = {
    "div", "section", "article", "header", "footer", "main", "nav", "figure", "figcaption", "center", "details",
    "summary", "dl", "dt", "dd", "form", "fieldset", "legend", "address", "hgroup", "caption",
}  # fmt: skip
RENAMED = {"b": "strong", "i": "em", "tt": "code", "kbd": "code", "samp": "code", "var": "em", "h5": "h4", "h6": "h5"}
FRAMES = {"iframe", "video", "audio"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
INLINE = {"a", "em", "strong", "code", "pre", "h2", "h3", "h4"}
_STRUCK = {"del", "s", "strike"}
_RAISED = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_LOWERED = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_DROPPED = re.compile(r"<(script|style|svg|math|object|template)\b", re.IGNORECASE)
_KRAMDOWN = re.compile(r"\n?\{:[^{}\n]*\}[ \t]*$")

# Wider than our vocabulary: it makes a tidy tree of whatever came, and takes scripts out, before we look at it.
_reader = nh3.Cleaner(
    tags=TAGS | CONTAINERS | set(RENAMED) | FRAMES | set(HEADINGS) | _STRUCK | {"img", "source", "sub", "q", "br"},
    clean_content_tags=STRIPPED_TAGS - FRAMES - {"noscript"},
    attributes={
        **ATTRIBUTES,
        "*": {"id"},
        "a": {"href", "title", "name"},
        "img": {"src", "alt"},
        "figure": {"data-image"},
        **{name: {"src", "title"} for name in (*FRAMES, "source")},
    },
    allowed_classes={"aside": {"pullquote"}},
    url_schemes={"https", "http", "mailto", "file"},
    link_rel=None,
    strip_comments=True,
)


def tidy_tree(html: str, lost: Lost) -> HtmlElement:
    """`html` as a tree that is well formed, however it came. Scripts, styles and drawings are gone, and told."""
    for match in _DROPPED.finditer(html):
        lost("script", f"<{match[1].lower()}>")
    tidy = _reader.clean(html)
    root = parse(tidy)
    # The parser gives up on what is nested some two thousand deep: nobody must find that out by reading.
    words = unescape(nh3.clean(tidy, tags=set())).split()
    if (missing := len(words) - len(root.text_content().split())) > 0:
        lost("words", f"{missing} words")
    return root


def elements(root: HtmlElement, *names: str) -> list[HtmlElement]:
    return [element for element in root.iter(*names) if element is not root]


def reshape(root: HtmlElement, lost: Lost) -> None:
    """Everything foreign under `root` becomes what we have, and its words stay."""
    _pictures_and_frames(root, lost)
    _headings(root)
    for name, ours in RENAMED.items():
        for element in elements(root, name):
            element.tag = ours
    _small_marks(root, lost)
    _flatten(root)
    for element in elements(root, "p"):
        _cut_at_pictures(element)
    for element in elements(root, "em"):
        if element.get("class") == PICTURE:
            _keep_apart(element)
    _drop_empty(root)


def _pictures_and_frames(root: HtmlElement, lost: Lost) -> None:
    for image in elements(root, "img"):
        lost("picture", image.get("alt") or image.get("src") or "")
        stands = picture(image.get("alt") or "")
        stands.tail, image.tail = image.tail, None
        image.getparent().replace(image, stands)
    for frame in elements(root, *FRAMES):
        source = frame.get("src") or next((each.get("src") or "" for each in frame.iter("source")), "")
        lost("frame", frame.get("title") or source)
        address = f"https:{source}" if source.startswith("//") else source
        words = " ".join((frame.get("title") or "").split()) or _host(address)
        frame.text, frame.tag = None, "div"
        for inner in list(frame):
            inner.drop_tree()
        frame.attrib.clear()
        if address.startswith(("http:", "https:")):
            link = lxml_html.Element("a", {"href": address})
            link.text = words
            frame.append(link)


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or address
    except ValueError:
        return address


def _headings(root: HtmlElement) -> None:
    """The highest heading of a body is h2: above it stands the headline alone."""
    found = elements(root, *HEADINGS)
    if found:
        shift = 2 - min(int(heading.tag[1]) for heading in found)
        for heading in found:
            heading.tag = f"h{min(int(heading.tag[1]) + shift, 4)}"


def _small_marks(root: HtmlElement, lost: Lost) -> None:
    for element in elements(root, *_STRUCK):
        if element.text_content().strip():
            lost("mark-up", f"struck through: {element.text_content()}")
        element.drop_tag()
    for element in elements(root, "sup", "sub"):
        if element.get("data-footnote"):
            continue
        text = element.text_content()
        if re.fullmatch(r"[+-]?\d+", text.strip()) and not len(element):
            element.text = text.strip().translate(_RAISED if element.tag == "sup" else _LOWERED)
        element.drop_tag()
    for element in elements(root, "q"):
        element.text = "“" + (element.text or "")
        last = element[-1] if len(element) else None
        if last is None:
            element.text += "”"
        else:
            last.tail = (last.tail or "") + "”"
        element.drop_tag()
    for element in elements(root, "p"):
        for holder, name in ((element, "text"), *((child, "tail") for child in element)):
            if (text := getattr(holder, name)) and "{:" in text:
                setattr(holder, name, _KRAMDOWN.sub("", text))


def _flatten(root: HtmlElement) -> None:
    """Unwrap every container, innermost first; loose words in it become paragraphs, so that none are glued."""
    for element in reversed(elements(root, *CONTAINERS, "blockquote", "aside")):
        if any(parent.tag in INLINE for parent in element.iterancestors()):
            element.text = " " + (element.text or "")
            if element.tail or element.getnext() is not None:
                element.tail = f" {element.tail or ''}"
            element.drop_tag()
            continue
        if element.tag == "figure" and element.get("data-image"):
            continue
        if element.tag == "figcaption" and element.getparent().get("data-image"):
            continue
        if element.tag == "aside" and "pullquote" in element.get("class", ""):
            continue
        wrap_loose_text(element)
        if element.tag in {"dt", "summary", "legend"}:
            for paragraph in element.iterchildren("p"):
                _embolden(paragraph)
        if element.tag == "caption":
            _before_table(element)
        elif element.tag != "blockquote":
            element.drop_tag()


def _embolden(paragraph: HtmlElement) -> None:
    strong = lxml_html.Element("strong")
    strong.text, paragraph.text = paragraph.text, None
    strong.extend(list(paragraph))
    paragraph.append(strong)


def _before_table(caption: HtmlElement) -> None:
    """A table has no caption with us: its words stand before it, in bold."""
    table = next(caption.iterancestors("table"), None)
    for paragraph in list(caption.iterchildren("p")):
        _embolden(paragraph)
        if table is not None:
            table.addprevious(paragraph)
    caption.drop_tree()


def _keep_apart(element: HtmlElement) -> None:
    """Spaces round words that stand where a picture touched other words, or where its link did."""
    before = element.getprevious()
    holder, name = (element.getparent(), "text") if before is None else (before, "tail")
    text = getattr(holder, name) or ""
    if (before is not None and not text) or text[-1:].isalnum() or text[-1:] in {".", ",", ":", ";", "”"}:
        setattr(holder, name, f"{text} ")
    tail = element.tail or ""
    if tail[:1].isalnum() or (not tail and element.getnext() is not None):
        element.tail = f" {tail}"
    if element.getparent().tag == "a":
        _keep_apart(element.getparent())


def _cut_at_pictures(paragraph: HtmlElement) -> None:
    """A picture that had a line of its own gets a paragraph of its own."""
    for child in list(paragraph):
        holder = child if child.tag == "em" else next(iter(child), None) if child.tag == "a" else None
        if holder is None or holder.get("class") != PICTURE or paragraph.getparent() is None:
            continue
        before = child.getprevious()
        text = (before.tail if before is not None else paragraph.text) or ""
        starts = (before is None and not text.strip()) or "\n" in text[len(text.rstrip()) :] or _is_break(before, text)
        tail = child.tail or ""
        ends = (child.getnext() is None and not tail.strip()) or "\n" in tail[: len(tail) - len(tail.lstrip())]
        if starts and ends and (text.strip() or tail.strip() or len(paragraph) > 1):
            _split_around(paragraph, child)


def _is_break(element: HtmlElement | None, text: str) -> bool:
    return element is not None and element.tag == "br" and not text.strip()


def _split_around(paragraph: HtmlElement, child: HtmlElement) -> None:
    """`paragraph` keeps what follows `child`; what stands before it and `child` itself become paragraphs before it."""
    first, own = lxml_html.Element("p"), lxml_html.Element("p")
    first.text, paragraph.text = paragraph.text, None
    for earlier in list(child.itersiblings(preceding=True))[::-1]:
        first.append(earlier)
    paragraph.text, child.tail = child.tail, None
    own.append(child)
    paragraph.addprevious(first)
    paragraph.addprevious(own)


_HOLDS = {"br", "hr", "sup", "figure", "td", "th", "table"}


def _drop_empty(root: HtmlElement) -> None:
    for element in reversed(
        elements(root, "p", "h2", "h3", "h4", "li", "ul", "ol", "blockquote", "pre", *_INLINE_MARKS)
    ):
        if element.text_content().strip() or any(each.tag in _HOLDS - {"br"} for each in element.iter()):
            continue
        if element.tag in _INLINE_MARKS:
            element.drop_tag()
        else:
            element.drop_tree()


_INLINE_MARKS = ("a", "em", "strong", "code")


def text_chunks(root: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """(element, "text" or "tail") for every piece of text under `root`, in the order of reading."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start" and element.text:
            yield element, "text"
        elif event == "end" and element is not root and element.tail:
            yield element, "tail"
