"""Text from outside: what no database, page or reader should have to bear."""

import re
import unicodedata

# C0 and C1 controls but tab and newline; marks that turn the direction of what follows; the byte order mark.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)


def without_controls(text: str) -> str:
    """`text` in NFC, line ends as newlines, without control characters, lone surrogates and direction marks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text))
