"""Passage anchors: find the passage that a remark quotes again after the text was edited.

An anchor holds the quoted text, the text before and after it, and its position. Pure. `newsroom/js/remarks/anchors.js`
implements the same algorithm in the browser; both are tested with `tests/articles/richtext/anchor_cases.json`.
Positions are counted in code points.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from articles.richtext.vocabulary import parse
from truthlytics.web.markup import HtmlElement

CONTEXT_LENGTH = 48
MAX_QUOTE_LENGTH = 1000
# A quote of this length identifies a passage on its own; a shorter one also needs matching context.
DISTINCTIVE_LENGTH = 24
MIN_CONTEXT = 8
# A quote of this length may lose its context if it occurs only once.
UNIQUE_LENGTH = 12
MAX_MATCHES = 2000
# A fuzzy match needs this share of the quoted words, and at least this many words.
MIN_SIMILARITY = 0.6
MIN_WORDS = 4

_EQUIVALENTS = str.maketrans({"\u00a0": " ", "\n": " ", "\t": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"'})
_TEXT_BLOCKS = {"p", "h2", "h3", "h4", "pre", "figcaption", "aside"}
_CONTAINERS = {"ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "th", "td", "blockquote", "figure", "hr"}


@dataclass(frozen=True, slots=True)
class Anchor:
    quote: str
    prefix: str = ""
    suffix: str = ""
    position: int = 0


Span = tuple[int, int]
# The word in lower case, its start and its end.
Word = tuple[str, int, int]


def body_text(body: str) -> str:
    """Return the plain text of a body as the editor counts it: one line per text block, without footnotes."""
    return "\n".join(_lines(parse(body))) if body else ""


def _lines(container: HtmlElement) -> Iterator[str]:
    """Yield the lines in `container`: its text blocks, and text outside of them (such as a bare table cell)."""
    loose = ""
    if container.tag not in _TEXT_BLOCKS or container.tag == "aside":
        loose = container.text or ""
        for child in container:
            if child.tag in _TEXT_BLOCKS | _CONTAINERS:
                if loose.strip():
                    yield loose
                loose = ""
                yield from _lines(child)
            else:
                loose += _inline(child)
            loose += child.tail or ""
        if loose.strip():
            yield loose
    elif line := (container.text or "") + "".join(_inline(child) + (child.tail or "") for child in container):
        yield line


def _inline(element: HtmlElement) -> str:
    if element.tag == "br":
        return "\n"
    if element.tag == "sup":
        return ""
    return (element.text or "") + "".join(_inline(child) + (child.tail or "") for child in element)


def anchor_at(text: str, start: int, end: int) -> Anchor:
    prefix, suffix = text[max(0, start - CONTEXT_LENGTH) : start], text[end : end + CONTEXT_LENGTH]
    return Anchor(text[start:end], prefix, suffix, start)


class WordIndex:
    """The words of a text, and the indexes at which each occurs."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.occurrences: dict[str, list[int]] = {}
        for index, (word, _, _) in enumerate(words):
            self.occurrences.setdefault(word, []).append(index)


class AnchoredText:
    """A text in which to find several anchors. The preparation is done once."""

    def __init__(self, text: str) -> None:
        self._text = text.translate(_EQUIVALENTS)

    def find(self, anchor: Anchor) -> Span | None:
        """Return where the passage is now, or None if it was deleted.

        Tries the exact quote, then the text between the same context, then a fuzzy match. Among several exact
        matches, prefer the one with the most matching context, then the one nearest to the old position.
        """
        if not anchor.quote.strip():
            return None
        text, quote, prefix, suffix = self._text, *_translated(anchor)
        if exact := _find_exact(text, quote, prefix, suffix, anchor.position):
            return exact
        if _is_deleted(text, prefix, suffix):
            return None
        return (
            _find_unique(text, quote)
            or _find_between(text, quote, prefix, suffix, anchor.position)
            or _find_similar(_words(quote), self._index, anchor.position)
        )

    def find_unchanged(self, anchor: Anchor) -> Span | None:
        """Return where the passage is now if its words are unchanged, else None."""
        if not anchor.quote.strip():
            return None
        text, quote, prefix, suffix = self._text, *_translated(anchor)
        if exact := _find_exact(text, quote, prefix, suffix, anchor.position):
            return exact
        return None if _is_deleted(text, prefix, suffix) else _find_unique(text, quote)

    @cached_property
    def _index(self) -> WordIndex:
        return WordIndex(_words(self._text))


def _translated(anchor: Anchor) -> tuple[str, str, str]:
    quote, prefix, suffix = (part.translate(_EQUIVALENTS) for part in (anchor.quote, anchor.prefix, anchor.suffix))
    return quote, prefix, suffix


def find_anchor(text: str, anchor: Anchor) -> Span | None:
    return AnchoredText(text).find(anchor)


def _find_exact(text: str, quote: str, prefix: str, suffix: str, position: int) -> Span | None:
    if matches := list(_matches(text, prefix + quote + suffix)):
        # The whole context matches: no other match can be better.
        start = len(prefix) + min(matches, key=lambda at: (abs(at + len(prefix) - position), -at))
        return start, start + len(quote)
    required = min(MIN_CONTEXT, len(prefix) + len(suffix))
    best: tuple[int, int, int] | None = None
    for at in _matches(text, quote):
        before = text[max(0, at - CONTEXT_LENGTH) : at]
        after = text[at + len(quote) : at + len(quote) + CONTEXT_LENGTH]
        context = _common_suffix(before, prefix) + _common_prefix(after, suffix)
        if len(quote) >= DISTINCTIVE_LENGTH or context >= required:
            best = max(best or (-1, 0, 0), (context, -abs(at - position), at))
    return (best[2], best[2] + len(quote)) if best else None


def _matches(text: str, substring: str) -> Iterator[int]:
    """Yield where `substring` occurs, at most `MAX_MATCHES` times: a single character may occur thousands of times."""
    at = text.find(substring)
    for _ in range(MAX_MATCHES):
        if at < 0:
            return
        yield at
        at = text.find(substring, at + 1)


def _is_deleted(text: str, prefix: str, suffix: str) -> bool:
    """Return whether the context is there without the quote. The same words elsewhere are then another passage."""
    left, right = prefix.rstrip()[-DISTINCTIVE_LENGTH:], suffix.lstrip()[:DISTINCTIVE_LENGTH]
    if len(left) < MIN_CONTEXT or len(right) < MIN_CONTEXT:
        return False
    for at in _matches(text, left):
        if text[at + len(left) : at + len(left) + len(right) + MIN_CONTEXT].lstrip().startswith(right):
            return True
    return False


def _find_unique(text: str, quote: str) -> Span | None:
    at = text.find(quote)
    unique = len(quote) >= UNIQUE_LENGTH and at >= 0 and text.find(quote, at + 1) < 0
    return (at, at + len(quote)) if unique else None


def _common_suffix(a: str, b: str) -> int:
    return _common_prefix(a[::-1], b[::-1])


def _common_prefix(a: str, b: str) -> int:
    length = 0
    for left, right in zip(a, b, strict=False):
        if left != right:
            break
        length += 1
    return length


def _find_between(text: str, quote: str, prefix: str, suffix: str, position: int) -> Span | None:
    """Return the text that is now between the same context, unless it is much longer than the quote was."""
    left, right = prefix[-DISTINCTIVE_LENGTH:], suffix[:DISTINCTIVE_LENGTH]
    if len(left) < MIN_CONTEXT or len(right) < MIN_CONTEXT:
        return None
    max_length = 2 * len(quote) + DISTINCTIVE_LENGTH
    best: tuple[int, Span] | None = None
    for at in _matches(text, left):
        start = at + len(left)
        end = text.find(right, start, start + max_length + len(right))
        if end >= 0 and text[start:end].strip() and (best is None or abs(start - position) < best[0]):
            best = (abs(start - position), (start, end))
    return best[1] if best else None


def _words(text: str) -> list[Word]:
    """Split `text` into words, without punctuation at their edges."""
    words = []
    start = None
    for at, character in enumerate(f"{text} "):
        if character.isalnum() or (character == "'" and start is not None):
            start = at if start is None else start
        elif start is not None:
            words.append((text[start:at].lower(), start, at))
            start = None
    return words


def _find_similar(quote: list[Word], index: WordIndex, position: int) -> Span | None:
    """Return the passage of at most the quote's length that shares the most words with it.

    Slides a window over the occurrences of the quoted words only.
    """
    wanted = Counter(word for word, _, _ in quote)
    if len(quote) < MIN_WORDS:
        return None
    hits = sorted(number for word in wanted for number in index.occurrences.get(word, ()))
    window: Counter[str] = Counter()
    common = first = 0
    best: tuple[int, int, int, int] | None = None
    for last, number in enumerate(hits):
        word = index.words[number][0]
        window[word] += 1
        common += window[word] <= wanted[word]
        while hits[first] <= number - len(quote):
            dropped = index.words[hits[first]][0]
            common -= window[dropped] <= wanted[dropped]
            window[dropped] -= 1
            first += 1
        start = index.words[hits[first]][1]
        if common >= MIN_SIMILARITY * len(quote):
            best = max(best or (0, 0, 0, 0), (common, -abs(start - position), start, index.words[hits[last]][2]))
    return (best[2], best[3]) if best else None
