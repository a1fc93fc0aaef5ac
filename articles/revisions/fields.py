"""What people type of an article or a page, out of what a version or a save holds: read, compared, put together."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from articles.access import Level
from articles.models.pages import Purpose
from articles.revisions.blocks import keys, top_level
from articles.revisions.diff import Part, Row, matches, rows, words

Typed = dict[str, Any]
NOT_SET = "–"
PLAIN = ("headline", "standfirst", "body", "kind", "required_level", "slug", "section", "topics", "bylines", "purpose")


def typed(content: Mapping[str, Any]) -> Typed:
    """The typed parts of `content`, flat; a part that it does not know is left out."""
    lead = content.get("lead") or {}
    seo = content.get("seo") or {}
    flat = {name: content[name] for name in PLAIN if name in content}
    return flat | {
        "series": content.get("series"),
        "audio": content.get("audio"),
        "lead": lead.get("uuid"),
        "lead_caption": content.get("lead_caption", lead.get("caption", "")),
        "seo_title": seo.get("title", ""),
        "seo_description": seo.get("description", ""),
    }


def _names(rows: Any) -> str:
    return ", ".join(row["name"] for row in rows or ())


LABELS: dict[str, str] = {
    "headline": "Headline",
    "standfirst": "Standfirst",
    "body": "Text",
    "kind": "Kind",
    "required_level": "Who may read",
    "section": "Section",
    "topics": "Topics",
    "series": "Series",
    "bylines": "By",
    "lead": "Lead picture",
    "lead_caption": "Caption of the lead picture",
    "audio": "Read aloud",
    "purpose": "What it is",
    "slug": "Address",
    "seo_title": "Title for search engines",
    "seo_description": "Description for search engines",
}
_SHOWN: dict[str, Callable[[Any], str]] = {
    "kind": str.title,
    "required_level": lambda level: str(Level(level).label) if level in Level.values else str(level),
    "section": lambda section: section["name"] if section else "",
    "topics": _names,
    "bylines": _names,
    "series": lambda series: f"{series['name']}, part {series['part']}" if series else "",
    "audio": lambda audio: f"recording {audio['sha256'][:8]}" if audio else "",
    "purpose": lambda purpose: str(Purpose(purpose).label) if purpose else "",
    "lead": lambda uuid: f"picture {uuid[:8]}" if uuid else "",
}


def shown(name: str, value: Any) -> str:
    """The value as a reader of the newsroom sees it."""
    return _SHOWN.get(name, str)(value) or NOT_SET


def differing(one: Typed, other: Typed) -> list[str]:
    """The names of what both know and what is not the same."""
    return [name for name in LABELS if name in one and name in other and not same(name, one[name], other[name])]


def same(name: str, one: Any, other: Any) -> bool:
    """Sections and people are told apart by their uuid: a new name of theirs is no change of the article."""
    if name in {"topics", "bylines"}:
        return [row["uuid"] for row in one or ()] == [row["uuid"] for row in other or ()]
    if name == "series":
        return {**(one or {}), "name": ""} == {**(other or {}), "name": ""}
    if name == "body":
        return bool(one == other) or keys(one) == keys(other)
    if name == "section":
        return bool((one or {}).get("uuid") == (other or {}).get("uuid"))
    return bool(one == other)


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a page shows of the way from one text to another."""

    headline: list[Part]
    standfirst: list[Part]
    rows: list[Row]
    facts: list[Fact]

    @property
    def empty(self) -> bool:
        parts = [*self.headline, *self.standfirst]
        return not self.facts and all(p.op == "=" for p in parts) and all(row.kind == "same" for row in self.rows)


def compare(old: Typed, new: Typed) -> Comparison:
    changed = differing(old, new)
    return Comparison(
        headline=words(old["headline"], new["headline"]),
        standfirst=words(old["standfirst"], new["standfirst"]),
        rows=rows(old["body"], new["body"]),
        facts=[
            Fact(LABELS[name], shown(name, old[name]), shown(name, new[name]))
            for name in changed
            if name not in {"headline", "standfirst", "body"}
        ],
    )


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the text: the same in both, or one that has to be chosen (`number`); `chosen` is the proposal."""

    theirs: tuple[str, ...]
    mine: tuple[str, ...]
    number: int | None = None
    chosen: str = "theirs"
    both_changed: bool = False


def passages(theirs: str, mine: str, base: str | None = None) -> list[Passage]:
    """Two bodies, cut where they differ. With the text that both began with, each one's own changes are proposed."""
    a, b = top_level(theirs), top_level(mine)
    known = None if base is None else {keys(block) for block in top_level(base)}
    cut: list[Passage] = []
    i = j = number = 0
    for mi, mj, length in [*matches([keys(block) for block in a], [keys(block) for block in b]), (len(a), len(b), 0)]:
        if i < mi or j < mj:
            cut.append(_passage(tuple(a[i:mi]), tuple(b[j:mj]), number, known))
            number += 1
        if length:
            cut.append(Passage(tuple(a[mi : mi + length]), tuple(a[mi : mi + length])))
        i, j = mi + length, mj + length
    return cut


def _passage(theirs: tuple[str, ...], mine: tuple[str, ...], number: int, base: set[tuple[str, ...]] | None) -> Passage:
    if base is None:
        return Passage(theirs, mine, number, "mine")
    theirs_old, mine_old = base.issuperset(map(keys, theirs)), base.issuperset(map(keys, mine))
    # What is only there on one side was either written there or taken away on the other.
    i_changed = not mine_old if mine else theirs_old
    they_changed = not theirs_old if theirs else mine_old
    return Passage(theirs, mine, number, "mine" if i_changed else "theirs", i_changed and they_changed)


def merged(cut: list[Passage], choices: Mapping[int, str]) -> str:
    """The body that the `choices` ("theirs", "mine" or "both") make; a passage without one goes by its proposal."""
    parts: list[str] = []
    for passage in cut:
        choice = passage.chosen if passage.number is None else choices.get(passage.number, passage.chosen)
        if choice in {"theirs", "both"}:
            parts += passage.theirs
        if choice in {"mine", "both"}:
            parts += passage.mine
    return "".join(parts)
