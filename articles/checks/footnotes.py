"""Checks for footnotes without a source."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from articles.checks.base import Check, Finding, Location, Severity
from articles.checks.manuscript import Manuscript

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
