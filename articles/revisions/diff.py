"""Word-by-word comparison of two texts that keeps their structure.

Takes roughly linear time: common ends are cut off, tokens that occur exactly once in both texts are fixed points
(patience diff), and the spans between them are compared in full only if they are small. Larger spans without fixed
points count as replaced.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from articles.revisions.blocks import Block, blocks

MAX_CELLS = 60_000
MAX_DEPTH = 24
MIN_SIMILARITY, MIN_MOVED_SIMILARITY = 0.4, 0.8
MAX_PAIRS = 2_500
# A Chinese or Japanese character is a token; so are numbers such as 0.48 and 1,200.
_TOKEN = re.compile(r"(?:https?://[^\s\]]+|[\u3040-\u30ff\u3400-\u9fff]|\d[\d.,]*\d%?|\w[\w’'-]*|[^\w\s])\s*|\s+")


@dataclass(frozen=True, slots=True)
class Part:
    """Text that is unchanged ("="), removed ("-") or added ("+")."""

    op: str
    text: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a comparison: same (`count` `blocks`), changed, added, removed, moved (to here), gone (from here)."""

    kind: str
    tag: str = "p"
    parts: tuple[Part, ...] = ()
    count: int = 1
    blocks: tuple[Block, ...] = ()
    # Whether the words are the same, and only links, emphasis or the description of an image differ.
    same_words: bool = False
    # The name of the part of the article, if it is not in the text.
    label: str = ""

    @property
    def old(self) -> list[Part]:
        """The parts of the old text, to show beside the new one. A block that moved here was not here in it."""
        return [] if self.kind == "moved" else [part for part in self.parts if part.op != "+"]


@dataclass(frozen=True, slots=True)
class Same:
    """A run of unchanged blocks."""

    blocks: tuple[Block, ...]


Match = tuple[int, int, int]


def matches(a: Sequence[Hashable], b: Sequence[Hashable]) -> list[Match]:
    """Return the common runs as (start in `a`, start in `b`, length), in order."""
    runs: list[Match] = []
    spans = [(0, len(a), 0, len(b), 0)]
    while spans:
        i1, i2, j1, j2, depth = spans.pop()
        start = i1
        while i1 < i2 and j1 < j2 and a[i1] == b[j1]:
            i1, j1 = i1 + 1, j1 + 1
        runs.append((start, j1 - (i1 - start), i1 - start))
        end = i2
        while i1 < i2 and j1 < j2 and a[i2 - 1] == b[j2 - 1]:
            i2, j2 = i2 - 1, j2 - 1
        runs.append((i2, j2, end - i2))
        if i1 == i2 or j1 == j2:
            continue
        if depth < MAX_DEPTH and (fixed := _fixed_points(a, b, i1, i2, j1, j2)):
            runs += [(i, j, 1) for i, j in fixed]
            ends = [(i1 - 1, j1 - 1), *fixed, (i2, j2)]
            spans += [(i + 1, k, j + 1, m, depth + 1) for (i, j), (k, m) in pairwise(ends)]
        elif (i2 - i1) * (j2 - j1) <= MAX_CELLS:
            runs += _longest_common(a, b, i1, i2, j1, j2)
    return _joined(sorted(match for match in runs if match[2]))


def _joined(runs: list[Match]) -> list[Match]:
    joined: list[Match] = []
    for i, j, length in runs:
        if joined and (last := joined[-1])[0] + last[2] == i and last[1] + last[2] == j:
            joined[-1] = (last[0], last[1], last[2] + length)
        else:
            joined.append((i, j, length))
    return joined


def _fixed_points(
    a: Sequence[Hashable], b: Sequence[Hashable], i1: int, i2: int, j1: int, j2: int
) -> list[tuple[int, int]]:
    """Return the positions of items that occur exactly once in both, as far as they are in the same order."""
    counts_a, counts_b = Counter(a[i1:i2]), Counter(b[j1:j2])
    positions = {b[j]: j for j in range(j1, j2)}
    pairs = [(i, positions[a[i]]) for i in range(i1, i2) if counts_a[a[i]] == 1 and counts_b[a[i]] == 1]
    return [pairs[n] for n in _longest_increasing([j for _, j in pairs])]


def _longest_increasing(values: list[int]) -> list[int]:
    """Return the indexes of a longest increasing subsequence of `values`."""
    previous: list[int] = [-1] * len(values)
    tails: list[int] = []
    tail_values: list[int] = []
    for n, value in enumerate(values):
        length = bisect_left(tail_values, value)
        previous[n] = tails[length - 1] if length else -1
        tails[length : length + 1] = [n]
        tail_values[length : length + 1] = [value]
    indexes, n = [], tails[-1] if tails else -1
    while n >= 0:
        indexes.append(n)
        n = previous[n]
    return indexes[::-1]


def _longest_common(
    a: Sequence[Hashable], b: Sequence[Hashable], i1: int, i2: int, j1: int, j2: int
) -> Iterator[Match]:
    """Yield a longest common subsequence of two short spans."""
    lengths = [[0] * (j2 - j1 + 1)]
    for i in range(i2 - 1, i1 - 1, -1):
        below, row = lengths[-1], [0] * (j2 - j1 + 1)
        for j in range(j2 - j1 - 1, -1, -1):
            row[j] = below[j + 1] + 1 if a[i] == b[j1 + j] else max(below[j], row[j + 1])
        lengths.append(row)
    lengths.reverse()
    i, j = 0, 0
    while i < i2 - i1 and j < j2 - j1:
        if a[i1 + i] == b[j1 + j]:
            yield i1 + i, j1 + j, 1
            i, j = i + 1, j + 1
        elif lengths[i + 1][j] >= lengths[i][j + 1]:
            i += 1
        else:
            j += 1


def _spans(runs: list[Match], i2: int, j2: int) -> Iterator[tuple[bool, int, int, int, int]]:
    """Yield both sequences in full, as spans (same, start in a, end in a, start in b, end in b)."""
    i = j = 0
    for mi, mj, length in [*runs, (i2, j2, 0)]:
        if i < mi or j < mj:
            yield False, i, mi, j, mj
        if length:
            yield True, mi, mi + length, mj, mj + length
        i, j = mi + length, mj + length


def word_diff(old: str, new: str) -> list[Part]:
    """Return the parts of `old` and `new` in one list. Without the removed parts they read as `new`, without the added
    parts as `old`, except for whitespace.
    """
    a, b = _TOKEN.findall(old), _TOKEN.findall(new)
    runs = matches([token.rstrip() for token in a], [token.rstrip() for token in b])
    spans = []
    for same, i1, i2, j1, j2 in _spans(runs, len(a), len(b)):
        removed, added = "".join(a[i1:i2]), "".join(b[j1:j2])
        if same:  # the last word may be followed by a space in one text only
            added = "".join(max(pair, key=len) for pair in zip(a[i1:i2], b[j1:j2], strict=True))
        spans.append((same, removed, added))
    parts: list[Part] = []
    for same, removed, added in _readable(spans):
        if same:
            parts.append(Part("=", added))
        else:
            parts += [Part(op, text) for op, text in (("-", removed), ("+", added)) if text]
    return parts


def _readable(spans: list[tuple[bool, str, str]]) -> list[tuple[bool, str, str]]:
    """Merge short unchanged spans into the longer changes around them, which is easier to read."""
    out: list[tuple[bool, str, str]] = []
    for n, (same, removed, added) in enumerate(spans):
        if same and 0 < n < len(spans) - 1:
            neighbours = [max(len(out[-1][1]), len(out[-1][2])), max(len(spans[n + 1][1]), len(spans[n + 1][2]))]
            same = len(added) > min(neighbours) or len(added.split()) > 2
        if out and not same and not out[-1][0]:
            out[-1] = (False, out[-1][1] + removed, out[-1][2] + added)
        else:
            out.append((same, removed, added))
    return out


def _compare(old: Block, new: Block) -> tuple[Part, ...]:
    """Compare two blocks. If their text is the same, compare links and emphasis."""
    return tuple(word_diff(old.spelled, new.spelled) if old.text == new.text else word_diff(old.text, new.text))


def similarity(a: frozenset[str], b: frozenset[str]) -> float:
    """Return the share of words that two texts have in common, from 0 to 1."""
    return 2 * len(a & b) / max(1, len(a) + len(b))


def paired(old: Sequence[Block], new: Sequence[Block]) -> list[tuple[Block | None, Block | None]]:
    """Pair each old block with the new one it became, in order; None if there is none."""
    if len(old) * len(new) > MAX_PAIRS:
        common = min(len(old), len(new))
        pairs: list[tuple[Block | None, Block | None]] = list(zip(old[:common], new[:common], strict=True))
        return pairs + [(block, None) for block in old[common:]] + [(None, block) for block in new[common:]]
    words_a, words_b = [block.word_set for block in old], [block.word_set for block in new]
    score = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    scores = [[similarity(a, b) for b in words_b] for a in words_a]
    for i in range(len(old) - 1, -1, -1):
        for j in range(len(new) - 1, -1, -1):
            pair = scores[i][j] + score[i + 1][j + 1] if scores[i][j] >= MIN_SIMILARITY else 0.0
            score[i][j] = max(pair, score[i + 1][j], score[i][j + 1])
    pairs, i, j = [], 0, 0
    while i < len(old) and j < len(new):
        if scores[i][j] >= MIN_SIMILARITY and score[i][j] == scores[i][j] + score[i + 1][j + 1]:
            pairs.append((old[i], new[j]))
            i, j = i + 1, j + 1
        elif score[i + 1][j] >= score[i][j + 1]:
            pairs.append((old[i], None))
            i += 1
        else:
            pairs.append((None, new[j]))
            j += 1
    return pairs + [(block, None) for block in old[i:]] + [(None, block) for block in new[j:]]


def block_diff(old: str, new: str) -> list[Row]:
    """Compare two bodies block by block. Runs of unchanged blocks are one row, and moved blocks are marked as moved."""
    return diff_blocks(blocks(old), blocks(new))


def diff_blocks(a: Sequence[Block], b: Sequence[Block]) -> list[Row]:
    """Compare two texts that are split into blocks already, as `block_diff` does."""
    pairs: list[tuple[Block | None, Block | None] | Same] = []
    runs = matches([block.key for block in a], [block.key for block in b])
    for same, i1, i2, j1, j2 in _spans(runs, len(a), len(b)):
        pairs += [Same(tuple(b[j1:j2]))] if same else paired(a[i1:i2], b[j1:j2])
    removed = [pair[0] for pair in pairs if not isinstance(pair, Same) and pair[0] and not pair[1]]
    added = [pair[1] for pair in pairs if not isinstance(pair, Same) and pair[1] and not pair[0]]
    moves = _moves(removed, added)
    origins = {id(origin) for origin in moves.values()}
    return [_row(pair, moves, origins) for pair in pairs]


def _row(pair: tuple[Block | None, Block | None] | Same, moves: dict[int, Block], origins: set[int]) -> Row:
    if isinstance(pair, Same):
        return Row("same", count=len(pair.blocks), blocks=pair.blocks)
    before, after = pair
    if before and after:
        return Row("changed", after.tag, _compare(before, after), same_words=before.text == after.text)
    if after:
        if origin := moves.get(id(after)):
            return Row("moved", after.tag, _compare(origin, after), same_words=origin.text == after.text)
        return Row("added", after.tag, (Part("+", after.text),))
    assert before is not None  # noqa: S101 (at least one of them is set)
    gone = id(before) in origins
    return Row("gone" if gone else "removed", before.tag, (Part("=" if gone else "-", before.text),))


def _moves(removed: list[Block], added: list[Block]) -> dict[int, Block]:
    """Return, by the id of an added block, the removed block that is the same or nearly the same."""
    moves: dict[int, Block] = {}
    free = [block for block in removed if len(block.word_set) > 3]
    exact = {block.key: block for block in free}
    few = len(free) * len(added) <= MAX_PAIRS
    for block in added:
        origin = exact.pop(block.key, None)
        if origin is None and few and free:
            nearest = max(free, key=lambda other: similarity(other.word_set, block.word_set))
            origin = nearest if similarity(nearest.word_set, block.word_set) >= MIN_MOVED_SIMILARITY else None
        if origin is not None and origin in free:
            free.remove(origin)
            moves[id(block)] = origin
    return moves
