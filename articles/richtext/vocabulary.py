"""The rich text vocabulary of article bodies, shared by the editor and the sanitiser.

Every path to the database sanitises: forms, model saves and bulk updates.
"""

import re
from functools import cache
from typing import TYPE_CHECKING, cast
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext as _
from django_prose_editor.fields import ProseEditorField

from articles.richtext import embeds
from articles.richtext.nesting import limit_depth, limit_open_tags
from articles.richtext.struck import as_deletions, strike_in_blocks
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.markup import HtmlElement, lxml_html
from truthlytics.web.text import split_words, strip_control_characters, word_set

if TYPE_CHECKING:
    import nh3
else:
    nh3 = LazyModule("nh3")

# Editor extensions of the project, declared in settings.DJANGO_PROSE_EDITOR_EXTENSIONS.
EXTENSIONS = split_words(
    "Footnote SourceMarks PullQuote Callout LibraryFigure Gallery Gate Embed NewsTools CleanPaste SmartQuotes "
    "InsertMenu ImageDrop MoveBlocks LinkButton"
)
ARTICLE_EXTENSIONS = {
    "Menu": False,  # The editor page has its own toolbar, with accessible buttons.
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
    **dict.fromkeys(EXTENSIONS, True),
}

TAGS = word_set(
    "p h2 h3 h4 strong em code pre a ul ol li blockquote br hr table thead tbody tfoot tr th td figure figcaption "
    "aside sup sub s div"
)
ATTRIBUTES = {
    "p": {"data-button"},
    "a": {"href", "title", "data-source"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
    "figure": {"data-image", "data-size"},
    "aside": {"data-by"},
    "sup": {"data-footnote", "data-source"},
    "hr": {"data-gate"},
    "div": {"data-embed", "data-title", "data-image", "data-gallery"},
}
# Tags that are removed together with their content.
STRIPPED_TAGS = {"script", "style", "template", "noscript", "iframe", "object", "svg", "math", "title", "textarea"}
TAG_ALIASES = {"b": "strong", "i": "em", "strike": "s", "del": "s", "h1": "h2", "h5": "h4", "h6": "h4"}
MAX_FOOTNOTE_LENGTH = 2000
# Widths of images, besides the default: as wide as the text.
FIGURE_SIZES = {"wide", "aside"}
CALLOUT_BLOCKS = {"p", "ul", "ol"}
# The number of images in a gallery; the same numbers are in static/newsroom/js/editor/gallery.js.
MIN_GALLERY, MAX_GALLERY = 2, 6
# What is removed if it held only a block that was moved.
_EMPTIED = {"p", "li", "ul", "ol", "blockquote"}
# How an emphasised note begins that an import leaves for a missing image. Readers do not get it.
MISSING_IMAGE = "image not included"
_SPAN = re.compile(r"[1-9][0-9]?")


def _attribute(tag: str, name: str, value: str) -> str | None:
    """Validate attribute values, which nh3 does not do for `data-*`. Return None to remove the attribute."""
    if name in {"colspan", "rowspan", "start"}:
        # The editor writes the default "1"; omit it so that the same text does not appear to have changed.
        return value if _SPAN.fullmatch(value) and value != "1" else None
    if name == "data-image":
        try:
            return str(UUID(value))
        except ValueError:
            return None
    if name in {"data-footnote", "data-by", "title"}:
        return strip_control_characters(value)[:MAX_FOOTNOTE_LENGTH].strip()
    if name == "data-size":
        return value if value in FIGURE_SIZES else None
    if name == "data-embed":
        return embeds.clean_url(value)
    if name == "data-title":
        return embeds.clean_title(value)
    if name == "data-source":
        # "" marks a link or footnote as a source, "no" a footnote with a URL as none.
        return value if value == "" or (tag == "sup" and value == "no") else None
    if name in {"data-gate", "data-gallery", "data-button"}:
        return ""
    return value


@cache
def _cleaner() -> "nh3.Cleaner":
    return nh3.Cleaner(
        tags=TAGS,
        clean_content_tags=STRIPPED_TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_attribute,
        allowed_classes={"aside": {"pullquote", "callout"}},
        url_schemes={"https", "http", "mailto"},
        link_rel=None,
        strip_comments=True,
    )


def clean(body: str) -> str:
    """Sanitise `body` and convert it to the vocabulary: no scripts, foreign markup or unsafe URLs.

    Idempotent.
    """
    if not body or not body.strip():
        return ""
    lower = body.lower()
    for old, new in TAG_ALIASES.items():
        if f"<{old}" in lower:
            body = re.sub(rf"<(/?){old}(?=[\s/>])", rf"<\1{new}", body, flags=re.IGNORECASE)
    return _normalise(_cleaner().clean(limit_open_tags(strip_control_characters(body))))


@cache
def _parser() -> object:
    # Without `huge_tree`, lxml silently drops elements nested more than 256 levels deep.
    return lxml_html.HTMLParser(huge_tree=True)


def parse(body: str) -> HtmlElement:
    """Parse `body` into the children of a `<div>`. Never fails on the output of `clean`."""
    return cast(HtmlElement, lxml_html.fragment_fromstring(body, create_parent="div", parser=_parser()))


def serialise(element: HtmlElement) -> str:
    """Return the inner HTML of `element`."""
    parts = [_escape(element.text or "")]
    parts += [lxml_html.tostring(child, encoding="unicode") for child in element]
    return "".join(parts)


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _normalise(body: str) -> str:
    root = parse(as_deletions(body))
    strike_in_blocks(root)
    _hoist_gate(root)
    limit_depth(root)
    hoist = _Hoist(root)
    for element in list(root.iterdescendants("sup", "figure", "aside", "div")):
        if element.tag == "sup":
            if element.get("data-footnote"):
                element.text = None  # The renderer numbers footnotes by position.
            elif not element.text_content().strip():
                element.drop_tag()
            else:
                element.attrib.pop("data-source", None)
        elif element.tag == "div" and element.get("data-gallery") is not None:
            _hoist_gallery(element, hoist)
        elif element.tag == "div":
            _hoist_embed(element, hoist)
        elif element.tag == "figure":
            _hoist_figure(element, hoist)
        elif element.tag == "aside":
            if "callout" in element.get("class", "").split():
                hoist.move(element)
                _tidy_callout(element)
            else:
                element.set("class", "pullquote")
                hoist.move(element)
    wrap_loose_text(root)
    limit_depth(root)
    for paragraph in root.findall(".//p[@data-button]"):
        _tidy_button(paragraph, root)
    for paragraph in root.findall("p"):
        # The editor leaves empty paragraphs so that the cursor can move past a block.
        if not len(paragraph) and not (paragraph.text or "").strip():
            paragraph.drop_tree()
    text = serialise(root)
    return "" if re.fullmatch(r"<(\w+)></\1>", text) else text


def _hoist_gate(root: HtmlElement) -> None:
    """Keep the first paywall marker only. One inside of a block is moved before it: all that follows stays closed.

    First of all, so that no other change removes a block with its marker.
    """
    gates = [element for element in root.iterdescendants("hr") if element.get("data-gate") is not None]
    for gate in gates:
        if gate is gates[0] and gate.getparent() is not root:
            _top_block(gate, root).addprevious(lxml_html.Element("hr", {"data-gate": ""}))
        elif gate is gates[0]:
            continue
        gate.drop_tag()


class _Hoist:
    """Moves blocks that readers get only at the top level behind the block that they are in, in their order."""

    def __init__(self, root: HtmlElement) -> None:
        self.root = root
        self.last: dict[HtmlElement, HtmlElement] = {}

    def place(self, block: HtmlElement, origin: HtmlElement) -> None:
        """Insert `block` behind the top block of `origin`, and behind those that came from there before."""
        top = _top_block(origin, self.root)
        self.last.get(top, top).addnext(block)
        self.last[top] = block

    def move(self, block: HtmlElement) -> None:
        """Move `block` unless it is at the top level. The text behind it stays where it was.

        What held nothing else is removed, but for cells of tables.
        """
        parent = block.getparent()
        if parent is self.root:
            return
        top = _top_block(block, self.root)
        block.drop_tree()
        block.tail = None
        self.place(block, top)
        while (
            parent.tag in {"p", "li", "ul", "ol", "blockquote"} and not len(parent) and not (parent.text or "").strip()
        ):
            parent, empty = parent.getparent(), parent
            empty.drop_tree()


def _hoist_embed(element: HtmlElement, hoist: _Hoist) -> None:
    """Move an embed to the top level, without content. Unwrap any other `<div>`. Their text is preserved."""
    if element.get("data-embed"):
        hoist.place(lxml_html.Element("div", dict(element.attrib)), element)
    element.drop_tag()


def _hoist_figure(figure: HtmlElement, hoist: _Hoist) -> None:
    """Move an image to the top level, unless it is in a gallery, and what it holds besides its caption behind it."""
    if not figure.get("data-image"):
        figure.drop_tag()
        return
    if figure.getparent().get("data-gallery") is None:
        hoist.move(figure)
    caption = figure.find("figcaption")
    for block in [] if caption is None else caption.xpath(".//p | .//ul | .//ol | .//table | .//blockquote | .//pre"):
        if block.tag == "p":
            block.drop_tag()
        else:
            block.drop_tree()
            block.tail = None
            hoist.place(block, figure)
    wrap_loose_text(figure)
    for child in list(figure):
        if child is not caption:
            figure.remove(child)
            hoist.place(child, figure)


def _hoist_gallery(element: HtmlElement, hoist: _Hoist) -> None:
    """Move a gallery to the top level, with its images only. Other content of it stays where it was."""
    gallery = lxml_html.Element("div", {"data-gallery": ""})
    for figure in [figure for figure in element.iter("figure") if figure.get("data-image")]:
        figure.drop_tree()  # Leaves the text behind it in place.
        figure.tail = None
        figure.attrib.pop("data-size", None)
        gallery.append(figure)
    if len(gallery):
        hoist.place(gallery, element)
    element.drop_tag()


def _top_block(element: HtmlElement, root: HtmlElement) -> HtmlElement:
    """Return the child of `root` that `element` is, or is in."""
    while element.getparent() is not root:
        element = element.getparent()
    return element


def _tidy_callout(callout: HtmlElement) -> None:
    """Keep paragraphs and lists in a callout, and move other blocks behind it."""
    callout.attrib.clear()
    callout.set("class", "callout")
    wrap_loose_text(callout)
    for block in reversed([child for child in callout if child.tag not in CALLOUT_BLOCKS]):
        tail, callout.tail = callout.tail, None
        callout.addnext(block)
        block.tail = tail
    if not callout.text_content().strip():
        callout.drop_tree()


def _tidy_button(paragraph: HtmlElement, root: HtmlElement) -> None:
    """Keep the address and the words of a button. What is no link by itself at the top level is a paragraph."""
    link = paragraph.find("a")
    words = " ".join(paragraph.text_content().split())
    if not words:
        paragraph.drop_tree()
        return
    is_link = link is not None and link.get("href") and " ".join(link.text_content().split()) == words
    if not is_link or paragraph.getparent() is not root:
        del paragraph.attrib["data-button"]
        return
    button = lxml_html.Element("a", {"href": link.get("href")})
    button.text = words
    paragraph[:], paragraph.text = [button], None


def image_uuids(body: str) -> list[str]:
    """Return the UUIDs of the library images that a sanitised body shows, in order."""
    return [str(element.get("data-image")) for element in parse(body).iterfind(".//*[@data-image]")] if body else []


def validate_galleries(body: str) -> None:
    """Raise ValidationError if a gallery of `body` has too few or too many images."""
    if "data-gallery" not in body:
        return
    for gallery in parse(clean(body)).iterfind("div[@data-gallery]"):
        if len(gallery) < MIN_GALLERY:
            raise ValidationError(
                _("A gallery in the text has only one image. Add another one, or insert it as a single image.")
            )
        if len(gallery) > MAX_GALLERY:
            raise ValidationError(
                _("A gallery in the text has %(count)d images. It can have at most %(limit)d. Divide it into two.")
                % {"count": len(gallery), "limit": MAX_GALLERY}
            )


INLINE_TAGS = {"strong", "em", "s", "sub", "sup", "code", "a", "br"}


def wrap_loose_text(root: HtmlElement) -> None:
    """Wrap top-level text and inline elements in paragraphs, as the editor does."""
    loose: list[object] = []

    def close_paragraph(next_block: HtmlElement | None) -> None:
        if not loose:
            return
        paragraph = lxml_html.Element("p")
        for node in loose:
            if isinstance(node, str):
                _append_text(paragraph, node)
            else:
                paragraph.append(node)
        loose.clear()
        if not "".join(paragraph.itertext()).strip() and not len(paragraph):
            return
        if next_block is None:
            root.append(paragraph)
        else:
            next_block.addprevious(paragraph)

    if root.text and root.text.strip():
        loose.append(root.text)
    root.text = None
    for child in list(root):
        tail, child.tail = child.tail, None
        if child.tag in INLINE_TAGS:
            root.remove(child)
            loose.append(child)
        else:
            close_paragraph(child)
        if tail and (tail.strip() or loose):
            loose.append(tail)
    close_paragraph(None)


def _append_text(element: HtmlElement, text: str) -> None:
    if len(element):
        element[-1].tail = (element[-1].tail or "") + text
    else:
        element.text = (element.text or "") + text


class ProseField(ProseEditorField):
    """A rich text field that is sanitised in forms and again on every write. Forms refuse incomplete galleries."""

    default_validators = [validate_galleries]

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **{"extensions": ARTICLE_EXTENSIONS, "sanitize": clean, **kwargs})

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = clean(getattr(model_instance, self.attname) or "")
        setattr(model_instance, self.attname, value)
        return value

    def get_prep_value(self, value: object) -> object:
        """Sanitise values passed to `update()` and `bulk_update()` too, which skip `pre_save`."""
        value = super().get_prep_value(value)
        return clean(value) if isinstance(value, str) and "<" in value else value
