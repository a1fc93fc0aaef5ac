"""What differs between two texts, word by word, with the shape of the text kept.

Time grows about evenly with the length: common ends are cut off, words that stand once in both texts are fixed points
(the patience method), and what lies between them is compared in full only where it is small. What is larger and has no
word of its own counts as replaced.
"""

import re
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from articles.revisions.blocks import Block, blocks

CELLS = 60_000
DEEPEST = 24
LIKE, MOVED = 0.4, 0.8
PAIRS = 2_500
# One sign of Chinese or Japanese is a word; 0.48 and 1,200 are one each.
_TOKEN = re.compile(r"(?:https?://[^\s\]]+|[\u3040-\u30ff\u3400-\u9fff]|\d[\d.,]*\d%?|\w[\w’'-]*|[^\w\s])\s*|\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """Words that stay ("="), went ("-") or came ("+")."""

    op: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a comparison: same (a run of `count`), changed, added, removed, moved (here to), gone (from here)."""

    kind: str
    tag: str = "p"
    parts: tuple[Part, ...] = ()
    count: int = 1


Match = tuple[int, int, int]


def matches(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Match]:
    """Runs (start in `a`, start in `b`, length) that both share, in their order."""
    found: list[Match] = []
    spans = [(0, len(a), 0, len(b), 0)]
    while spans:
        i1, i2, j1, j2, depth = spans.pop()
        start = i1
        while i1 < i2 and j1 < j2 and a[i1] == b[j1]:
            i1, j1 = i1 + 1, j1 + 1
        found.append((start, j1 - (i1 - start), i1 - start))
        end = i2
        while i1 < i2 and j1 < j2 and a[i2 - 1] == b[j2 - 1]:
            i2, j2 = i2 - 1, j2 - 1
        found.append((i2, j2, end - i2))
        if i1 == i2 or j1 == j2:
            continue
        if depth < DEEPEST and (fixed := _fixed_points(a, b, i1, i2, j1, j2)):
            found += [(i, j, 1) for i, j in fixed]
            ends = [(i1 - 1, j1 - 1), *fixed, (i2, j2)]
            spans += [(i + 1, k, j + 1, m, depth + 1) for (i, j), (k, m) in pairwise(ends)]
        elif (i2 - i1) * (j2 - j1) <= CELLS:
            found += _longest(a, b, i1, i2, j1, j2)
    return _joined(sorted(match for match in found if match[2]))


def _joined(found: list[Match]) -> list[Match]:
    joined: list[Match] = []
    for i, j, length in found:
        if joined and (last := joined[-1])[0] + last[2] == i and last[1] + last[2] == j:
            joined[-1] = (last[0], last[1], last[2] + length)
        else:
            joined.append((i, j, length))
    return joined


def _fixed_points(
    a: Sequence[Hashable], b: Sequence[Hashable], i1: int, i2: int, j1: int, j2: int
) -> list[tuple[int, int]]:
    """Places of what stands once in both, as far as they stand in the same order."""
    often_a, often_b = Counter(a[i1:i2]), Counter(b[j1:j2])
    places = {b[j]: j for j in range(j1, j2)}
    pairs = [(i, places[a[i]]) for i in range(i1, i2) if often_a[a[i]] == 1 and often_b[a[i]] == 1]
    return [pairs[n] for n in _rising([j for _, j in pairs])]


def _rising(values: list[int]) -> list[int]:
    """The indexes of a longest rising row of `values`."""
    from_here: list[int] = [-1] * len(values)
    tops: list[int] = []
    heights: list[int] = []
    for n, value in enumerate(values):
        place = _place(heights, value)
        from_here[n] = tops[place - 1] if place else -1
        tops[place : place + 1] = [n]
        heights[place : place + 1] = [value]
    row, n = [], tops[-1] if tops else -1
    while n >= 0:
        row.append(n)
        n = from_here[n]
    return row[::-1]


def _place(heights: list[int], value: int) -> int:
    low, high = 0, len(heights)
    while low < high:
        middle = (low + high) // 2
        low, high = (middle + 1, high) if heights[middle] < value else (low, middle)
    return low


def _longest(a: Sequence[Hashable], b: Sequence[Hashable], i1: int, i2: int, j1: int, j2: int) -> Iterator[Match]:
    """The longest common row of two short spans, by the book."""
    rows = [[0] * (j2 - j1 + 1)]
    for i in range(i2 - 1, i1 - 1, -1):
        below, row = rows[-1], [0] * (j2 - j1 + 1)
        for j in range(j2 - j1 - 1, -1, -1):
            row[j] = below[j + 1] + 1 if a[i] == b[j1 + j] else max(below[j], row[j + 1])
        rows.append(row)
    rows.reverse()
    i, j = 0, 0
    while i < i2 - i1 and j < j2 - j1:
        if a[i1 + i] == b[j1 + j]:
            yield i1 + i, j1 + j, 1
            i, j = i + 1, j + 1
        elif rows[i + 1][j] >= rows[i][j + 1]:
            i += 1
        else:
            j += 1


def _changes(found: list[Match], i2: int, j2: int) -> Iterator[tuple[bool, int, int, int, int]]:
    """The whole of both, as spans (same?, from, to, from, to)."""
    i = j = 0
    for mi, mj, length in [*found, (i2, j2, 0)]:
        if i < mi or j < mj:
            yield False, i, mi, j, mj
        if length:
            yield True, mi, mi + length, mj, mj + length
        i, j = mi + length, mj + length


def words(old: str, new: str) -> list[Part]:
    """`old` and `new` as one row of parts. Without the parts that went it reads as `new`, without those that came as
    `old` (white space aside)."""
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    found = matches([token.rstrip() for token in a], [token.rstrip() for token in b])
    spans = []
    for same, i1, i2, j1, j2 in _changes(found, len(a), len(b)):
        gone, come = "".join(a[i1:i2]), "".join(b[j1:j2])
        if same:  # the last word of one may lack the space that it has in the other
            come = "".join(max(pair, key=len) for pair in zip(a[i1:i2], b[j1:j2], strict=True))
        spans.append((same, gone, come))
    parts: list[Part] = []
    for same, gone, come in _readable(spans):
        if same:
            parts.append(Part("=", come))
        else:
            parts += [Part(op, text) for op, text in (("-", gone), ("+", come)) if text]
    return parts


def _readable(spans: list[tuple[bool, str, str]]) -> list[tuple[bool, str, str]]:
    """A word that happens to stay between two longer changes is read more easily as part of them."""
    out: list[tuple[bool, str, str]] = []
    for n, (same, gone, come) in enumerate(spans):
        if same and 0 < n < len(spans) - 1:
            around = [max(len(out[-1][1]), len(out[-1][2])), max(len(spans[n + 1][1]), len(spans[n + 1][2]))]
            same = len(come) > min(around) or len(come.split()) > 2
        if out and not same and not out[-1][0]:
            out[-1] = (False, out[-1][1] + gone, out[-1][2] + come)
        else:
            out.append((same, gone, come))
    return out


def _between(old: Block, new: Block) -> tuple[Part, ...]:
    """Where the words are the same, links and emphasis are spelled out."""
    return tuple(words(old.spelled, new.spelled) if old.text == new.text else words(old.text, new.text))


def _likeness(a: frozenset[str], b: frozenset[str]) -> float:
    return 2 * len(a & b) / max(1, len(a) + len(b))


def paired(old: Sequence[Block], new: Sequence[Block]) -> list[tuple[Block | None, Block | None]]:
    """Each block beside the one it became, in order; None where there is none."""
    if len(old) * len(new) > PAIRS:
        both = min(len(old), len(new))
        pairs: list[tuple[Block | None, Block | None]] = list(zip(old[:both], new[:both], strict=True))
        return pairs + [(block, None) for block in old[both:]] + [(None, block) for block in new[both:]]
    bags_a, bags_b = [block.bag for block in old], [block.bag for block in new]
    score = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    like = [[_likeness(a, b) for b in bags_b] for a in bags_a]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            pair = like[i][j] + score[i + 1][j + 1] if like[i][j] >= LIKE else 0.0
            score[i][j] = max(pair, score[i + 1][j], score[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if like[i][j] >= LIKE and score[i][j] == like[i][j] + score[i + 1][j + 1]:
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif score[i + 1][j] >= score[i][j + 1]:
            pairs.append((old[i], None))
            i += 1
        else:
            pairs.append((None, new[j]))
            j += 1
    return pairs + [(block, None) for block in old[i:]] + [(None, block) for block in new[j:]]


def rows(old: str, new: str) -> list[Row]:
    """Two bodies, block by block; runs of unchanged blocks are one row, and what only moved is said to have moved."""
    a, b = blocks(old), blocks(new)
    pairs: list[tuple[Block | None, Block | None] | int] = []
    found = matches([block.key for block in a], [block.key for block in b])
    for same, i1, i2, j1, j2 in _changes(found, len(a), len(b)):
        pairs += [i2 - i1] if same else paired(a[i1:i2], b[j1:j2])
    left = [pair[0] for pair in pairs if not isinstance(pair, int) and pair[0] and not pair[1]]
    came = [pair[1] for pair in pairs if not isinstance(pair, int) and pair[1] and not pair[0]]
    moves = _moves(left, came)
    origins = {id(origin) for origin in moves.values()}
    return [_row(pair, moves, origins) for pair in pairs]


def _row(pair: tuple[Block | None, Block | None] | int, moves: dict[int, Block], origins: set[int]) -> Row:
    if isinstance(pair, int):
        return Row("same", count=pair)
    before, after = pair
    if before and after:
        return Row("changed", after.tag, _between(before, after))
    if after:
        origin = moves.get(id(after))
        return Row(
            "moved" if origin else "added", after.tag, _between(origin, after) if origin else (Part("+", after.text),)
        )
    assert before is not None  # noqa: S101 (one of the two is there)
    gone = id(before) in origins
    return Row("gone" if gone else "removed", before.tag, (Part("=" if gone else "-", before.text),))


def _moves(left: list[Block], came: list[Block]) -> dict[int, Block]:
    """For what came, by its id: the block that left elsewhere and is the same, or nearly."""
    moves: dict[int, Block] = {}
    free = [block for block in left if len(block.bag) > 3]
    exact = {block.key: block for block in free}
    few = len(free) * len(came) <= PAIRS
    for block in came:
        origin = exact.pop(block.key, None)
        if origin is None and few and free:
            nearest = max(free, key=lambda other: _likeness(other.bag, block.bag))
            origin = nearest if _likeness(nearest.bag, block.bag) >= MOVED else None
        if origin is not None and origin in free:
            free.remove(origin)
            moves[id(block)] = origin
    return moves
