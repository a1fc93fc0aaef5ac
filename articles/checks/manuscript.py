"""A text as the checks read it: parsed once, with what the library and the site know of what it names. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from articles.revisions.fields import Typed
from articles.richtext.vocabulary import parse
from truthlytics.web.markup import HtmlElement

# What holds words of its own; anything else only holds these.
LINES = {"p", "h2", "h3", "h4", "li", "th", "td", "figcaption", "pre", "aside", "blockquote"}
HOLDERS = {"ul", "ol", "table", "tbody", "thead", "tr"}
HEADINGS = ("h2", "h3", "h4")
# Stands for a mark in the run of words, so that those before and after it do not become one word.
MARK = "\ufffc"


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of the library. `weight` is the largest file that a reader may get of it, in bytes; 0: none is made."""

    pk: int
    name: str
    alt: str
    credit: str
    weight: int = 0


class Leads(StrEnum):
    """Where a link to an address of ours leads a reader."""

    THERE = "there"
    ON = "on"
    DRAFT = "draft"
    NEWSROOM = "newsroom"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Line:
    """A run of words: of the top-level block with this number; `code` is quoted from a machine."""

    block: int
    tag: str
    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    block: int
    href: str
    text: str


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: its number in the text, from 1."""

    block: int
    number: int
    text: str


@dataclass(frozen=True)
class Manuscript:
    """`text` with the pictures that it names, by uuid, and where its links to our own addresses lead, by href."""

    text: Typed
    pictures: Mapping[str, Shown] = field(default_factory=dict)
    leads: Mapping[str, Leads] = field(default_factory=dict)

    @property
    def of_article(self) -> bool:
        """False for the text of a dossier or of a page."""
        return "section" in self.text

    @cached_property
    def blocks(self) -> list[HtmlElement]:
        """The top-level blocks. Their numbers are those of the editor, which may have empty lines between them."""
        return list(parse(self.text["body"])) if self.text["body"] else []

    @cached_property
    def lines(self) -> list[Line]:
        return [line for number, block in enumerate(self.blocks) for line in _lines(number, block)]

    @cached_property
    def links(self) -> list[Link]:
        return [
            Link(number, link.get("href", "").strip(), " ".join(link.text_content().split()))
            for number, block in enumerate(self.blocks)
            for link in block.iter("a")
        ]

    @cached_property
    def notes(self) -> list[Note]:
        marks = [(number, mark) for number, block in enumerate(self.blocks) for mark in block.iter("sup")]
        marks = [(number, mark) for number, mark in marks if mark.get("data-footnote") is not None]
        return [Note(block, at, mark.get("data-footnote", "")) for at, (block, mark) in enumerate(marks, start=1)]

    @cached_property
    def figures(self) -> list[tuple[int, str]]:
        """The block and the picture's uuid of each, of what stands elsewhere too."""
        return [
            (number, figure.get("data-image", ""))
            for number, block in enumerate(self.blocks)
            for figure in block.iter("figure", "div")
            if figure.get("data-image")
        ]


def _lines(number: int, block: HtmlElement) -> Iterator[Line]:
    holders = list(block.iter(*LINES)) or [block]
    for element in holders:
        text = " ".join(_own_words(element).split())
        if text:
            yield Line(number, str(element.tag), text, code=element.tag == "pre")


def _own_words(element: HtmlElement) -> str:
    """Without those of lines within it, and without what is set as code."""
    parts = [element.text or ""]
    for child in element:
        if child.get("data-footnote") is not None:
            parts.append(MARK)
        elif child.tag in LINES | HOLDERS | {"br"} or (child.tag == "code" and element.tag != "pre"):
            parts.append(" ")
        else:
            parts.append(_own_words(child))
        parts.append(child.tail or "")
    return "".join(parts)
