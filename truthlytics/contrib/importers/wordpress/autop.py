"""Paragraphs of texts from the classic editor, which stores blank lines instead."""

import re
from collections import Counter

from articles.richtext.vocabulary import TAGS
from truthlytics.web.text import word_set

# Elements with text that is divided into paragraphs.
_FLOW = word_set(
    "div blockquote section article aside header footer main nav figure center form fieldset details address dd td li "
    "body"
)
# Other blocks. Their text gets line breaks, but no paragraphs.
_BLOCKS = (
    (TAGS - {"strong", "em", "code", "a", "br", "sup", "sub", "s"})
    | _FLOW
    | word_set(
        "h1 h5 h6 dl dt tfoot caption col colgroup legend summary hgroup menu map iframe video audio object noscript hr"
    )
)
# Elements that have no text of their own, only others: spaces between them mean nothing.
_STRUCTURE = {"table", "thead", "tbody", "tfoot", "tr", "ul", "ol", "dl", "colgroup", "menu", "map"}
_VERBATIM = {"pre", "script", "style", "textarea", "svg", "math", "object", "iframe", "noscript", "video", "audio"}
_VOID = {"hr", "col", "br"}
_TOKEN = re.compile(r"<!--.*?-->|<(/?)([a-zA-Z][a-zA-Z0-9]*)\b[^<>]*>", re.DOTALL)
_BLANK_LINES = re.compile(r"\n[ \t\xa0]*\n\s*")
_BREAKS = re.compile(r"(?:<br\s*/?>\s*){2,}", re.IGNORECASE)
_LINE = re.compile(r"(?<![ \t])[ \t]*\n[ \t]*")
_BREAK_AND_LINE = re.compile(r"(<br\s*/?>)[ \t]*\n", re.IGNORECASE)


def closing_tag(name: str) -> re.Pattern[str]:
    return re.compile(rf"</{name}\s*>", re.IGNORECASE)


def add_paragraphs(text: str) -> str:
    """Return `text` with its blank lines as paragraphs and other line ends as line breaks, as WordPress shows it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _Paragraphs(text).html() if text.strip() else ""


class _Paragraphs:
    def __init__(self, text: str) -> None:
        self.text = text
        self.parts: list[str] = []
        self.run: list[str] = []  # Text and inline elements of the current block.
        self.open: list[str] = []  # Names of the open blocks.
        self.numbers: Counter[str] = Counter()  # How many of each name are open.
        self.unclosed: set[str] = set()  # Names of elements that end nowhere after here.

    def html(self) -> str:
        position = 0
        while match := _TOKEN.search(self.text, position):
            self.run.append(self.text[position : match.start()])
            position = self._tag(match)
        self.run.append(self.text[position:])
        self._flush()
        return "".join(self.parts)

    def _tag(self, match: re.Match[str]) -> int:
        """Add a tag or comment; return where to continue."""
        name = (match[2] or "").lower()
        if name not in _BLOCKS and name not in _VERBATIM:
            # Line ends inside a tag are no line breaks.
            self.run.append(match[0].replace("\n", " "))
            return match.end()
        self._flush()
        self.parts.append(match[0])
        if match[1]:
            self._close(name)
        elif name in _VERBATIM:
            return self._verbatim(name, match.end())
        elif name not in _VOID and not match[0].endswith("/>"):
            self.open.append(name)
            self.numbers[name] += 1
        return match.end()

    def _verbatim(self, name: str, start: int) -> int:
        closing = None if name in self.unclosed else closing_tag(name).search(self.text, start)
        if closing is None:
            self.unclosed.add(name)
            return start
        self.parts.append(self.text[start : closing.end()])
        return closing.end()

    def _close(self, name: str) -> None:
        """Close the last open block with this name, and those in it."""
        while self.numbers[name]:
            closed = self.open.pop()
            self.numbers[closed] -= 1
            if closed == name:
                return

    def _flush(self) -> None:
        """Add the text before a block, as what the block around it allows."""
        text, self.run = "".join(self.run), []
        around = self.open[-1] if self.open else "body"
        if not text.strip() or around in _STRUCTURE:
            self.parts.append("\n" if text and not text.strip() else text)
            return
        text = _BREAKS.sub("\n\n", text)
        chunks = [chunk.strip(" \t\n") for chunk in _BLANK_LINES.split(text)]
        chunks = [_LINE.sub("<br>\n", _BREAK_AND_LINE.sub(r"\1", chunk)) for chunk in chunks if chunk.strip()]
        if around in _FLOW and (len(chunks) > 1 or around in {"body", "div", "blockquote"}):
            self.parts += [f"<p>{chunk}</p>\n" for chunk in chunks]
        else:
            self.parts.append("<br><br>".join(chunks))
