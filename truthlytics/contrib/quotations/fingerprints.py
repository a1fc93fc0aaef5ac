"""Fingerprints: hashes of a few words in a row, of which every text stores about half. Pure.

They are chosen by "winnowing" (Schleimer, Wilkerson and Aiken, 2003): of each WINDOW hashes in a row the smallest. Two
texts that have MIN_WORDS words in a row in common therefore have a fingerprint in common.
"""

from collections.abc import Iterable, Sequence
from hashlib import blake2b

from truthlytics.contrib.quotations.words import clean, words_of

# Words in a hash, and hashes of which one is chosen at least.
LENGTH, WINDOW = 4, 3
# The shortest quotation that is certain to be found.
MIN_WORDS = LENGTH + WINDOW - 1


def hashes(keys: Sequence[str]) -> list[int]:
    """Return the hashes of all runs of LENGTH words, in order."""
    return [_hash("\n".join(keys[start : start + LENGTH])) for start in range(len(keys) - LENGTH + 1)]


def winnow(numbers: Sequence[int]) -> set[int]:
    """Return the smallest of each WINDOW numbers in a row; of fewer numbers the smallest."""
    if not numbers:
        return set()
    return {min(numbers[start : start + WINDOW]) for start in range(max(1, len(numbers) - WINDOW + 1))}


def marked(number: int, level: int) -> int:
    """Return the hash as it is stored in a text that readers need `level` for.

    A query has only the marks of its reader's levels, so what others may read is not found, and takes no other time.
    Of 64 bits, so that a text with the hash of a gated one cannot be made.
    """
    return _hash(f"{level} {number}") if level else number


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), signed=True)


def of_passages(passages: Iterable[str]) -> tuple[set[int], set[int]]:
    """Return the fingerprints of a text, and the hashes of all its runs of words. No run crosses two passages."""
    chosen: set[int] = set()
    every: set[int] = set()
    for passage in passages:
        numbers = hashes([word.key for word in words_of(clean(passage))])
        chosen |= winnow(numbers)
        every.update(numbers)
    return chosen, every
