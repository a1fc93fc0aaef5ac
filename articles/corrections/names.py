"""Finds the names in a sentence. English: capitalised words. German: those in the places of names.

In German every noun is capitalised, so that only the words around it tell a name: “Frau Weber”, “Anna Weber”,
“in Köln”, “sagte Weber”. What is a name in one place is one in all of the text. Others are not found.
"""

import re
from collections.abc import Iterable, Iterator

from articles.corrections import lexicon
from articles.corrections.terms import capitalised

SENTENCE_END = re.compile(r"(?<=[.!?…])\s+|(?<=[.!?…][”’“\"»)])\s+")
_OPENING = '“„«"‘('
_TOKEN = re.compile(r"[^\W\d_][\w’'-]*|\d[\d.,:]*|[^\w\s]")
_ABBREVIATION = re.compile(r"[A-ZÄÖÜ]{2,}|\w*[a-zäöüß][A-ZÄÖÜ]\w*")
# A text is German if it has more of its small words than of the English ones.
_ENGLISH = frozenset(("a", "an", "the", "this", "that", "of", "to", "by", "for", "from", "with", "and", "or", "are"))


class Names:
    """The names in the sentences of a text, and of what it was changed to: `texts` has the passages of both."""

    def __init__(self, texts: Iterable[str]) -> None:
        sentences = [sentence for text in texts for sentence in SENTENCE_END.split(text)]
        words = [word.casefold() for sentence in sentences for word in re.findall(r"[^\W\d_]+", sentence)]
        german = sum(word in lexicon.GERMAN for word in words)
        self.is_german = german > sum(word in _ENGLISH for word in words)
        find = _placed_like_names if self.is_german else _inside
        self.known = frozenset(name for sentence in sentences for name in find(sentence))

    def find(self, sentence: str) -> list[str]:
        """Return the names in a sentence. Its first word counts only if it is a name elsewhere or begins one."""
        names = capitalised(sentence)
        if self.is_german:
            return [name for name in names if name in self.known]
        if not names or not sentence.lstrip(_OPENING).startswith(names[0]):
            return names
        followed = re.match(r"\W*[\w’'-]+ [^\W\d_a-zß-ÿ]", sentence) and names[0].casefold() not in lexicon.SMALL_WORDS
        return names if names[0] in self.known or followed or names[0].isupper() else names[1:]


def _inside(sentence: str) -> Iterator[str]:
    """Yield the capitalised words inside a sentence."""
    for place, name in enumerate(capitalised(sentence)):
        if place or not sentence.startswith(name):
            yield name


def _placed_like_names(sentence: str) -> Iterator[str]:
    """Yield the words of a German sentence in the places of names."""
    tokens = ["", *_TOKEN.findall(sentence), ""]
    nouns = [bool(token[:1].isupper()) and token.casefold() not in lexicon.NO_NAMES for token in tokens]
    for place in range(1, len(tokens) - 1):
        word, before, after = tokens[place], tokens[place - 1].casefold(), tokens[place + 1].casefold()
        if nouns[place] and (
            _ABBREVIATION.fullmatch(word)
            or nouns[place - 1]
            or (nouns[place + 1] and before not in lexicon.DETERMINERS)
            or (before in lexicon.BEFORE_PLACES and not word.endswith(lexicon.NOUN_ENDINGS))
            or (before not in lexicon.DETERMINERS and {before, after} & lexicon.SAYING)
        ):
            yield from capitalised(word)
