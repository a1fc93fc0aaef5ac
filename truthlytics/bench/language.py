"""Words as a language has them: a few stand in every piece, most in hardly any (Zipf and Mandelbrot)."""

import re
from collections import Counter
from collections.abc import Iterable
from itertools import accumulate
from random import Random

SIZE = 300_000
STEEPNESS, SHIFT = 1.2, 2.7
FEWEST, MOST = 300, 900
_SYLLABLES = [first + vowel + last for first in "bdfgklmnprstvz" for vowel in "aeiou" for last in ("", "l", "n", "r")]
_WORD = re.compile(r"[a-z]+")


class Language:
    """A vocabulary of `SIZE` words: those of `texts`, the most frequent first, and behind them made up ones."""

    def __init__(self, texts: Iterable[str]) -> None:
        known = Counter(word for text in texts for word in _WORD.findall(text.lower()))
        # A dict keeps their order, and each once.
        words = dict.fromkeys(word for word, _ in known.most_common())
        random = Random(1)  # noqa: S311
        while len(words) < SIZE:
            words["".join(random.choices(_SYLLABLES, k=random.choice((2, 3, 3, 4))))] = None
        self.words: list[str] = list(words)
        self.weights = list(accumulate((rank + SHIFT) ** -STEEPNESS for rank in range(1, SIZE + 1)))

    def piece(self, random: Random) -> list[str]:
        """The words of one piece, as many as pieces have."""
        return random.choices(self.words, cum_weights=self.weights, k=random.randint(FEWEST, MOST))

    def standing_in(self, share: float) -> str:
        """The word that stands in about this share of all pieces, or, of many as rare, the first."""
        length, total = (FEWEST + MOST) / 2, self.weights[-1]
        for rank, word in enumerate(self.words, start=1):
            if 1 - (1 - (rank + SHIFT) ** -STEEPNESS / total) ** length <= share:
                return word
        return self.words[-1]
