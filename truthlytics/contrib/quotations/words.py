"""The words and figures of a text, as quotations are compared. Pure.

Case, quotation marks, other punctuation, spaces, ligatures, soft hyphens and hyphens at the end of a line do not
matter. Figures keep their signs, points, commas and units, and what is raised stays raised: 10² is not 102.
"""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

# A hyphen at the end of a line, which may have been made by a line break or be part of the word.
_LINE_HYPHEN = "\ue000"
_INVISIBLE = re.compile("\u00ad\\s*|[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ue000]")
_RAISED, _FRACTIONS = "\u00b2\u00b3\u00b9\u2070\u2074-\u2079", "\u00bc-\u00be\u2150-\u215e"
_LOWERED = "\u2080-\u2089"
# Scripts without spaces between words: each character is a word.
_IDEOGRAPH = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
# Vowel signs and accents, which `\w` does not match.
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0970-\u0e4e"
_LETTER = rf"(?:[^\W\d_{_RAISED}{_LOWERED}{_FRACTIONS}{_IDEOGRAPH}]|[{_MARKS}])"
_LETTERS = rf"(?:[^\W\d_{_RAISED}{_LOWERED}{_FRACTIONS}{_IDEOGRAPH}]++[{_MARKS}]*+)++"
_HYPHENS = r"\u2010\u2011\-"
_DASHES = r"\u2212\u2013\-"
_HYPHEN_AT_LINE_END = re.compile(rf"(?<={_LETTER})[{_HYPHENS}][^\S\n]*\n\s*(?={_LETTER})")
_WORD = re.compile(
    rf"(?P<word>{_LETTERS}(?:[{_HYPHENS}{_LINE_HYPHEN}]{_LETTERS})*)|(?P<ideograph>[{_IDEOGRAPH}])"
    rf"|(?P<raised>\^[{_DASHES}+]?\d+|[{_RAISED}\u207a\u207b]*[{_RAISED}])|(?P<fraction>[{_FRACTIONS}])"
    # A dash before a figure is its sign, unless it is part of a range or of a word.
    rf"|(?P<figure>(?:(?<![\w%\u2030\u20ac$\u00a3\u00a5\u00b0)\]])[{_DASHES}+])?"
    rf"[\d{_LOWERED}]+(?:[.,:/'\u2019\u2044][\d{_LOWERED}]+)*)"
    r"|(?P<sign>[%\u2030\u20ac$\u00a3\u00a5\u00b0]|[<>\u2264\u2265\u00b1=\u2248~](?=\s?[\d+\u2212\u20ac$\u00a3-]))"
)


class Word(NamedTuple):
    """A word or figure between two positions of a cleaned text. Words with the same `key` may be the same.

    `spelled` has the hyphens in it, too; "" if one of them may come from a line break.
    """

    key: str
    spelled: str
    start: int
    end: int

    def same(self, other: "Word") -> bool:
        return self.key == other.key and (self.spelled == other.spelled or not self.spelled or not other.spelled)


def clean(text: str) -> str:
    """Return `text` without invisible characters, with single spaces, as its words are found in it and shown."""
    text = _INVISIBLE.sub("", unicodedata.normalize("NFC", text.replace("\r\n", "\n")))
    return " ".join(_HYPHEN_AT_LINE_END.sub(_LINE_HYPHEN, text).split())


def shown(text: str) -> str:
    """Return a part of a cleaned text for readers."""
    return text.replace(_LINE_HYPHEN, "-")


def compact(text: str) -> str:
    """Return `text` as short as it can be passed on with the same words in it."""
    return clean(text).replace(_LINE_HYPHEN, "-\n")


def words_of(text: str) -> list[Word]:
    """Return the words and figures of a cleaned text, in order."""
    return [
        Word(*_folded(match.lastgroup or "", match[0]), match.start(), match.end()) for match in _WORD.finditer(text)
    ]


@lru_cache(maxsize=20_000)
def _folded(kind: str, text: str) -> tuple[str, str]:
    """Return the key of a match, and how it is spelled."""
    if kind == "raised":
        folded = "^" + _normal(text.lstrip("^"))
    elif kind == "fraction":
        folded = _normal(text).replace("\u2044", "/")
    elif kind == "word":
        spelled = re.sub(f"[{_HYPHENS}]", "-", _normal(text))
        return re.sub(f"[-{_LINE_HYPHEN}]", "", spelled), "" if _LINE_HYPHEN in text else spelled
    else:
        folded = _normal(text).replace("\u2019", "'").replace("\u2044", "/").removeprefix("+")
    folded = re.sub(f"[{_DASHES}]", "-", folded)
    return folded, folded


def _normal(text: str) -> str:
    """Return `text` without case and variants of characters. Other numbers, such as ①, stay what they are."""
    if any(unicodedata.category(character) == "No" and not _is_small(character) for character in text):
        return text
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _is_small(character: str) -> bool:
    return unicodedata.decomposition(character).startswith(("<super>", "<sub>", "<fraction>"))
