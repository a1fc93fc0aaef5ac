"""A quotation compared with the passages of a text: found word for word, or the most similar words. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple, Self

from articles.revisions.diff import Part, matches
from truthlytics.contrib.quotations.words import Word, clean, shown, words_of

# Words in a row that show where a similar passage may be.
ANCHOR = 2
# The share of a quotation's words, in their order, that a similar passage has at least.
MIN_SHARE = 0.5
# Words beside a similar passage that are shown if the quotation has others there.
MARGIN = 4


class Passage(NamedTuple):
    """A cleaned text with its words, or some of these."""

    text: str
    words: Sequence[Word]

    @classmethod
    def of(cls, text: str) -> Self:
        cleaned = clean(text)
        return cls(cleaned, words_of(cleaned))

    def part(self, start: int, end: int) -> Self:
        return self._replace(words=self.words[start:end])

    def slice(self, start: int, end: int) -> str:
        """Return the text of the words from `start` to `end`, with the punctuation that belongs to them."""
        return shown(self.text[self._cut(start) : self._cut(end)]) if start < end else ""

    def _cut(self, number: int) -> int:
        """Return where the text before the word `number` ends: at the last space before it."""
        if number == len(self.words):
            return self.words[-1].end
        start = self.words[number].start
        if number == 0:
            return start
        return self.text.rfind(" ", self.words[number - 1].end, start) + 1 or start

    def __str__(self) -> str:
        return self.slice(0, len(self.words))


class Similar(NamedTuple):
    """The passage that is most similar to a quotation, what differs, and the share of its words that are in it."""

    passage: Passage
    parts: list[Part]
    share: float


def find(quotation: Passage, passages: Iterable[Passage]) -> Passage | None:
    """Return where the words of `quotation` are in one of `passages`, all of them and in this order."""
    needle, count = _joined(quotation.words), len(quotation.words)
    for passage in passages:
        haystack, at = _joined(passage.words), -1
        while (at := haystack.find(needle, at + 1)) >= 0:
            start = haystack.count("\n", 0, at)
            found = passage.words[start : start + count]
            if all(word.same(other) for word, other in zip(quotation.words, found, strict=True)):
                return passage.part(start, start + count)
    return None


def find_similar(quotation: Passage, passages: Iterable[Passage]) -> Similar | None:
    """Return the part of `passages` that is most similar to `quotation`, if any has enough of its words in a row."""
    anchors = set(_anchors(quotation.words))
    best: tuple[int, Passage, int, int] | None = None
    for passage in passages:
        places = [number for number, anchor in enumerate(_anchors(passage.words)) if anchor in anchors]
        hits, start, end = _densest(places, 2 * len(quotation.words))
        if hits and (best is None or hits > best[0]):
            best = (hits, passage, start, end)
    if best is None:
        return None
    _hits, passage, start, end = best
    around = passage.part(max(0, start - MARGIN), end + ANCHOR + MARGIN)
    return _aligned(quotation, around)


def _aligned(quotation: Passage, around: Passage) -> Similar | None:
    quoted, published = _spelled(quotation.words), _spelled(around.words)
    # Quick to say, and most texts that share common words with a quotation have too few: the rest need a comparison.
    if (Counter(quoted) & Counter(published)).total() / len(quoted) < MIN_SHARE:
        return None
    runs = matches(quoted, published)
    share = sum(length for _i, _j, length in runs) / len(quotation.words)
    if share < MIN_SHARE:
        return None
    (first_i, first_j, _), (last_i, last_j, length) = runs[0], runs[-1]
    # As many words before and after as the quotation has others there.
    start = first_j - min(first_j, first_i, MARGIN)
    end = last_j + length + min(MARGIN, len(quotation.words) - last_i - length)
    passage = around.part(start, end)
    return Similar(passage, list(_parts(quotation, passage, [(i, j - start, n) for i, j, n in runs])), share)


def _parts(old: Passage, new: Passage, runs: Sequence[tuple[int, int, int]]) -> Iterator[Part]:
    """Yield both in full: what only `old` has as removed, what only `new` has as added."""
    bounds = [(0, 0, 0), *runs, (len(old.words), len(new.words), 0)]
    for (i, j, length), (next_i, next_j, _) in pairwise(bounds):
        if length:
            yield Part("=", _spaced(new.slice(j, j + length)))
        for op, side, start, end in (("-", old, i + length, next_i), ("+", new, j + length, next_j)):
            if start < end:
                yield Part(op, _spaced(side.slice(start, end)))


def _spaced(text: str) -> str:
    return text if text.endswith(" ") else f"{text} "


def _joined(words: Sequence[Word]) -> str:
    return "\n" + "".join(f"{word.key}\n" for word in words)


def _spelled(words: Sequence[Word]) -> list[str]:
    return [word.spelled or word.key for word in words]


def _anchors(words: Sequence[Word]) -> list[tuple[str, ...]]:
    keys = [word.key for word in words]
    return [tuple(keys[start : start + ANCHOR]) for start in range(len(keys) - ANCHOR + 1)]


def _densest(places: Sequence[int], span: int) -> tuple[int, int, int]:
    """Return how many of the ascending `places` are within `span` at most, and the first and the last of them."""
    best, start = (0, 0, 0), 0
    for end, place in enumerate(places):
        while place - places[start] > span:
            start += 1
        if end - start + 1 > best[0]:
            best = (end - start + 1, places[start], place + 1)
    return best
