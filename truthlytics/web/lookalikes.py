"""Compare names as people see them: without case, spaces and accents, and with look-alike characters as one."""

import re
import unicodedata

# Characters of other scripts, and Latin ones without a decomposition, by the Latin character they look like.
_LOOKALIKES = {
    "a": "аαɑ@",
    "b": "вьƅβ",
    "c": "сϲⅽ¢ᴄ",
    "d": "đðԁɗ",
    "e": "еεҽєɛ℮",
    "f": "ƒғ",
    "g": "ɡɢԍ",
    "h": "һнħηհ",
    "j": "јϳȷ",
    "k": "кκқ",
    # I, l, 1 and the vertical line look the same in many typefaces.
    "l": "iıіїιⅼłӏꓲ|!",
    "m": "мμⅿ",
    "n": "пηոռ",
    "o": "оοøσօᴏ",
    "p": "рρþ",
    "q": "ԛզ",
    "r": "гяɾ",
    "s": "ѕꜱ$",
    "t": "тτŧ",
    "u": "υսцʋ",
    "v": "ѵνᴠ",
    "w": "ѡωԝшᴡ",
    "x": "хχ×",
    "y": "уүγỿ",
    "z": "ζᴢʐƶ",
}
# Greek capitals with a lower-case form that looks like another one.
_CAPITALS = str.maketrans("ΗΝΥ", "HNY")
_DIGITS = {"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "6": "b", "7": "t", "8": "b", "9": "g"}
_LETTERS = {ord(like): letter for letter, likes in _LOOKALIKES.items() for like in likes}
_WITH_DIGITS = _LETTERS | {ord(digit): letter for digit, letter in _DIGITS.items()}
_PAIRS = (("æ", "ae"), ("œ", "oe"), ("rn", "m"), ("vv", "w"))
# Scripts that are written together in one word.
_EAST_ASIAN = {"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "HANGUL", "BOPOMOFO", "IDEOGRAPHIC"}


def skeleton(text: str, *, outer_digits: bool = False) -> str:
    """Return the letters of `text` as they look: names that a reader could confuse have the same skeleton.

    Digits within a word are read as letters. Those before or after it are left out, unless `outer_digits`.
    """
    return "".join(skeleton_words(text, outer_digits=outer_digits))


def skeleton_words(text: str, *, outer_digits: bool = False) -> list[str]:
    spaced = "".join(mark if mark.isalnum() or ord(mark) in _LETTERS else " " for mark in _decomposed(text))
    words = (_skeleton_of_word(word, outer_digits) for word in spaced.split())
    return [word for word in words if word]


def mixes_scripts(text: str) -> bool:
    """Return whether a word mixes two alphabets, such as Latin and Cyrillic."""
    for word in unicodedata.normalize("NFKC", text).split():
        scripts = {unicodedata.name(letter, "").split(" ")[0] for letter in word if letter.isalpha()}
        if len(scripts - _EAST_ASIAN - {"MODIFIER", ""}) > 1:
            return True
    return False


def _decomposed(text: str) -> str:
    """Return `text` in lower case without accents, invisible characters and compatibility forms."""
    compatible = unicodedata.normalize("NFKC", text).translate(_CAPITALS)
    plain = unicodedata.normalize("NFD", compatible.casefold())
    return "".join(letter for letter in plain if unicodedata.category(letter) not in {"Mn", "Me", "Cf"})


def _skeleton_of_word(word: str, outer_digits: bool) -> str:
    if word.isdecimal():
        return word
    seen = (word if outer_digits else re.sub(r"^\d+|\d+$", "", word)).translate(_WITH_DIGITS)
    for pair, letter in _PAIRS:
        seen = seen.replace(pair, letter)
    return "".join(letter for letter in seen if letter.isalnum())
