"""Text from outside: what no database, page or reader should have to bear."""

import re
import unicodedata

# C0 and C1 controls but tab and newline; marks that turn the direction of what follows; the byte order mark.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def runs_from_right(text: str) -> bool:
    """Whether `text` is Hebrew, Arabic or of another script that runs from right to left.

    It is where three quarters of its letters are, or half of them with the first: a sentence may quote at length.
    """
    if not _FROM_RIGHT.search(text):
        return False
    letters = [letter for letter in text if letter.isalpha()]
    share = sum(bool(_FROM_RIGHT.match(letter)) for letter in letters) / max(len(letters), 1)
    return share > 0.75 or (share > 0.5 and bool(_FROM_RIGHT.match(letters[0])))


def without_controls(text: str) -> str:
    """`text` in NFC, line ends as newlines, without control characters, lone surrogates and direction marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text))
