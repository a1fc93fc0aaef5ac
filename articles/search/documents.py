"""Search documents: the terms of a version, for everyone and for the level that it requires. Pure.

Text is normalised into terms here for indexing, queries and highlighting.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from articles.models import Version
from articles.models.search import LONGEST_WORD
from truthlytics.web.text import word_set


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


# Scripts without spaces between words: each character is a word.
_IDEOGRAPHS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{_IDEOGRAPHS}]|[^\W_{_IDEOGRAPHS}]+")
_DIACRITICS = re.compile("[\u0300-\u036f]")
_NON_WORD = re.compile(r"[\W_]")
# Searched like all other words, but not highlighted.
STOP_WORDS = word_set("a an and are as at be but by for from he in is it of on or she that the they to was with")
MAX_WORDS = 12
MIN_PREFIX_LENGTH = 3


def terms(text: str) -> Iterator[tuple[str, str]]:
    """Yield each word of `text` (in NFC) as a term and as written."""
    for word in WORD.findall(text):
        if term := term_of(word):
            yield term, word


@lru_cache(maxsize=1 << 16)
def term_of(word: str) -> str:
    """Return `word` without case, accents and plural ending; "" if it is not a word, such as the s of "China's"."""
    term = fold(word)
    return "" if term == "s" else _singular(term)


def fold(word: str) -> str:
    """Return `word` without case and accents, truncated to the maximum length of the index."""
    if not word.isascii():
        word = _DIACRITICS.sub("", unicodedata.normalize("NFKD", word))
    return _NON_WORD.sub("", word.casefold())[:LONGEST_WORD]


def _singular(term: str) -> str:
    """Remove regular English plural endings. Other languages lose a final s, in the index and in queries alike."""
    if len(term) < 4 or not term.endswith("s") or term.endswith(("ss", "us", "is")):
        return term
    if term.endswith("ies") and len(term) > 4:
        return term[:-3] + "y"
    if term.endswith(("xes", "ches", "shes", "sses", "zes")):
        return term[:-2]
    return term[:-1]


def parse_query(text: str) -> tuple[list[str], str]:
    """Return the first twelve different terms of a query, and the last word if it may be completed, else ""."""
    words = list(terms(unicodedata.normalize("NFC", text)))
    unique = list(dict.fromkeys(term for term, _ in words))[:MAX_WORDS]
    last = fold(words[-1][1]) if words and words[-1][0] in unique else ""
    return unique, last if len(last) >= MIN_PREFIX_LENGTH else ""
