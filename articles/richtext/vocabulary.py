"""The body's vocabulary: what the editor offers is what the sanitiser lets through, on every path to the database."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django.db import models
from django_prose_editor.config import html_tags
from django_prose_editor.fields import ProseEditorField

from articles.richtext import embeds
from truthlytics.web.lazy_import import Later
from truthlytics.web.markup import HtmlElement, lxml_html
from truthlytics.web.text import without_controls

if TYPE_CHECKING:
    import nh3
else:
    nh3 = Later("nh3")

EXTENSION_RULES = {
    "Footnote": html_tags(["sup"], {"sup": ["data-footnote"]}),
    "PullQuote": html_tags(["aside"], {"aside": ["class", "data-by"]}),
    "LibraryFigure": html_tags(["figure", "figcaption"], {"figure": ["data-image"]}),
    "Gate": html_tags(["hr"], {"hr": ["data-gate"]}),
    "Embed": html_tags(["div"], {"div": ["data-embed", "data-title", "data-image"]}),
    "NewsTools": html_tags([]),
    "CleanPaste": html_tags([]),
    "SmartQuotes": html_tags([]),
    "InsertMenu": html_tags([]),
}
# Where the browser finds them, and what else the editor does.
MODULES = [f"newsroom/js/{name}.js" for name in ("prose-news", "paste", "embed", "quotes", "slash")]
ARTICLE = {
    "Menu": False,  # our own toolbar: real buttons, aria-pressed, arrow keys
    "Heading": {"levels": [2, 3, 4]},
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "Code": True,
    "CodeBlock": True,
    "Link": {"enableTarget": False, "protocols": ["https", "http", "mailto"]},
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "HardBreak": True,
    "HorizontalRule": True,
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    **dict.fromkeys(EXTENSION_RULES, True),
}

TAGS = {
    "p", "h2", "h3", "h4", "strong", "em", "code", "pre", "a", "ul", "ol", "li", "blockquote", "br", "hr",
    "table", "thead", "tbody", "tfoot", "tr", "th", "td", "figure", "figcaption", "aside", "sup", "sub", "s",
    "div",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "title"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "figure": {"data-image"},
    "aside": {"data-by"},
    "sup": {"data-footnote"},
    "hr": {"data-gate"},
    "div": {"data-embed", "data-title", "data-image"},
}
DROPPED_WHOLE = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea"}
ALIASES = {"b": "strong", "i": "em", "strike": "s", "h1": "h2", "h5": "h4", "h6": "h4"}
MAX_FOOTNOTE = 2000
_SPAN = re.compile(r"[1-9][0-9]?")


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Keep only values that mean something here: nh3 does not look into `data-*`."""
    if name in {"colspan", "rowspan", "start"}:
        # The editor writes that a cell is one cell; the same text without it must not seem to differ.
        return value if _SPAN.fullmatch(value) and value != "1" else None
    if name == "data-image":
        try:
            return str(UUID(value))
        except ValueError:
            return None
    if name in {"data-footnote", "data-by", "title"}:
        return without_controls(value)[:MAX_FOOTNOTE].strip()
    if name == "data-embed":
        return embeds.address(value)
    if name == "data-title":
        return embeds.title(value)
    if name == "data-gate":
        return ""
    return value


@cache
def _cleaner() -> "nh3.Cleaner":
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=DROPPED_WHOLE,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        allowed_classes={"aside": {"pullquote"}},
        url_schemes={"https", "http", "mailto"},
        link_rel=None,
        strip_comments=True,
    )


def clean(body: str) -> str:
    """`body` in our vocabulary, whatever came in: no script, no foreign mark-up, no address of another kind.

    Cleaning twice changes nothing.
    """
    if not body or not body.strip():
        return ""
    for old, new in ALIASES.items():
        if f"<{old}" in body:
            body = re.sub(rf"<(/?){old}(?=[\s>])", rf"<\1{new}", body)
    return _normalise(_cleaner().clean(without_controls(body)))


@cache
def _parser() -> Any:
    # Without `huge_tree` what stands deeper than 256 elements would be lost without a word.
    return lxml_html.HTMLParser(huge_tree=True)


def parse(body: str) -> HtmlElement:
    """The body as the children of one element. Never fails on text that went through `clean`."""
    return cast(HtmlElement, lxml_html.fragment_fromstring(body, create_parent="div", parser=_parser()))


def serialise(element: HtmlElement) -> str:
    """The children of `element` as HTML."""
    parts = [_escape(element.text or "")]
    parts += [lxml_html.tostring(child, encoding="unicode") for child in element]
    return "".join(parts)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _normalise(body: str) -> str:
    root = parse(body)
    gates = 0
    for element in list(root.iterdescendants("sup", "figure", "aside", "hr", "div")):
        if element.tag == "hr":
            if element.get("data-gate") is not None:
                gates += element.getparent() is root
                if gates > 1 or element.getparent() is not root:
                    element.drop_tag()
        elif element.tag == "sup":
            if element.get("data-footnote"):
                element.text = None  # the number is made from its place
            elif not element.text_content().strip():
                element.drop_tag()
        elif element.tag == "div":
            _point_alone(element, root)
        elif element.tag == "figure" and not element.get("data-image"):
            element.drop_tag()
        elif element.tag == "aside":
            element.set("class", "pullquote")
    wrap_loose_text(root)
    for paragraph in root.findall("p"):
        # An empty line is how the editor lets one go on writing, not a part of the text.
        if not len(paragraph) and not (paragraph.text or "").strip():
            paragraph.drop_tree()
    text = serialise(root)
    return "" if re.fullmatch(r"<(\w+)></\1>", text) else text


def _point_alone(element: HtmlElement, root: HtmlElement) -> None:
    """An embed stands by itself and holds nothing; other boxes are none of ours. The words in either stay."""
    if element.get("data-embed"):
        top = element
        while top.getparent() is not root:
            top = top.getparent()
        top.addnext(lxml_html.Element("div", dict(element.attrib)))
    element.drop_tag()


def pictures_in(body: str) -> list[str]:
    """The uuids of the library's pictures that a clean body shows."""
    return [str(named.get("data-image")) for named in parse(body).iterfind(".//*[@data-image]")] if body else []


INLINE = {"strong", "em", "s", "sub", "sup", "code", "a", "br"}


def wrap_loose_text(root: HtmlElement) -> None:
    """Words that stand outside of every block become paragraphs, as the editor would make them."""
    loose: list[Any] = []

    def close(before: HtmlElement | None) -> None:
        if not loose:
            return
        paragraph = lxml_html.Element("p")
        for part in loose:
            if isinstance(part, str):
                _append_text(paragraph, part)
            else:
                paragraph.append(part)
        loose.clear()
        if not "".join(paragraph.itertext()).strip() and not len(paragraph):
            return
        if before is None:
            root.append(paragraph)
        else:
            before.addprevious(paragraph)

    if root.text and root.text.strip():
        loose.append(root.text)
    root.text = None
    for child in list(root):
        tail, child.tail = child.tail, None
        if child.tag in INLINE:
            root.remove(child)
            loose.append(child)
        else:
            close(child)
        if tail and (tail.strip() or loose):
            loose.append(tail)
    close(None)


def _append_text(element: HtmlElement, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


class ProseField(ProseEditorField):
    """A body. Sanitised in forms and again on every write, so that no path skips it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"extensions": ARTICLE, "sanitize": clean, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = clean(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: Any) -> Any:
        """Also `update()` and `bulk_update()` come through here."""
        value = super().get_prep_value(value)
        return clean(value) if isinstance(value, str) and "<" in value else value
