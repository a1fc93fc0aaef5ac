"""Checks of the structure of a text: headings, empty blocks, the paywall marker, and footnotes without a source."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.access import Level
from articles.checks.base import Check, Finding, Location, Severity, truncate
from articles.checks.manuscript import HEADING_TAGS, Manuscript
from truthlytics.web.markup import HtmlElement

# As the editor's toolbar calls them.
_HEADING_NAMES = {
    "h2": gettext_lazy("heading"),
    "h3": gettext_lazy("small heading"),
    "h4": gettext_lazy("smallest heading"),
}
_EMPTY_BLOCKS = {
    "h2": gettext_lazy("heading"),
    "h3": gettext_lazy("heading"),
    "h4": gettext_lazy("heading"),
    "li": gettext_lazy("list item"),
    "blockquote": gettext_lazy("quotation"),
    "aside": gettext_lazy("pull quote"),
    "p": gettext_lazy("paragraph"),
    "pre": gettext_lazy("code block"),
}


class SkippedHeadingLevel(Check):
    """Screen reader users navigate by headings: a skipped level looks like missing content."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        level = 1
        for number, block in enumerate(manuscript.blocks):
            if block.tag not in HEADING_TAGS:
                continue
            block_level, text = int(block.tag[1]), " ".join(block.text_content().split())
            if block_level > level + 1:
                actual, expected = _HEADING_NAMES[block.tag], _HEADING_NAMES[f"h{level + 1}"]
                yield self.finding(
                    _("“%(text)s” is a %(actual)s, but the level above it is missing. Use a %(expected)s.")
                    % {"text": truncate(text), "actual": actual, "expected": expected},
                    Location("body", number, quote=text),
                )
            level = block_level


class EmptyBlock(Check):
    """Screen readers announce empty paragraphs, headings and list items, and they leave gaps on the page."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for number, block in enumerate(manuscript.blocks):
            # Table cells may be empty, and so may captions, which default to the library's.
            if block.tag in {"table", "figure", "hr"}:
                continue
            for element in block.iter(*_EMPTY_BLOCKS):
                if _is_empty(element):
                    name = _EMPTY_BLOCKS[str(element.tag)]
                    yield self.finding(
                        _("A %(name)s is empty. Fill it in or remove it.") % {"name": name}, Location("body", number)
                    )
                    break


def _is_empty(element: HtmlElement) -> bool:
    return (
        not element.text_content().strip()
        and element.find(".//sup[@data-footnote]") is None
        and not any(child.tag in _EMPTY_BLOCKS for child in element.iterdescendants())
    )


class MisplacedPaywall(Check):
    """The paywall marker has no effect in a free article, or at the start or end of the text."""

    severity = Severity.ADVICE
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        markers = [number for number, block in enumerate(manuscript.blocks) if block.get("data-gate") is not None]
        if not markers:
            return
        location = Location("body", markers[0])
        if manuscript.text["required_level"] == Level.EVERYONE:
            yield self.finding(_("The paywall marker is ignored: this article is free for everyone."), location)
        elif markers[0] == 0:
            yield self.finding(_("The paywall starts before the text: nothing is free."), location)
        elif markers[0] == len(manuscript.blocks) - 1:
            yield self.finding(_("The paywall starts after the text: all of it is free."), location)


_WORD_CHARACTER = re.compile(r"[^\W_]")
# As left behind by word processors and other sites. Not matched: `a[3]` and a year in brackets.
_PASTED = re.compile(r"(?<!\w)(?:\[\d{1,3}\]|\[citation needed\])", re.IGNORECASE)


class EmptyFootnote(Check):
    """A footnote mark promises a source, so the footnote must not be empty."""

    severity = Severity.BLOCKING

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for footnote in manuscript.footnotes:
            if not _WORD_CHARACTER.search(footnote.text):
                location = Location("body", footnote.block, note=footnote.number)
                yield self.finding(_("Footnote %(number)s is empty.") % {"number": footnote.number}, location)


class PastedCitation(Check):
    """A "[3]" that was pasted with the text does not link to a footnote."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for line in manuscript.lines:
            if line.code:
                continue
            for match in _PASTED.finditer(line.text):
                location = Location("body", line.block, quote=match[0])
                yield self.finding(
                    _("“%(match)s” is plain text. Replace it with a footnote.") % {"match": match[0]}, location
                )
