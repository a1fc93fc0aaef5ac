"""Where in a text certain words stand, after the text was changed: the words, what is around them, where they were.

Pure, and written twice: `newsroom/js/anchors.js` does the same in the browser, and both are held to the cases of
`tests/articles/anchor_cases.json`. Positions are counted in code points.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from articles.richtext.vocabulary import parse
from truthlytics.web.markup import HtmlElement

CONTEXT = 48
LONGEST_QUOTE = 1000
# A quotation of so many characters is itself wherever it stands; a shorter one is known by its neighbours.
TELLING = 24
NEIGHBOURS = 8
# One of so many may have lost them, where it stands there once.
ONCE = 12
MOST_PLACES = 2000
# So many of its words have to be there still, of at least so many.
LIKE = 0.6
FEWEST_WORDS = 4

_SAME = str.maketrans({"\u00a0": " ", "\n": " ", "\t": " ", "’": "'", "‘": "'", "“": '"', "”": '"', "„": '"'})
_LINES = {"p", "h2", "h3", "h4", "pre", "figcaption", "aside"}


@dataclass(frozen=True, slots=True)
class Anchor:
    quote: str
    prefix: str = ""
    suffix: str = ""
    position: int = 0


Span = tuple[int, int]
# In small letters, and where it begins and ends.
Word = tuple[str, int, int]


def text_of(body: str) -> str:
    """The words of a body as the editor counts them: a line for each block of text; notes and pictures are none."""
    return "\n".join(_lines(parse(body))) if body else ""


def _lines(box: HtmlElement) -> Iterator[str]:
    """The lines in `box`: those of its blocks, and what it holds beside them (a bare cell or list item)."""
    loose = ""
    if box.tag not in _LINES or box.tag == "aside":
        loose = box.text or ""
        for child in box:
            if child.tag in _LINES or child.tag in {"ul", "ol", "li", "table", "thead", "tbody", "tfoot", "tr", "th",
                                                    "td", "blockquote", "figure", "hr"}:  # fmt: skip
                if loose.strip():
                    yield loose
                loose = ""
                yield from _lines(child)
            else:
                loose += _inline(child)
            loose += child.tail or ""
        if loose.strip():
            yield loose
    elif line := (box.text or "") + "".join(_inline(child) + (child.tail or "") for child in box):
        yield line


def _inline(element: HtmlElement) -> str:
    if element.tag == "br":
        return "\n"
    if element.tag == "sup":
        return ""
    return (element.text or "") + "".join(_inline(child) + (child.tail or "") for child in element)


def anchor_at(text: str, start: int, end: int) -> Anchor:
    """The anchor of `text[start:end]`."""
    return Anchor(text[start:end], text[max(0, start - CONTEXT) : start], text[end : end + CONTEXT], start)


class Indexed:
    """The words of a text, and at which numbers each stands."""

    def __init__(self, words: list[Word]) -> None:
        self.words = words
        self.places: dict[str, list[int]] = {}
        for number, (word, _, _) in enumerate(words):
            self.places.setdefault(word, []).append(number)


class Text:
    """A text in which several anchors are looked for: what they all need is made once."""

    def __init__(self, text: str) -> None:
        self._here = text.translate(_SAME)

    def find(self, anchor: Anchor) -> Span | None:
        """Where the words of `anchor` are now: as they were, else between the same neighbours, else alike.

        None where they are gone. Of the same words at several places, those with the most of the same neighbours are
        meant, then those nearest to where they were.
        """
        if not anchor.quote.strip():
            return None
        here, quote, position = self._here, anchor.quote.translate(_SAME), anchor.position
        prefix, suffix = anchor.prefix.translate(_SAME), anchor.suffix.translate(_SAME)
        known = _known(here, quote, prefix, suffix, position)
        if known or _taken_out(here, prefix, suffix):
            return known
        return (
            _once(here, quote)
            or _between(here, quote, prefix, suffix, position)
            or _alike(_words(quote), self._indexed, position)
        )

    @cached_property
    def _indexed(self) -> Indexed:
        return Indexed(_words(self._here))


def find(text: str, anchor: Anchor) -> Span | None:
    return Text(text).find(anchor)


def _known(text: str, quote: str, prefix: str, suffix: str, position: int) -> Span | None:
    if places := list(_places(text, prefix + quote + suffix)):
        # Nothing changed around it: no other place can have more of the same neighbours.
        start = len(prefix) + min(places, key=lambda at: (abs(at + len(prefix) - position), -at))
        return start, start + len(quote)
    enough = min(NEIGHBOURS, len(prefix) + len(suffix))
    best: tuple[int, int, int] | None = None
    for at in _places(text, quote):
        before, after = text[max(0, at - CONTEXT) : at], text[at + len(quote) : at + len(quote) + CONTEXT]
        same = _ends_alike(before, prefix) + _begins_alike(after, suffix)
        if len(quote) >= TELLING or same >= enough:
            best = max(best or (-1, 0, 0), (same, -abs(at - position), at))
    return (best[2], best[2] + len(quote)) if best else None


def _places(text: str, words: str) -> Iterator[int]:
    """Where `words` begin in `text`, the first `MOST_PLACES` times: a single letter stands there thousands of times."""
    at = text.find(words)
    for _ in range(MOST_PLACES):
        if at < 0:
            return
        yield at
        at = text.find(words, at + 1)


def _taken_out(text: str, prefix: str, suffix: str) -> bool:
    """Whether the neighbours stand there side by side: the same words elsewhere are not the ones that were meant."""
    left, right = prefix.rstrip()[-TELLING:], suffix.lstrip()[:TELLING]
    if len(left) < NEIGHBOURS or len(right) < NEIGHBOURS:
        return False
    for at in _places(text, left):
        if text[at + len(left) : at + len(left) + len(right) + NEIGHBOURS].lstrip().startswith(right):
            return True
    return False


def _once(text: str, quote: str) -> Span | None:
    at = text.find(quote)
    once = len(quote) >= ONCE and at >= 0 and text.find(quote, at + 1) < 0
    return (at, at + len(quote)) if once else None


def _ends_alike(one: str, other: str) -> int:
    return _begins_alike(one[::-1], other[::-1])


def _begins_alike(one: str, other: str) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def _between(text: str, quote: str, prefix: str, suffix: str, position: int) -> Span | None:
    """What stands between the same neighbours now, where it is not much longer than the words were."""
    left, right = prefix[-TELLING:], suffix[:TELLING]
    if len(left) < NEIGHBOURS or len(right) < NEIGHBOURS:
        return None
    longest = 2 * len(quote) + TELLING
    best: tuple[int, Span] | None = None
    for at in _places(text, left):
        start = at + len(left)
        end = text.find(right, start, start + longest + len(right))
        if end >= 0 and text[start:end].strip() and (best is None or abs(start - position) < best[0]):
            best = (abs(start - position), (start, end))
    return best[1] if best else None


def _words(text: str) -> list[Word]:
    """Each word in small letters, where it begins and where it ends; signs at its edges are no part of it."""
    found = []
    start = None
    for at, letter in enumerate(f"{text} "):
        if letter.isalnum() or (letter == "'" and start is not None):
            start = at if start is None else start
        elif start is not None:
            found.append((text[start:at].lower(), start, at))
            start = None
    return found


def _alike(asked: list[Word], text: Indexed, position: int) -> Span | None:
    """The stretch of as many words that has most of the quoted ones in it; from the first of them to the last.

    Only the quoted words are looked at, wherever they are.
    """
    wanted = Counter(word for word, _, _ in asked)
    if len(asked) < FEWEST_WORDS:
        return None
    hits = sorted(number for word in wanted for number in text.places.get(word, ()))
    window: Counter[str] = Counter()
    common = first = 0
    best: tuple[int, int, int, int] | None = None
    for last, number in enumerate(hits):
        word = text.words[number][0]
        window[word] += 1
        common += window[word] <= wanted[word]
        while hits[first] <= number - len(asked):
            gone = text.words[hits[first]][0]
            common -= window[gone] <= wanted[gone]
            window[gone] -= 1
            first += 1
        begin = text.words[hits[first]][1]
        if common >= LIKE * len(asked):
            best = max(best or (0, 0, 0, 0), (common, -abs(begin - position), begin, text.words[hits[last]][2]))
    return (best[2], best[3]) if best else None
