"""Words that nobody meant to let out."""

import re
from collections.abc import Iterator

from articles.checks.base import Check, Finding, Place, Weight, shortened
from articles.checks.manuscript import Manuscript

PLACEHOLDER = re.compile(r"(?<!\w)(?:TK)+(?!\w)")
LONG_SENTENCE = 40
LONG_SHARE = 4
FEWEST_SENTENCES = 8
_SENTENCE_END = re.compile(r"(?<=[.!?…])[”’\"')\]]*\s+")
_BESIDE = {"data-by": "for who says a pull quote", "data-title": "in the title of what stands elsewhere"}
_FIELDS = {
    "headline": "the headline",
    "standfirst": "the standfirst",
    "lead_caption": "the caption of the lead picture",
    "seo_title": "the title for search engines",
    "seo_description": "the description for search engines",
}


class Placeholder(Check):
    """“TK” stands for what is still to come. Found as a word in capitals; what is set as code is not looked at."""

    weight = Weight.BLOCKING

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for name, where in _FIELDS.items():
            if mark := PLACEHOLDER.search(manuscript.text[name]):
                yield self.found(f"“{mark[0]}” stands in {where}.", Place(name, quote=mark[0]))
        for line in manuscript.lines:
            if line.code:
                continue
            for mark in PLACEHOLDER.finditer(line.text):
                yield self.found(
                    f"“{mark[0]}” stands in “{_around(line.text, mark)}”.",
                    Place("body", line.block, quote=_around(line.text, mark)),
                )
        for note in manuscript.notes:
            if mark := PLACEHOLDER.search(note.text):
                yield self.found(
                    f"“{mark[0]}” stands in note {note.number}.", Place("body", note.block, note=note.number)
                )
        for number, entry in enumerate(manuscript.text.get("entries", ())):
            if mark := PLACEHOLDER.search(entry):
                yield self.found(f"“{mark[0]}” stands in “{_around(entry, mark)}”.", Place(f"entries-{number}-text"))
        for number, block in enumerate(manuscript.blocks):
            for name, where in _BESIDE.items():
                if mark := PLACEHOLDER.search(block.get(name, "")):
                    yield self.found(f"“{mark[0]}” stands {where}.", Place("body", number))


class LongSentences(Check):
    """Many long sentences are hard to follow, on a phone above all."""

    weight = Weight.ADVICE

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        sentences = [
            (line.block, sentence)
            for line in manuscript.lines
            if line.tag in {"p", "li", "blockquote"}
            for sentence in _SENTENCE_END.split(line.text)
        ]
        long = [(block, sentence) for block, sentence in sentences if len(sentence.split()) > LONG_SENTENCE]
        if len(sentences) >= FEWEST_SENTENCES and len(long) * LONG_SHARE > len(sentences):
            block, sentence = max(long, key=lambda one: len(one[1].split()))
            yield self.found(
                f"{len(long)} of {len(sentences)} sentences have more than {LONG_SENTENCE} words; this one has "
                f"{len(sentence.split())}.",
                Place("body", block, quote=shortened(sentence, 60).rstrip("…")),
            )


def _around(text: str, mark: re.Match[str], reach: int = 16) -> str:
    """The mark with whole words before and after it, so that of several the right one is found."""
    before, after = text[max(0, mark.start() - reach) : mark.start()], text[mark.end() : mark.end() + reach]
    if mark.start() > reach and " " in before:
        before = before.split(" ", 1)[1]
    if len(text) > mark.end() + reach and " " in after:
        after = after.rsplit(" ", 1)[0]
    # A mark of a footnote is no word.
    return f"{before.rpartition('￼')[2]}{mark[0]}{after.partition('￼')[0]}".strip(" ,;:")
