"""The text as checks read it, parsed once, with details of the images and links in it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from articles.revisions.fields import EditableFields
from articles.richtext.vocabulary import parse
from truthlytics.web.markup import HtmlElement

# Elements with text of their own. CONTAINER_TAGS only contain other elements.
LINE_TAGS = {"p", "h2", "h3", "h4", "li", "th", "td", "figcaption", "pre", "aside", "blockquote"}
CONTAINER_TAGS = {"ul", "ol", "table", "tbody", "thead", "tr"}
HEADING_TAGS = ("h2", "h3", "h4")
# Replaces footnote marks in lines, so that the words before and after them are not joined.
FOOTNOTE_MARK = "\ufffc"


@dataclass(frozen=True, slots=True)
class ImageDetails:
    """An image of the library. `max_bytes` is the size of its largest rendition; 0 if there are none yet.

    `can_be_shown` is false while it has no rendition, and `failed` true if none could be made.
    """

    pk: int
    name: str
    alt: str
    credit: str
    max_bytes: int = 0
    can_be_shown: bool = True
    failed: bool = False


class LinkTarget(StrEnum):
    """What readers find at a link to this site."""

    PUBLIC = "public"
    REDIRECT = "redirect"
    DRAFT = "draft"
    NEWSROOM = "newsroom"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class TextLine:
    """The text of an element in the top-level block with the number `block`. `code` is true for preformatted code."""

    block: int
    tag: str
    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class BodyLink:
    block: int
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Footnote:
    """`number` starts at 1."""

    block: int
    number: int
    text: str


@dataclass(frozen=True)
class Manuscript:
    """`text` with the details of its images by UUID and the targets of its links to this site by href.

    `open_remarks` is the number of remarks that no one has resolved. `placeholders` are the parts in square brackets of
    the template that the text of a page started from. `corrected` are the terms that the text has replaced since its
    last version, each with the new one (see `articles.corrections.detector.corrected_terms`). `contradictions` are
    sentences of the terms that are not what Settings say.
    """

    text: EditableFields
    images: Mapping[str, ImageDetails] = field(default_factory=dict)
    link_targets: Mapping[str, LinkTarget] = field(default_factory=dict)
    open_remarks: int = 0
    placeholders: Sequence[str] = ()
    corrected: Mapping[str, str] = field(default_factory=dict)
    contradictions: Sequence[str] = ()

    @property
    def is_article(self) -> bool:
        """False for the text of a dossier or page."""
        return "section" in self.text

    @cached_property
    def blocks(self) -> list[HtmlElement]:
        """The top-level blocks, numbered as in the editor, except that the editor may have empty paragraphs."""
        return list(parse(self.text["body"])) if self.text["body"] else []

    @cached_property
    def lines(self) -> list[TextLine]:
        return [line for number, block in enumerate(self.blocks) for line in _lines(number, block)]

    @cached_property
    def links(self) -> list[BodyLink]:
        return [
            BodyLink(number, link.get("href", "").strip(), " ".join(link.text_content().split()))
            for number, block in enumerate(self.blocks)
            for link in block.iter("a")
        ]

    @cached_property
    def footnotes(self) -> list[Footnote]:
        marks = [
            (block_number, mark)
            for block_number, block in enumerate(self.blocks)
            for mark in block.iter("sup")
            if mark.get("data-footnote") is not None
        ]
        return [
            Footnote(block_number, number, mark.get("data-footnote", ""))
            for number, (block_number, mark) in enumerate(marks, start=1)
        ]

    @cached_property
    def figures(self) -> list[tuple[int, str]]:
        """The block number and image UUID of each figure, and of each embed with an image."""
        return [
            (number, figure.get("data-image", ""))
            for number, block in enumerate(self.blocks)
            for figure in block.iter("figure", "div")
            if figure.get("data-image")
        ]


def _lines(number: int, block: HtmlElement) -> Iterator[TextLine]:
    elements = list(block.iter(*LINE_TAGS)) or [block]
    for element in elements:
        text = " ".join(_own_text(element).split())
        if text:
            yield TextLine(number, str(element.tag), text, code=element.tag == "pre")


def _own_text(element: HtmlElement) -> str:
    """Return the text of `element` without that of nested lines, and without inline code."""
    parts = [element.text or ""]
    for child in element:
        if child.get("data-footnote") is not None:
            parts.append(FOOTNOTE_MARK)
        elif child.tag in LINE_TAGS | CONTAINER_TAGS | {"br"} or (child.tag == "code" and element.tag != "pre"):
            parts.append(" ")
        else:
            parts.append(_own_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
