"""Finds words, figures, dates, names and quotations in a text, and which of them an edit replaced."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from articles.corrections import lexicon

# How alike two spellings of a word are, from 0 to 1.
SAME_WORD = 0.7
# Shorter figures and names are ambiguous.
MIN_DIGITS, MIN_LETTERS = 2, 3

_WORD = re.compile(r"\d+(?:[.,:]\d+)*|[^\W\d_][\w’'-]*")
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")
_THOUSANDS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+")
_YEAR = re.compile(r"(?:1[5-9]|20)\d\d")
_QUOTATION = re.compile(r"“([^“”]+)”|„([^„“]+)“|«([^«»]+)»|\"([^\"]+)\"")


def words_of(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text.replace("'", "’"))]


def dates(text: str) -> list[str]:
    """Return names of days and months, and years."""
    found = []
    for word in _WORD.findall(text):
        # “May” is a month only with a capital letter, “march” is a verb without one.
        is_name = word.casefold() in lexicon.DATES and (word[0].isupper() or word.endswith(("day", "morrow", "ern")))
        if is_name or _YEAR.fullmatch(word) or (re.search(rf"\d {word}\b|\b{word} \d", text) and word == "May"):
            found.append(word.lower())
    return found


def figures(text: str) -> list[str]:
    """Return the figures, with “1,200” as 1200 and “two” as 2. Years are dates."""
    found = []
    for word in words_of(text):
        if _FIGURE.fullmatch(word):
            figure = re.sub(r",(?=\d{3}\b)", "", word)
            if not _YEAR.fullmatch(figure):
                found.append(figure)
        elif word in lexicon.NUMBERS:
            found.append(lexicon.NUMBERS[word])
        else:
            found += [part for part in word.split("-") if part in lexicon.QUANTITIES]
    return [figure for figure in found if figure != "1"]  # “one” is mostly a pronoun


def lost_figures(old: Iterable[str], new: Iterable[str]) -> list[str]:
    """Return the figures in digits that the passages `old` have more often than `new`.

    It is simple on purpose, so that others find the same: digits, with points, commas and colons between them, and
    “1,200” as 1200. Numbers in words, and figures that were only added, do not count.
    """
    before, after = (Counter(figure for text in texts for figure in _written_figures(text)) for texts in (old, new))
    return list((before - after).elements())


def _written_figures(text: str) -> Iterator[str]:
    for figure in _FIGURE.findall(text):
        yield figure.replace(",", "") if _THOUSANDS.fullmatch(figure) else figure


def written_terms(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    """Yield the figures of two digits or more and the capitalised words, each with where it is written.

    Figures come as in `figures`, with years; words without the possessive.
    """
    for match in _WORD.finditer(text):
        word = re.sub(r"[’']s$|[’']$", "", match[0])
        if sum(character.isdigit() for character in word) >= MIN_DIGITS:
            yield re.sub(r",(?=\d{3}\b)", "", word), match
        elif word[0].isupper() and len(word) >= MIN_LETTERS:
            yield word, match


def negations(text: str) -> list[str]:
    """Return a mark for each negation. “can’t”, “cannot” and “can not” are the same."""
    return [_("not") for word in words_of(text) if word in lexicon.NEGATIONS or word.endswith("n’t")]


def capitalised(text: str) -> list[str]:
    words = [re.sub(r"[’']s$|[’']$", "", word) for word in _WORD.findall(text) if word[0].isupper()]
    return [word for word in words if word not in {"I", "A"} and word.casefold() not in lexicon.DATES]


def stem(word: str) -> str:
    return re.sub(r"[’']s$|[’']$", "", word.casefold().replace("'", "’"))


def lost_and_gained(old: str, new: str) -> tuple[set[str], set[str]]:
    before, after = (Counter(map(stem, words_of(text))) for text in (old, new))
    return set(before - after), set(after - before)


def replaced_words(old: str, new: str) -> tuple[list[str], list[str]] | None:
    """Return the words with a meaning of their own that were replaced by others, not only spelled differently."""
    if _joined(old) == _joined(new):
        return None
    lost, gained = (sorted(words) for words in lost_and_gained(old, new))
    for word in list(lost):
        alike = [other for other in gained if _is_same_word(word, other)]
        if alike:
            lost.remove(word)
            gained.remove(alike[0])
    lost, gained = ([word for word in words if _has_meaning(word)] for words in (lost, gained))
    return (lost, gained) if lost or gained else None


def _has_meaning(word: str) -> bool:
    """Return whether it is worth naming a word that was replaced. Figures are compared by their value."""
    return word not in lexicon.SMALL_WORDS and not figures(word)


def _joined(text: str) -> str:
    """Return `text` casefolded and without spaces and punctuation, so that “news paper” equals “newspaper”."""
    return re.sub(r"[\W_]+", "", text.casefold())


def _is_same_word(one: str, other: str) -> bool:
    return (one[0] == other[0] and SequenceMatcher(None, one, other).ratio() >= SAME_WORD) or sorted(one) == sorted(
        other
    )


def quoted(passages: Iterable[str]) -> Iterator[str]:
    for passage in passages:
        for groups in _QUOTATION.findall(passage):
            yield " ".join(words_of("".join(groups)))
