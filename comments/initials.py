"""Initials in a coloured circle, instead of a picture of the reader."""

from functools import lru_cache
from zlib import crc32

# The number of colours in css/tokens.css (--initials-0 …).
COLOURS = 8


@lru_cache(2048)
def initials(name: str) -> str:
    """Return the initials of the first and of the last word of `name`, such as "WA"; "" if it has none."""
    letters = [next((letter for letter in word if letter.isalnum()), "") for word in name.split()]
    letters = [letter for letter in letters if letter]
    return "".join(letters[:1] + letters[1:][-1:]).upper()


def colour(name: str) -> int:
    """Return the number of the colour of `name`, always the same for the same name."""
    return crc32(name.encode()) % COLOURS
