"""Comment markup: paragraphs, *emphasis*, "> quotes" and links. Everything else is shown as typed.

Text is escaped once and never changed afterwards, and all patterns run in linear time on hostile input.
"""

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from itertools import groupby

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from truthlytics.web.text import strip_control_characters

MAX_LENGTH = 5000
# Longer input is rejected before it is cleaned.
MAX_INPUT_LENGTH = 4 * MAX_LENGTH
MAX_COMBINING_MARKS = 8

# Unicode counts these as letters and symbols, but they are invisible.
_INVISIBLE = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LINE_ENDS = re.compile("[\u2028\u2029\x0b\x0c\x85]")
_URL = r"https://[\w.-]++(?::[0-9]{1,5}+)?"
_INLINE = re.compile(
    rf"\[(?P<label>[^\[\]\n]{{1,300}}+)\]\((?P<target>{_URL}(?:[/?#][^\s<>\"()]*+)?)\)"
    rf"|(?P<bare>{_URL}(?:[/?#][^\s<>\"]*+)?)"
    r"|\*(?P<emphasis>[^\s*](?:[^*\n]*[^\s*])?)\*"
)
_TRAILING = ".,;:!?'*_”’»"


class InvalidText(ValueError):
    """The text cannot be posted; the message is for its author."""


def clean(text: str) -> str:
    """Return `text` in NFC, stripped, without control characters, and with at most 8 combining marks per letter.

    Raises InvalidText if it has no visible characters or more than 5,000 characters.
    """
    if len(text) > MAX_INPUT_LENGTH:
        raise InvalidText(_too_long(len(text)))
    cleaned = tidy(text)
    if not any(_is_visible(character) for character in cleaned):
        raise InvalidText(_("Write something first."))
    if len(cleaned) > MAX_LENGTH:
        raise InvalidText(_too_long(len(cleaned)))
    return cleaned


def tidy(text: str) -> str:
    """Return `text` as `clean` does, of any length, such as comments of other sites have."""
    text = strip_control_characters("".join(_limit_marks(_LINE_ENDS.sub("\n", text))))
    return "\n".join(line.rstrip() for line in text.split("\n")).strip()


def render(text: str) -> str:
    """Return cleaned `text` as HTML with `p`, `blockquote`, `em`, `br` and `nofollow` links, and no other elements."""
    return "".join(_blocks(text))


def own_words(text: str) -> str:
    """Return `text` without the lines that are quotations."""
    return "\n".join(line for line in text.split("\n") if _kind_of(line) != "quote")


def excerpt(text: str, length: int = 90) -> str:
    """Return the beginning of `text` on one line, cut after a word if it has short enough ones."""
    line = " ".join(text[: length * 4].split())
    if len(line) <= length:
        return line
    start = line[:length]
    words = start.rpartition(" ")[0]
    return (words if len(words) > length // 2 else start[:-1]) + "…"


def _too_long(length: int) -> str:
    counts = {
        "length": number_format(length, force_grouping=True),
        "limit": number_format(MAX_LENGTH, force_grouping=True),
    }
    return (
        _("Your comment has %(length)s characters; the limit is %(limit)s. Shorten it, or post it in two parts.")
        % counts
    )


def _limit_marks(text: str) -> Iterator[str]:
    # Before normalising, which is slow for long runs of marks.
    run = 0
    for character in text:
        category = unicodedata.category(character)[0]
        if category == "M":
            run += 1
            if run > MAX_COMBINING_MARKS:
                continue
        elif category != "C":
            run = 0
        yield character


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _INVISIBLE


def _blocks(text: str) -> Iterator[str]:
    for kind, group in groupby(text.split("\n"), _kind_of):
        if kind == "blank":
            continue
        lines = list(group)
        if kind == "quote":
            lines = [line.lstrip()[1:].strip() for line in lines]
            yield f'<blockquote dir="auto">{_lines(lines)}</blockquote>'
        else:
            yield f'<p dir="auto">{_lines(lines)}</p>'


def _kind_of(line: str) -> str:
    stripped = line.lstrip()
    if not stripped:
        return "blank"
    return "quote" if stripped.startswith(">") else "text"


def _lines(lines: list[str]) -> str:
    return "<br>".join(_inline(line) for line in lines)


def _inline(line: str, *, emphasis: bool = True) -> str:
    parts, end = [], 0
    for match in _INLINE.finditer(line):
        parts.append(_text(line[end : match.start()]))
        end = match.end()
        if match["label"] is not None:
            parts.append(_link(match["target"], match["label"]))
        elif match["bare"] is not None:
            url = _without_trailing(match["bare"])
            parts.append(_link(url, url) + _text(match["bare"][len(url) :]))
        elif emphasis:
            parts.append(f"<em>{_inline(match['emphasis'], emphasis=False)}</em>")
        else:
            parts.append(_text(match[0]))
    parts.append(_text(line[end:]))
    return "".join(parts)


def _text(text: str) -> str:
    """Return `text` as HTML between tags, where quotation marks need no escape."""
    return escape(text, quote=False)


def _without_trailing(url: str) -> str:
    """Return `url` without punctuation that belongs to the sentence around it."""
    url = url.rstrip(_TRAILING)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_TRAILING)
    return url


def _link(url: str, label: str) -> str:
    return f'<a href="{escape(url)}" rel="ugc nofollow">{_text(label)}</a>'
