"""Figures and names that were corrected in one place but remain in another."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from articles.checks.base import Check, Finding, Location, Severity
from articles.checks.manuscript import Manuscript
from articles.checks.wording import PLACES, context_of, quoted
from articles.corrections.terms import written_terms

# Places that are listed. More would hide the other suggestions.
MAX_PLACES = 20


class Leftover(Check):
    """What was wrong in one sentence is usually wrong wherever the text repeats it: in the headline, in a table."""

    severity = Severity.ADVICE
    articles_only = True

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        found = self._places(manuscript) if manuscript.corrected else iter(())
        for _number, finding in zip(range(MAX_PLACES), found, strict=False):
            yield finding

    def _places(self, manuscript: Manuscript) -> Iterator[Finding]:
        for field, place in PLACES.items():
            for match, corrected in self._terms(manuscript, manuscript.text.get(field) or ""):
                yield self._still_in(match, corrected, str(place), Location(field, quote=match[0]))
        for line in manuscript.lines:
            for match, corrected in self._terms(manuscript, "" if line.code else line.text):
                context = context_of(line.text, match)
                yield self._still_in(
                    match, corrected, quoted(context.rstrip(".")), Location("body", line.block, quote=context)
                )
        for note in manuscript.footnotes:
            for match, corrected in self._terms(manuscript, note.text):
                name = _("footnote %(number)s") % {"number": note.number}
                yield self._still_in(match, corrected, name, Location("body", note.block, note=note.number))

    def _terms(self, manuscript: Manuscript, text: str) -> Iterator[tuple[re.Match[str], str]]:
        """Yield the terms in `text` that were corrected elsewhere, with what they were corrected to."""
        for term, match in written_terms(text):
            if corrected := manuscript.corrected.get(term):
                yield match, corrected

    def _still_in(self, match: re.Match[str], corrected: str, place: str, location: Location) -> Finding:
        values = {"old": match[0], "new": corrected, "place": place}
        return self.finding(_("“%(old)s” became “%(new)s” and still stands in %(place)s.") % values, location)
