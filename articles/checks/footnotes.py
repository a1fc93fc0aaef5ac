"""Marks that promise a source and have none."""

import re
from collections.abc import Iterator

from articles.checks.base import Check, Finding, Place, Weight
from articles.checks.manuscript import Manuscript

_SAYS = re.compile(r"[^\W_]")
# As word processors and other sites leave it behind; `a[3]` and a year in brackets are something else.
_TYPED = re.compile(r"(?<!\w)(?:\[\d{1,3}\]|\[citation needed\])", re.IGNORECASE)


class DeadCitation(Check):
    """A mark in the text is a promise: its note must say something."""

    weight = Weight.BLOCKING

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for note in manuscript.notes:
            if not _SAYS.search(note.text):
                yield self.found(f"Note {note.number} says nothing.", Place("body", note.block, note=note.number))


class TypedCitation(Check):
    """“[3]” that came along with pasted words leads to no note."""

    weight = Weight.ADVICE

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for line in manuscript.lines:
            if line.code:
                continue
            for mark in _TYPED.finditer(line.text):
                yield self.found(
                    f"“{mark[0]}” leads to no note. Make a footnote of it.", Place("body", line.block, quote=mark[0])
                )
