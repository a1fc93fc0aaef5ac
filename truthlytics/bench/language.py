"""Texts with a natural word distribution: a few words in every text, most in hardly any (Zipf–Mandelbrot)."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from random import Random

SIZE = 300_000
EXPONENT, SHIFT = 1.2, 2.7
MIN_LENGTH, MAX_LENGTH = 300, 900
_SYLLABLES = [first + vowel + last for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in ("", "l", "n", "r")]
_WORD = re.compile(r"[a-z]+")


class Language:
    """A vocabulary of `SIZE` words: those of `texts` by frequency, followed by invented ones."""

    def __init__(self, texts: Iterable[str]) -> None:
        known = Counter(word for text in texts for word in _WORD.findall(text.lower()))
        # A dictionary, as an ordered set.
        words = dict.fromkeys(word for word, _ in known.most_common())
        random = Random(1)  # noqa: S311
        while len(words) < SIZE:
            words["".join(random.choices(_SYLLABLES, k=random.choice((2, 3, 3, 4))))] = None
        self.words: list[str] = list(words)
        self.weights = list(accumulate((rank + SHIFT) ** -EXPONENT for rank in range(1, SIZE + 1)))

    def text(self, random: Random) -> list[str]:
        """Return the words of one text."""
        return random.choices(self.words, cum_weights=self.weights, k=random.randint(MIN_LENGTH, MAX_LENGTH))

    def word_in(self, share: float) -> str:
        """Return the first word that is in at most this share of all texts."""
        length, total = (MIN_LENGTH + MAX_LENGTH) / 2, self.weights[-1]
        for rank, word in enumerate(self.words, start=1):
            if 1 - (1 - (rank + SHIFT) ** -EXPONENT / total) ** length <= share:
                return word
        return self.words[-1]
