"""Where in a text certain words stand, after the text was changed: the words, what is around them, where they were.

Pure, and written twice: `newsroom/js/anchors.js` does the same in the browser, and both are held to the cases of
`tests/articles/anchor_cases.json`. Positions are counted in code points.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from lxml.html import HtmlElement

from articles.prose import parse

CONTEXT = 48
LONGEST_QUOTE = 1000
# A quotation of so many characters is itself wherever it stands; a shorter one is known by its neighbours.
TELLING = 24
NEIGHBOURS = 8
# One of so many may have lost them, where it stands there once.
ONCE = 12
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


def find(text: str, anchor: Anchor) -> Span | None:
    """Where the words of `anchor` are in `text` now: as they were, else between the same neighbours, else alike.

    None where they are gone. Of the same words at several places, those with the most of the same neighbours are
    meant, then those nearest to where they were.
    """
    if not anchor.quote.strip():
        return None
    here, quote = text.translate(_SAME), anchor.quote.translate(_SAME)
    prefix, suffix = anchor.prefix.translate(_SAME), anchor.suffix.translate(_SAME)
    return (
        _exact(here, quote, prefix, suffix, anchor.position)
        or _between(here, quote, prefix, suffix, anchor.position)
        or _alike(here, quote, anchor.position)
    )


def _exact(text: str, quote: str, prefix: str, suffix: str, position: int) -> Span | None:
    enough = min(NEIGHBOURS, len(prefix) + len(suffix))
    best: tuple[int, int, int] | None = None
    count, at = 0, text.find(quote)
    first = at
    while at >= 0:
        count += 1
        before, after = text[max(0, at - CONTEXT) : at], text[at + len(quote) : at + len(quote) + CONTEXT]
        same = _ends_alike(before, prefix) + _begins_alike(after, suffix)
        if len(quote) >= TELLING or same >= enough:
            best = max(best or (-1, 0, 0), (same, -abs(at - position), at))
        at = text.find(quote, at + 1)
    if best is None and count == 1 and len(quote) >= ONCE:
        return first, first + len(quote)
    return (best[2], best[2] + len(quote)) if best else None


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
    at = text.find(left)
    while at >= 0:
        start = at + len(left)
        end = text.find(right, start, start + longest + len(right))
        if end >= 0 and text[start:end].strip() and (best is None or abs(start - position) < best[0]):
            best = (abs(start - position), (start, end))
        at = text.find(left, at + 1)
    return best[1] if best else None


def _words(text: str) -> list[tuple[str, int, int]]:
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


def _alike(text: str, quote: str, position: int) -> Span | None:
    """The stretch of as many words that has most of the quoted ones in it; from the first of them to the last."""
    wanted = Counter(word for word, _, _ in _words(quote))
    count = wanted.total()
    there = _words(text)
    if count < FEWEST_WORDS:
        return None
    window: Counter[str] = Counter()
    common = 0
    best = (0, 0, -1)
    for last, (word, _, _) in enumerate(there):
        window[word] += 1
        common += window[word] <= wanted[word]
        if last >= count:
            gone = there[last - count][0]
            common -= window[gone] <= wanted[gone]
            window[gone] -= 1
        first = max(0, last - count + 1)
        score = (common, -abs(there[first][1] - position), first)
        if common >= LIKE * count and score > best:
            best = score
    if best[2] < 0:
        return None
    kept = [one for one in there[best[2] : best[2] + count] if one[0] in wanted]
    return kept[0][1], kept[-1][2]
