"""The two documents of a version: what everybody may find, and what its level may find. Pure."""

from dataclasses import dataclass, field

from articles.models import Version
from articles.models.search import LONGEST_WORD
from articles.search.terms import WORD, term_of


@dataclass(slots=True)
class Document:
    """Terms by their weight. Those of the full text carry the mark of its level, so that one index holds both
    documents and a question that does not name the mark never touches what lies behind the gate."""

    head: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    facets: list[str] = field(default_factory=list)
    # (level, term) → as written
    vocabulary: dict[tuple[int, str], str] = field(default_factory=dict)


def marked(level: int, term: str) -> str:
    """`term` as the readers of `level` find it in the full text; level 0 is the free text."""
    return f"{level}_{term}" if level else term


def facet(kind: str, value: str) -> str:
    """The term by which a list is narrowed: no word of a text has an underscore."""
    return f"_{kind}_{value}".casefold()


def document(version: Version) -> Document:
    made = Document()
    head = version.head
    beside = [version.standfirst, *(one["name"] for one in [*head["bylines"], *head["topics"]])]
    if head["section"]:
        beside.append(head["section"]["name"])
        made.facets.append(facet("s", head["section"]["slug"]))
    made.facets.append(facet("k", version.kind))
    made.facets += [facet("a", one["slug"]) for one in head["bylines"] if one["slug"]]
    made.head += _noted(made, version.headline, 0)
    made.names += _noted(made, "\n".join(beside), 0)
    made.body += _noted(made, version.plain_free, 0)
    if version.required_level:
        made.body += _noted(made, version.plain_all, version.required_level)
    return made


def _noted(made: Document, text: str, level: int) -> list[str]:
    words = WORD.findall(text)
    for word in dict.fromkeys(words):
        if term := term_of(word):
            made.vocabulary.setdefault((level, term), word.lower()[:LONGEST_WORD])
    return [marked(level, term) for term in map(term_of, words) if term]
