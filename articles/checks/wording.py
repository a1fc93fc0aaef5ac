"""Checks of the wording: placeholders, long sentences, and what was corrected in one place but remains in another."""

import re
from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.checks.base import Check, Finding, Location, Severity, truncate
from articles.checks.manuscript import FOOTNOTE_MARK, Manuscript
from articles.corrections.terms import written_terms
from articles.models.articles import SINGLE_LINE_FIELDS
from articles.revisions.fields import LABELS

PLACEHOLDER = re.compile(r"(?<!\w)(?:TK)+(?!\w)")
LONG_SENTENCE_WORDS = 40
MIN_SENTENCES = 8
# More than one sentence in this many must be long.
LONG_SENTENCE_SHARE = 4
_SENTENCE_END = re.compile(r"(?<=[.!?…])[”’\"')\]]*\s+")
PLACES = {
    "headline": gettext_lazy("the headline"),
    "standfirst": gettext_lazy("the standfirst"),
    "lead_caption": gettext_lazy("the caption of the lead image"),
    "seo_title": gettext_lazy("the SEO title"),
    "seo_description": gettext_lazy("the SEO description"),
}
_ATTRIBUTES = {
    "data-by": gettext_lazy("the attribution of a pull quote"),
    "data-title": gettext_lazy("the title of an embed"),
}


class Placeholder(Check):
    """“TK” marks text that is still to come. Matches the word in capitals, except in code."""

    severity = Severity.BLOCKING

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for field in SINGLE_LINE_FIELDS:
            if match := PLACEHOLDER.search(manuscript.text.get(field, "")):
                place = PLACES.get(field) or quoted(LABELS[field])
                yield self._still_in(match, place, Location(field, quote=match[0]))
        for line in manuscript.lines:
            if line.code:
                continue
            for match in PLACEHOLDER.finditer(line.text):
                context = context_of(line.text, match)
                yield self._still_in(match, quoted(context), Location("body", line.block, quote=context))
        for footnote in manuscript.footnotes:
            if match := PLACEHOLDER.search(footnote.text):
                location = Location("body", footnote.block, note=footnote.number)
                yield self._still_in(match, _("footnote %(number)s") % {"number": footnote.number}, location)
        for number, entry in enumerate(manuscript.text.get("entries", ())):
            if match := PLACEHOLDER.search(entry):
                yield self._still_in(match, quoted(context_of(entry, match)), Location(f"entries-{number}-text"))
        for number, block in enumerate(manuscript.blocks):
            for attribute, name in _ATTRIBUTES.items():
                if match := PLACEHOLDER.search(block.get(attribute, "")):
                    yield self._still_in(match, name, Location("body", number))

    def _still_in(self, match: re.Match[str], place: str | Promise, location: Location) -> Finding:
        return self.finding(_("“%(word)s” is still in %(place)s.") % {"word": match[0], "place": place}, location)


class LongSentences(Check):
    """Many long sentences are hard to follow, especially on a phone."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        sentences = [
            (line.block, sentence)
            for line in manuscript.lines
            if line.tag in {"p", "li", "blockquote"}
            for sentence in _SENTENCE_END.split(line.text)
        ]
        long = [(block, sentence) for block, sentence in sentences if len(sentence.split()) > LONG_SENTENCE_WORDS]
        if len(sentences) >= MIN_SENTENCES and len(long) * LONG_SENTENCE_SHARE > len(sentences):
            block, longest = max(long, key=lambda item: len(item[1].split()))
            yield self.finding(
                _("%(long)s of %(all)s sentences have more than %(limit)s words. The longest has %(longest)s.")
                % {
                    "long": len(long),
                    "all": len(sentences),
                    "limit": LONG_SENTENCE_WORDS,
                    "longest": len(longest.split()),
                },
                Location("body", block, quote=truncate(longest, 60).rstrip("…")),
            )


def quoted(text: object) -> str:
    return _("“%(text)s”") % {"text": text}


def context_of(text: str, match: re.Match[str], reach: int = 16) -> str:
    """Return the match with whole words around it, so that the right one of several can be found."""
    before, after = text[max(0, match.start() - reach) : match.start()], text[match.end() : match.end() + reach]
    if match.start() > reach and " " in before:
        before = before.split(" ", 1)[1]
    if len(text) > match.end() + reach and " " in after:
        after = after.rsplit(" ", 1)[0]
    before, after = before.rpartition(FOOTNOTE_MARK)[2], after.partition(FOOTNOTE_MARK)[0]
    return f"{before}{match[0]}{after}".strip(" ,;:")


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
