"""How a text is built: headings, empty blocks, the end of the free part."""

from collections.abc import Iterator

from articles.access import Level
from articles.checks.base import Check, Finding, Place, Weight, shortened
from articles.checks.manuscript import HEADINGS, Manuscript

_NAMES = {"h2": "Heading", "h3": "Small heading", "h4": "Smallest heading"}
_EMPTY = {
    "h2": "An empty heading", "h3": "An empty heading", "h4": "An empty heading", "li": "An empty item of a list",
    "blockquote": "An empty quotation", "aside": "An empty pull quote", "p": "An empty line", "pre": "Empty code",
}  # fmt: skip


class HeadingLevels(Check):
    """Who listens to the page jumps from heading to heading: a level that is left out seems to be missing."""

    weight = Weight.ADVICE

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        level = 1
        for number, block in enumerate(manuscript.blocks):
            if block.tag not in HEADINGS:
                continue
            mine, words = int(block.tag[1]), " ".join(block.text_content().split())
            if mine > level + 1:
                place = Place("body", number, quote=words)
                this, wanted = _NAMES[block.tag].lower(), _NAMES[f"h{level + 1}"].lower()
                yield self.found(f"“{shortened(words)}” is a {this} where a {wanted} should come first.", place)
            level = mine


class NothingEmpty(Check):
    """Empty lines, headings and items are read aloud, and leave holes in the page."""

    weight = Weight.ADVICE

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for number, block in enumerate(manuscript.blocks):
            # A cell of a table may be empty; so may a caption, which then comes from the library.
            if block.tag in {"table", "figure", "hr"}:
                continue
            for element in block.iter(*_EMPTY):
                if (
                    not element.text_content().strip()
                    and element.find(".//sup[@data-footnote]") is None
                    and not _holds(element)
                ):
                    yield self.found(
                        f"{_EMPTY[str(element.tag)]}: write something, or take it out.", Place("body", number)
                    )
                    break


def _holds(element: object) -> bool:
    return any(child.tag in _EMPTY for child in element.iterdescendants())  # type: ignore[attr-defined]


class GateInPlace(Check):
    """Where the free part ends: the mark does nothing in a text for everybody, nor before or behind all of it."""

    weight = Weight.ADVICE
    of_articles = True

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        marks = [number for number, block in enumerate(manuscript.blocks) if block.get("data-gate") is not None]
        for mark in marks[:1]:
            place = Place("body", mark)
            if manuscript.text["required_level"] == Level.EVERYBODY:
                yield self.found("“Free until here” has no effect: everybody may read this piece.", place)
            elif mark == 0:
                yield self.found("“Free until here” stands before the first words: nothing is free.", place)
            elif mark == len(manuscript.blocks) - 1:
                yield self.found("“Free until here” stands behind the last words: all of it is free.", place)
