"""From text to the terms of the index, the same way for what is indexed, asked and marked. Pure."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from articles.models.search import LONGEST_WORD

# Scripts without spaces between words: each sign is a word.
_SIGNS = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
WORD = re.compile(rf"[{_SIGNS}]|[^\W_{_SIGNS}]+")
_MARKS = re.compile("[\u0300-\u036f]")
_ELSE = re.compile(r"[\W_]")
# English words that stand in every sentence: searched like all others, but nothing to look at in what is found.
COMMON = frozenset({
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "from", "he", "in", "is", "it", "of", "on", "or",
    "she", "that", "the", "they", "to", "was", "with",
})  # fmt: skip
MOST_WORDS = 12
SHORTEST_BEGINNING = 3


def terms(text: str) -> Iterator[tuple[str, str]]:
    """Each word of `text` (in NFC) as its term and as it stands there."""
    for word in WORD.findall(text):
        if term := term_of(word):
            yield term, word


@lru_cache(maxsize=1 << 16)
def term_of(word: str) -> str:
    """`word` without case, accents and a plural's ending; "" for what is no word, as the s of “China’s”."""
    term = folded(word)
    return "" if term == "s" else _singular(term)


def folded(word: str) -> str:
    """`word` without case and accents, and never longer than the index keeps."""
    if not word.isascii():
        word = _MARKS.sub("", unicodedata.normalize("NFKD", word))
    return _ELSE.sub("", word.casefold())[:LONGEST_WORD]


def _singular(term: str) -> str:
    """Only what English is sure of; other languages lose an s at the end, in the index and in the question alike."""
    if len(term) < 4 or not term.endswith("s") or term.endswith(("ss", "us", "is")):
        return term
    if term.endswith("ies") and len(term) > 4:
        return term[:-3] + "y"
    if term.endswith(("xes", "ches", "shes", "sses", "zes")):
        return term[:-2]
    return term[:-1]


def asked(text: str) -> tuple[list[str], str]:
    """The different terms that somebody asks for, the first twelve, and the last word as far as it is typed."""
    found = list(terms(unicodedata.normalize("NFC", text)))
    known = list(dict.fromkeys(term for term, _ in found))[:MOST_WORDS]
    last = folded(found[-1][1]) if found and found[-1][0] in known else ""
    return known, last if len(last) >= SHORTEST_BEGINNING else ""
