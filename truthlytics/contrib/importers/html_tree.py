"""Convert arbitrary HTML to elements that the editor supports, without losing or joining words."""

import re
from collections.abc import Iterator
from functools import partial
from html import unescape
from urllib.parse import urlsplit

import nh3
from lxml import etree
from lxml import html as lxml_html
from lxml.html import HtmlElement

from articles.richtext.nesting import limit_open_tags
from articles.richtext.struck import STRUCK_TAGS, as_deletions, strike, strike_in_blocks
from articles.richtext.vocabulary import ATTRIBUTES, STRIPPED_TAGS, TAGS, parse, wrap_loose_text
from truthlytics.contrib.importers.images import Pictures, place_images, take_recording
from truthlytics.contrib.importers.records import ReportLoss
from truthlytics.contrib.importers.tag_marks import PLACEHOLDER_CLASS
from truthlytics.web.text import word_set

# Containers are unwrapped, and loose text in them becomes paragraphs.
CONTAINERS = word_set(
    "div section article header footer main nav figure figcaption center details summary dl dt dd form fieldset legend "
    "address hgroup caption"
)
RENAMED = {"b": "strong", "i": "em", "tt": "code", "kbd": "code", "samp": "code", "var": "em", "h5": "h4", "h6": "h5"}
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
FRAMES = {"iframe", "video", "audio"}
INLINE = {"a", "em", "strong", "s", "code", "pre", "h2", "h3", "h4"}
_STYLED = {"span", "font", "u", "ins", "mark", "small", "big"}
_STRUCK_STYLE = re.compile(r"text-decoration[a-z-]*\s*:[^;]*line-through", re.IGNORECASE)
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_SUBSCRIPT = str.maketrans("0123456789+-", "₀₁₂₃₄₅₆₇₈₉₊₋")
_DROPPED = re.compile(r"<(script|style|svg|template)\b", re.IGNORECASE)
_OBJECT = re.compile(r"<object\b", re.IGNORECASE)
_FORMULA = re.compile(r"<math\b(?:(?!</?math\b).)*</math\s*>", re.DOTALL | re.IGNORECASE)
_TEX = re.compile(r"<annotation\b[^<>]*tex[^<>]*>([^<>]+)</annotation", re.IGNORECASE)
_ALT_TEXT = re.compile(r"\salttext\s*=\s*[\"']([^\"'<>]+)[\"']", re.IGNORECASE)
_KRAMDOWN_ATTRIBUTES = re.compile(r"\n?\{:[^{}\n]*\}[ \t]*$")

# Removes scripts and repairs the HTML, but allows more elements than the editor supports. Of styles, only those that
# strike words out stay.
_cleaner = nh3.Cleaner(
    tags=TAGS
    | CONTAINERS
    | set(RENAMED)
    | FRAMES
    | set(HEADINGS)
    | {"img", "source", "sub", "q", "br"}
    | _STYLED
    | set(STRUCK_TAGS),
    clean_content_tags=STRIPPED_TAGS - FRAMES - {"noscript", "object"},
    attributes={
        **ATTRIBUTES,
        "*": {"id", "style"},
        "a": {"href", "title", "name"},
        "img": {"src", "alt", "data-media"},
        "figure": {"data-image"},
        **{name: {"src", "title"} for name in (*FRAMES, "source")},
    },
    attribute_filter=lambda tag, name, value: None if name == "style" and not _STRUCK_STYLE.search(value) else value,
    allowed_classes={"aside": {"pullquote", "callout"}},
    url_schemes={"https", "http", "mailto", "file"},
    link_rel=None,
    strip_comments=True,
)


def tidy_tree(html: str, report_loss: ReportLoss) -> HtmlElement:
    """Parse `html`, however malformed, without scripts, styles and drawings."""
    for match in _DROPPED.finditer(html):
        report_loss("script", f"<{match[1].lower()}>")
    for _object in _OBJECT.finditer(html):
        report_loss("mark-up", "<object>, whose text was kept")
    html = _FORMULA.sub(partial(_formula, report_loss), html) if "<math" in html.lower() else html
    root = parse(as_deletions(_cleaner.clean(limit_open_tags(html))))
    _strike_out(root)
    strike_in_blocks(root)
    return root


def _formula(report_loss: ReportLoss, match: re.Match[str]) -> str:
    """Return the source of a formula in TeX, if it has one, or else its signs, as code."""
    source = _TEX.search(match[0]) or _ALT_TEXT.search(match[0])
    text = source[1] if source else " ".join(re.sub(r"<[^<>]*>", " ", match[0]).split())
    report_loss("formula", unescape(text))
    return f"<code>{text}</code>"


def _strike_out(root: HtmlElement) -> None:
    """Strike out the words in elements with such a style."""
    for element in [element for element in root.iter(etree.Element) if element.attrib.pop("style", None)]:
        strike(element)
    for element in elements(root, *_STYLED):
        element.drop_tag()


def elements(root: HtmlElement, *names: str) -> list[HtmlElement]:
    return [element for element in root.iter(*names) if element is not root]


def restructure(root: HtmlElement, report_loss: ReportLoss, pictures: Pictures) -> None:
    """Replace unsupported elements under `root`, keeping their text, and images by those in `pictures`."""
    take_recording(root, pictures)
    place_images(root, pictures)
    _replace_frames(root, report_loss)
    _headings(root)
    for old, new in RENAMED.items():
        for element in elements(root, old):
            element.tag = new
    _inline_elements(root, report_loss)
    _flatten(root)
    for element in elements(root, "p"):
        _split_at_images(element)
    for element in elements(root, "em"):
        if element.get("class") == PLACEHOLDER_CLASS:
            _space_around(element)
    _drop_empty(root)


def _replace_frames(root: HtmlElement, report_loss: ReportLoss) -> None:
    for frame in elements(root, *FRAMES):
        source = frame.get("src") or next((child.get("src") or "" for child in frame.iter("source")), "")
        report_loss("frame", frame.get("title") or source)
        url = f"https:{source}" if source.startswith("//") else source
        text = " ".join((frame.get("title") or "").split()) or _host(url)
        frame.text, frame.tag = None, "div"
        for child in list(frame):
            child.drop_tree()
        frame.attrib.clear()
        if url.startswith(("http:", "https:")):
            link = lxml_html.Element("a", {"href": url})
            link.text = text
            frame.append(link)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or url
    except ValueError:
        return url


def _headings(root: HtmlElement) -> None:
    """Make the highest heading h2, since the headline is the h1."""
    headings = elements(root, *HEADINGS)
    if headings:
        shift = 2 - min(int(heading.tag[1]) for heading in headings)
        for heading in headings:
            heading.tag = f"h{min(int(heading.tag[1]) + shift, 4)}"


def _inline_elements(root: HtmlElement, report_loss: ReportLoss) -> None:
    for element in elements(root, "sup", "sub"):
        if element.get("data-footnote"):
            continue
        text = element.text_content()
        if re.fullmatch(r"[+-]?\d+", text.strip()) and not len(element):
            element.text = text.strip().translate(_SUPERSCRIPT if element.tag == "sup" else _SUBSCRIPT)
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
                setattr(holder, name, _KRAMDOWN_ATTRIBUTES.sub("", text))


def _flatten(root: HtmlElement) -> None:
    """Unwrap every container, innermost first; its loose text becomes paragraphs, so that words stay separate."""
    for element in reversed(elements(root, *CONTAINERS, "blockquote", "aside")):
        if any(parent.tag in INLINE for parent in element.iterancestors()):
            element.text = " " + (element.text or "")
            if element.tail or element.getnext() is not None:
                element.tail = f" {element.tail or ''}"
            element.drop_tag()
            continue
        if element.tag == "figure" and element.get("data-image"):
            continue
        if element.tag == "div" and (element.get("data-embed") or element.get("data-gallery") is not None):
            continue
        if element.tag == "figcaption" and element.getparent().get("data-image"):
            continue
        if element.tag == "aside" and element.get("class") in {"pullquote", "callout"}:
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
    """Move the caption, which the editor doesn't support, before its table, in bold."""
    table = next(caption.iterancestors("table"), None)
    for paragraph in list(caption.iterchildren("p")):
        _embolden(paragraph)
        if table is not None:
            table.addprevious(paragraph)
    caption.drop_tree()


def _space_around(element: HtmlElement) -> None:
    """Add spaces around an image's placeholder, or its link, where it touches other text."""
    before = element.getprevious()
    holder, name = (element.getparent(), "text") if before is None else (before, "tail")
    text = getattr(holder, name) or ""
    if (before is not None and not text) or text[-1:].isalnum() or text[-1:] in {".", ",", ":", ";", "”"}:
        setattr(holder, name, f"{text} ")
    tail = element.tail or ""
    if tail[:1].isalnum() or (not tail and element.getnext() is not None):
        element.tail = f" {tail}"
    if element.getparent().tag == "a":
        _space_around(element.getparent())


def _split_at_images(paragraph: HtmlElement) -> None:
    """Put an image that was on its own line into its own paragraph."""
    for child in list(paragraph):
        holder = child if child.tag == "em" else next(iter(child), None) if child.tag == "a" else None
        if holder is None or holder.get("class") != PLACEHOLDER_CLASS or paragraph.getparent() is None:
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
    """Split into three paragraphs: the content before `child`, `child`, and the content after it."""
    first, own = lxml_html.Element("p"), lxml_html.Element("p")
    first.text, paragraph.text = paragraph.text, None
    for sibling in list(child.itersiblings(preceding=True))[::-1]:
        first.append(sibling)
    paragraph.text, child.tail = child.tail, None
    own.append(child)
    paragraph.addprevious(first)
    paragraph.addprevious(own)


_VOID_OR_STRUCTURAL = {"br", "hr", "sup", "figure", "td", "th", "table"}


def _drop_empty(root: HtmlElement) -> None:
    for element in reversed(
        elements(root, "p", "h2", "h3", "h4", "li", "ul", "ol", "blockquote", "pre", *_INLINE_MARKS)
    ):
        if element.text_content().strip() or any(child.tag in _VOID_OR_STRUCTURAL - {"br"} for child in element.iter()):
            continue
        if element.tag in _INLINE_MARKS:
            element.drop_tag()
        else:
            element.drop_tree()


_INLINE_MARKS = ("a", "em", "strong", "s", "code")


def text_chunks(root: HtmlElement) -> Iterator[tuple[HtmlElement, str]]:
    """Yield (element, "text" or "tail") for every text under `root`, in document order."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "start" and element.text:
            yield element, "text"
        elif event == "end" and element is not root and element.tail:
            yield element, "tail"
