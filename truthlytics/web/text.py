"""Clean and inspect text from users and other sources."""

import re
import unicodedata

# C0 and C1 controls except tab and newline, bidirectional formatting characters, byte order mark, surrogates.
_CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)

_INVALID_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# Up to the last sentence: abbreviations, which mostly have fewer than four letters, end none.
_SENTENCES = re.compile(r".*\w{4}(?<!Prof|Univ|Corp|Dept)[.!?…][\"'”’»)]*(?=\s)", re.DOTALL)

_RTL = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


def is_right_to_left(text: str) -> bool:
    """Whether `text` is in Hebrew, Arabic or another right-to-left script.

    More than three quarters of its letters must be, or more than half including the first, so that long quotations
    in another script don't change the result.
    """
    if not _RTL.search(text):
        return False
    letters = [letter for letter in text if letter.isalpha()]
    share = sum(bool(_RTL.match(letter)) for letter in letters) / max(len(letters), 1)
    return share > 0.75 or (share > 0.5 and bool(_RTL.match(letters[0])))


def strip_control_characters(text: str) -> str:
    """Remove control and bidirectional formatting characters; normalise line endings and Unicode (NFC)."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _CONTROLS.sub("", text))


def strip_invalid_xml(text: str) -> str:
    """Remove the characters that are not allowed in XML documents."""
    return _INVALID_XML.sub("", text)


def shorten(text: str, length: int) -> str:
    """Shorten `text` to at most `length` characters: after a sentence in its second half, otherwise after a word."""
    if len(text) <= length:
        return text
    sentences = _SENTENCES.match(text[: length + 1])
    if sentences and len(sentences[0]) > length / 2:
        return sentences[0]
    words = text[:length].rsplit(maxsplit=1)
    kept = words[0] if len(words) > 1 and len(words[0]) > length / 2 else text[: length - 1]
    return kept.rstrip(" ,;:–—-.") + "…"


def counted(count: int, noun: str) -> str:
    """Return “1 article” or “2 articles” for commands, which are in English. The plural of `noun` ends with an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of `text`, for long lists of names in code: `split_words("created_at edited_at status")`."""
    return tuple(text.split())


def word_set(text: str) -> set[str]:
    """Return the words of `text` as a set."""
    return set(split_words(text))
