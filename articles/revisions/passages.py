"""Two bodies split into passages to choose from, and edits of one paragraph by two users combined."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from articles.revisions.blocks import Block, blocks, keys, top_level
from articles.revisions.diff import Part, matches, paired, similarity, word_diff
from articles.richtext.vocabulary import clean

MIN_SIMILARITY = 0.4
# A tag, a word with the space after it, or a punctuation mark.
_TOKEN = re.compile(r"<[^>]+>|[\w’'-]+\s*|[^\w\s<]\s*|\s+")
# The start and end in the base, and the tokens that replace that span.
Edit = tuple[int, int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Passage:
    """Part of the body: identical in both texts, or with a `number`, to be chosen. `chosen` is the proposal.

    `combined` has the changes of both, where they do not touch; `base` is the paragraph that both started from.
    """

    theirs: tuple[str, ...]
    mine: tuple[str, ...]
    number: int | None = None
    chosen: str = "theirs"
    both_changed: bool = False
    combined: str = ""
    base: tuple[str, ...] | None = None


def passages(theirs: str, mine: str, base: str | None = None) -> list[Passage]:
    """Split two bodies where they differ, by paragraph.

    With their common `base`, propose whichever side changed a passage, and both changes where they can be combined.
    """
    a, b = top_level(theirs), top_level(mine)
    origin = None if base is None else _Base(base)
    cut: list[Passage] = []
    i = j = number = 0
    for mi, mj, length in [*matches([keys(block) for block in a], [keys(block) for block in b]), (len(a), len(b), 0)]:
        for left, right in _aligned(a[i:mi], b[j:mj]):
            cut.append(_passage(left, right, number, origin))
            number += 1
        if length:
            cut.append(Passage(tuple(a[mi : mi + length]), tuple(a[mi : mi + length])))
        i, j = mi + length, mj + length
    return cut


def merged(cut: list[Passage], choices: Mapping[int, str]) -> str:
    """Return the body for the `choices` ("theirs", "mine", "both" or "combined").

    A passage without a choice uses its proposal.
    """
    parts: list[str] = []
    for passage in cut:
        choice = passage.chosen if passage.number is None else choices.get(passage.number, passage.chosen)
        if choice == "combined" and passage.combined:
            parts.append(passage.combined)
            continue
        if choice in {"theirs", "both"}:
            parts += passage.theirs
        if choice in {"mine", "both", "combined"}:
            parts += passage.mine
    return "".join(parts)


def changes(passage: Passage) -> list[tuple[str, list[Part], list[Part]]]:
    """Return, line by line, the tag and what each side changed: against the base, else marked where they differ."""
    old, new = blocks("".join(passage.theirs)), blocks("".join(passage.mine))
    if passage.base is None:
        return [_differences(left, right) for left, right in paired(old, new)]
    base = blocks("".join(passage.base))
    return [
        ((right or left).tag, _since(left, base), _since(right, base))  # type: ignore[union-attr]
        for left, right in paired(old, new)
    ]


def combined_changes(passage: Passage) -> list[Part]:
    """Return what the combined paragraph changes in the base."""
    return word_diff(_text("".join(passage.base or ())), _text(passage.combined))


class _Base:
    """The body that both sides started from."""

    def __init__(self, body: str) -> None:
        self.blocks = top_level(body)
        self.keys = {keys(block) for block in self.blocks}
        self._words = [_words(block) for block in self.blocks]

    def origin(self, *texts: str) -> str | None:
        """Return the block that all `texts` are similar to, if there is one."""
        wanted = [_words(text) for text in texts]
        scores = [min(similarity(words, each) for each in wanted) for words in self._words]
        best = max(scores, default=0.0)
        return self.blocks[scores.index(best)] if best >= MIN_SIMILARITY else None


def _aligned(a: Sequence[str], b: Sequence[str]) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the differing blocks of both sides: similar ones as pairs, and what lies between them together."""
    if not a or not b:
        if a or b:
            yield tuple(a), tuple(b)
        return
    lines_a = [Block("", block, block, str(n)) for n, block in enumerate(map(_text, a))]
    lines_b = [Block("", block, block, str(n)) for n, block in enumerate(map(_text, b))]
    i = j = 0
    pairs = [(int(old.key), int(new.key)) for old, new in paired(lines_a, lines_b) if old and new]
    for pi, pj in pairs:
        if i < pi or j < pj:
            yield tuple(a[i:pi]), tuple(b[j:pj])
        yield (a[pi],), (b[pj],)
        i, j = pi + 1, pj + 1
    if i < len(a) or j < len(b):
        yield tuple(a[i:]), tuple(b[j:])


def _passage(theirs: tuple[str, ...], mine: tuple[str, ...], number: int, base: _Base | None) -> Passage:
    if base is None:
        return Passage(theirs, mine, number, "mine")
    theirs_old, mine_old = base.keys.issuperset(map(keys, theirs)), base.keys.issuperset(map(keys, mine))
    # A passage on one side only was either added there or removed on the other.
    i_changed = not mine_old if mine else theirs_old
    they_changed = not theirs_old if theirs else mine_old
    origins = {block: base.origin(block) for block in (*theirs, *mine)}
    found = tuple(dict.fromkeys(origin for origin in origins.values() if origin is not None))
    combined = ""
    if i_changed and they_changed and len(theirs) == len(mine) == 1 and (origin := base.origin(*theirs, *mine)):
        combined = combine(origin, theirs[0], mine[0]) or ""
    chosen = "combined" if combined else "mine" if i_changed else "theirs"
    return Passage(theirs, mine, number, chosen, i_changed and they_changed, combined, found)


def combine(base: str, theirs: str, mine: str) -> str | None:
    """Return `base` with the changes of both, as HTML; None if they touch or the result would be another markup."""
    words = _TOKEN.findall(base)
    edits = sorted({*_edits(words, _TOKEN.findall(theirs)), *_edits(words, _TOKEN.findall(mine))})
    if any(later[0] <= earlier[1] for earlier, later in pairwise(edits)):
        return None
    for start, end, replacement in reversed(edits):
        words[start:end] = replacement
    result = "".join(words)
    return result if clean(result) == result and len(top_level(result)) == 1 else None


def _edits(base: list[str], text: list[str]) -> list[Edit]:
    edits, i, j = [], 0, 0
    for mi, mj, length in [*matches(base, text), (len(base), len(text), 0)]:
        if i < mi or j < mj:
            edits.append((i, mi, tuple(text[j:mj])))
        i, j = mi + length, mj + length
    return edits


def _since(line: Block | None, base: Sequence[Block]) -> list[Part]:
    if line is None:
        return []
    if any(block.key == line.key for block in base):
        return [Part("=", line.text)]
    nearest = max(base, key=lambda block: similarity(block.word_set, line.word_set), default=None)
    if nearest is None or similarity(nearest.word_set, line.word_set) < MIN_SIMILARITY:
        return [Part("+", line.text)]
    if nearest.text == line.text:
        return word_diff(nearest.spelled, line.spelled)
    return word_diff(nearest.text, line.text)


def _differences(old: Block | None, new: Block | None) -> tuple[str, list[Part], list[Part]]:
    spelled = bool(old and new and old.text == new.text)
    left, right = ((block.spelled if spelled else block.text) if block else "" for block in (old, new))
    return (new or old).tag, *marked(left, right)  # type: ignore[union-attr]


def marked(old: str, new: str) -> tuple[list[Part], list[Part]]:
    """Return both texts, each marked ("~") where they differ, since either side may have changed them."""
    parts = word_diff(old, new)
    mine = [Part("~" if part.op == "+" else "=", part.text) for part in parts if part.op != "-"]
    return [Part("~" if part.op == "-" else "=", part.text) for part in parts if part.op != "+"], mine


def _text(html: str) -> str:
    return " ".join(block.text for block in blocks(html))


def _words(html: str) -> frozenset[str]:
    return frozenset().union(*(block.word_set for block in blocks(html)))
