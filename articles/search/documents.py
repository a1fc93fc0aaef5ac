"""Search documents: the terms of a version, for everyone and for the level that it requires. Pure."""

from dataclasses import dataclass, field

from articles.models import Version
from articles.models.search import LONGEST_WORD
from articles.search.terms import WORD, term_of


@dataclass(slots=True)
class SearchDocument:
    """Terms by weight.

    Terms of the full text are prefixed with its level. One index can therefore hold free and gated text, and a query
    without the prefix never matches gated text.
    """

    head: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    facets: list[str] = field(default_factory=list)
    # (level, term) to the word as written
    vocabulary: dict[tuple[int, str], str] = field(default_factory=dict)


def level_term(level: int, term: str) -> str:
    """Return `term` as indexed for readers of `level`. Level 0 is the free text."""
    return f"{level}_{term}" if level else term


def facet_term(kind: str, value: str) -> str:
    """Return the term of a filter. Words of a text never contain an underscore."""
    return f"_{kind}_{value}".casefold()


def build_document(version: Version) -> SearchDocument:
    document = SearchDocument()
    head = version.head
    names = [version.standfirst, *(item["name"] for item in [*head["bylines"], *head["topics"]])]
    if head["section"]:
        names.append(head["section"]["name"])
        document.facets.append(facet_term("s", head["section"]["slug"]))
    if version.kind:
        document.facets.append(facet_term("k", version.kind))
    document.facets += [facet_term("a", byline["slug"]) for byline in head["bylines"] if byline["slug"]]
    document.head += _add_words(document, version.headline, 0)
    document.names += _add_words(document, "\n".join(names), 0)
    document.body += _add_words(document, version.plain_free, 0)
    if version.required_level:
        document.body += _add_words(document, version.plain_all, version.required_level)
    return document


def _add_words(document: SearchDocument, text: str, level: int) -> list[str]:
    """Add the words of `text` to the vocabulary and return its terms."""
    words = WORD.findall(text)
    for word in dict.fromkeys(words):
        if term := term_of(word):
            document.vocabulary.setdefault((level, term), word.lower()[:LONGEST_WORD])
    return [level_term(level, term) for term in map(term_of, words) if term]
