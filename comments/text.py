"""What a comment may look like: paragraphs, *emphasis*, "> quote" and links. Pure; everything else is shown as typed.

Nothing touches the text after it was escaped, and every pattern reads it once: 30,000 hostile characters cost what
30,000 friendly ones do.
"""

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from itertools import groupby

from truthlytics.web.text import without_controls

LONGEST = 5000
# Before anything is done to it: more than this is refused unread.
BOUND = 4 * LONGEST
MARKS = 8

# Letters by name, signs that draw nothing.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0")
_LINE_ENDS = re.compile("[\u2028\u2029\x0b\x0c\x85]")
_URL = r"https://[\w.-]++(?::[0-9]{1,5}+)?"
_INLINE = re.compile(
    rf"\[(?P<words>[^\[\]\n]{{1,300}}+)\]\((?P<target>{_URL}(?:[/?#][^\s<>\"()]*+)?)\)"
    rf"|(?P<bare>{_URL}(?:[/?#][^\s<>\"]*+)?)"
    r"|\*(?P<strong>[^\s*](?:[^*\n]*[^\s*])?)\*"
)
_TRAILING = ".,;:!?'*_”’»"


class TextRefused(ValueError):
    """This cannot be posted; the message is a sentence for its writer."""


def clean(text: str) -> str:
    """`text` as it is kept: NFC, without controls and direction marks, at most 8 marks on a letter, no outer space.

    Raises TextRefused for a text that is empty, has nothing visible, or is longer than 5,000 characters.
    """
    if len(text) > BOUND:
        raise TextRefused(_too_long(len(text)))
    kept = without_controls("".join(_few_marks(_LINE_ENDS.sub("\n", text))))
    kept = "\n".join(line.rstrip() for line in kept.split("\n")).strip()
    if not any(_is_visible(character) for character in kept):
        raise TextRefused("Write something first.")
    if len(kept) > LONGEST:
        raise TextRefused(_too_long(len(kept)))
    return kept


def render(text: str) -> str:
    """The HTML of a cleaned `text`: `p`, `blockquote`, `em`, `br` and links that pass no weight on, nothing else."""
    return "".join(_blocks(text))


def excerpt(text: str, length: int = 90) -> str:
    """The beginning of `text` on one line."""
    line = " ".join(text[: length * 4].split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def _too_long(length: int) -> str:
    return (
        f"Your comment has {length:,} characters; the limit is {LONGEST:,}. Shorten it, or post it in two parts."
    )


def _few_marks(text: str) -> Iterator[str]:
    # Before normalising: sorting long runs of marks is what makes it slow.
    run = 0
    for character in text:
        category = unicodedata.category(character)[0]
        if category == "M":
            run += 1
            if run > MARKS:
                continue
        elif category != "C":
            run = 0
        yield character


def _is_visible(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNPS" and character not in _BLANK


def _blocks(text: str) -> Iterator[str]:
    for kind, group in groupby(text.split("\n"), _kind_of):
        if kind == "gap":
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
        return "gap"
    return "quote" if stripped.startswith(">") else "words"


def _lines(lines: list[str]) -> str:
    return "<br>".join(_inline(line) for line in lines)


def _inline(line: str, *, emphasis: bool = True) -> str:
    pieces, end = [], 0
    for match in _INLINE.finditer(line):
        pieces.append(escape(line[end : match.start()]))
        end = match.end()
        if match["words"] is not None:
            pieces.append(_link(match["target"], match["words"]))
        elif match["bare"] is not None:
            url = _without_trailing(match["bare"])
            pieces.append(_link(url, url) + escape(match["bare"][len(url) :]))
        elif emphasis:
            pieces.append(f"<em>{_inline(match['strong'], emphasis=False)}</em>")
        else:
            pieces.append(escape(match[0]))
    pieces.append(escape(line[end:]))
    return "".join(pieces)


def _without_trailing(url: str) -> str:
    """A full stop or a bracket behind an address belongs to the sentence."""
    url = url.rstrip(_TRAILING)
    while url.endswith(")") and url.count(")") > url.count("("):
        url = url[:-1].rstrip(_TRAILING)
    return url


def _link(url: str, words: str) -> str:
    return f'<a href="{escape(url)}" rel="ugc nofollow">{escape(words)}</a>'
