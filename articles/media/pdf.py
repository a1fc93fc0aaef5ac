"""What a PDF may not have: scripts, actions that start something, and other files.

Nothing is parsed: names are looked for wherever a reader's program may find them, in the bytes of the file and in
compressed object streams. What may be one of them and cannot be read is refused.
"""

import re
import zlib
from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy

ACTIVE = gettext_lazy(
    "This PDF contains scripts, a form that calculates or sends something, or actions that run by themselves. "
    "Print it into a new PDF and upload that one."
)
ATTACHED = gettext_lazy(
    "This PDF has other files in it. Print it into a new PDF, and upload the other files separately."
)
UNREADABLE = gettext_lazy("Parts of this PDF cannot be checked. Print it into a new PDF and upload that one.")
# In bytes, of all object streams of a file together.
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
MAX_STREAMS = 200_000
# A file has one for each of its states.
MAX_OPENINGS = 50


def _names(*names: str) -> bytes:
    """Return a pattern for names, each character of which may be written as in `/J#61vaScript`."""

    def spelled(character: str) -> str:
        digits = "".join(f"[{digit}{digit.upper()}]" for digit in f"{ord(character):02x}")
        return f"(?:{character}|#{digits})"

    return b"(?:%s)" % "|".join("".join(map(spelled, name)) for name in names).encode()


_END = rb"(?=[\s\x00()<>\[\]{}/%]|\Z)"
_ACTIVE = _names(
    "JavaScript", "Launch", "SubmitForm", "ImportData", "GoToE", "RichMedia", "RichMediaExecute", "Rendition", "XFA"
)
_ATTACHED = _names("EmbeddedFile", "EmbeddedFiles", "FileAttachment")
# The lookahead with the first characters makes the search several times as fast.
_LONG = re.compile(
    rb"/(?=[JLSIGRXEFO#])(?:(?P<active>%s)|(?P<attached>%s)|(?P<opening>%s))%s"
    % (_ACTIVE, _ATTACHED, _names("OpenAction"), _END)
)
# So short that pictures contain them by chance: looked for outside of streams only. No action needs only these.
_SHORT = re.compile(
    rb"/(?=[JA#])(?P<active>%s[\s\x00]{0,100}[(<\d]|%s[\s\x00]{0,100}(?:<<|\d))" % (_names("JS"), _names("AA"))
)
# Text such as the address of a link, around a name. With a space, a bracket or `obj` it could hide an object.
_STRING = re.compile(rb"\((?:(?!obj)[^()<>\\\s\x00])*\)")
LONGEST_STRING = 2000
# The search stops now and then, because no other thread runs meanwhile. No name is longer than the overlap.
_STEP, _OVERLAP = 256 * 1024, 500
_STREAM = re.compile(rb"stream(?=[\s\x00])")
_OBJECT_STREAM = re.compile(rb"/%s%s" % (_names("ObjStm"), _END))
_FIRST_NAME = re.compile(rb"/%s%s" % (_names("First"), _END))
_FIRST = re.compile(rb"/%s[\s\x00]+(\d{1,9})\b(?![\s\x00]+\d+[\s\x00]+R)" % _names("First"))
_UNUSUAL = re.compile(
    rb"/%s|/%s[\s\x00]*\d"
    % (_names("DecodeParms", "DP", "ASCII", "AHx", "A85", "LZW", "RunLength", "RL", "Crypt"), _names("Filter"))
)
_HEADER = re.compile(rb"[\s\x00]*\d+[\s\x00]+\d+[\s\x00]")
# What may happen when a document is opened: it shows a page.
_SHOWS_PAGE = re.compile(rb"[\s\x00]*(?:\[|null\b|<<(?:(?!/URI)[^<>]){0,500}/S[\s\x00]*/GoTo(?![\w#]))")
_REFERENCE = re.compile(rb"[\s\x00]*(\d{1,10})[\s\x00]+\d{1,5}[\s\x00]+R\b")
_NUMBERED = re.compile(rb"(\d{1,10})[\s\x00]+\d{1,5}[\s\x00]+\Z")


def check_pdf(data: bytes) -> None:
    """Raise ValidationError if a PDF has anything but pages, or may have."""
    # Names in the bytes of the file come first: they say more than that something cannot be read.
    openings = [_opening(data, match) for match in _refused(_LONG, data)]
    list(_refused(_SHORT, b" ".join(_outside_streams(data))))
    packed = list(_object_streams(data))
    for text, _first in packed:
        openings += [_opening(text, match) for match in _refused(_LONG, text)]
        list(_refused(_SHORT, text))
    references = [_REFERENCE.match(opening) for opening in openings]
    numbers = {int(reference[1]) for reference in references if reference}
    shown = [opening for opening, reference in zip(openings, references, strict=True) if not reference]
    targets = [*_objects(data, packed, numbers)] if numbers else []
    shown += [text for _number, text in targets]
    if {number for number, _text in targets} != numbers or not all(map(_SHOWS_PAGE.match, shown)):
        raise ValidationError(ACTIVE, code="active")


def _refused(pattern: re.Pattern[bytes], data: bytes) -> Iterator[re.Match[bytes]]:
    """Yield the actions on opening. Raises ValidationError for other names, and for more than a file has."""
    for count, match in enumerate(_found(pattern, data)):
        if match.lastgroup == "attached":
            raise ValidationError(ATTACHED, code="attached")
        if match.lastgroup == "active" or count >= MAX_OPENINGS:
            raise ValidationError(ACTIVE, code="active")
        yield match


def _found(pattern: re.Pattern[bytes], data: bytes) -> Iterator[re.Match[bytes]]:
    """Yield the matches outside of simple strings."""
    end_of_string = 0
    for position in range(0, len(data), _STEP):
        for match in pattern.finditer(data, position, position + _STEP + _OVERLAP):
            if not end_of_string <= match.start() < position + _STEP:
                continue
            start = data.rfind(b"(", max(0, match.start() - LONGEST_STRING), match.start())
            string = _STRING.match(data, start, match.end() + LONGEST_STRING) if start >= 0 else None
            if string and string.end() > match.start():
                end_of_string = string.end()
            else:
                yield match


def _opening(data: bytes, match: re.Match[bytes]) -> bytes:
    return data[match.end() : match.end() + 1000]


def _objects(data: bytes, packed: list[tuple[bytes, int]], wanted: set[int]) -> Iterator[tuple[int, bytes]]:
    """Yield number and beginning of all objects with the numbers `wanted`: a file may have several states of each."""
    for match in re.finditer(rb"obj", data):
        numbered = _NUMBERED.search(data[max(0, match.start() - 40) : match.start()])
        if numbered and int(numbered[1]) in wanted:
            yield int(numbered[1]), _opening(data, match)
    for text, first in packed:
        pairs = text[:first].replace(b"\x00", b" ").split()
        for number, offset in zip(pairs[::2], pairs[1::2], strict=False):
            if number.isdigit() and offset.isdigit() and int(number[-10:]) in wanted:
                start = first + int(offset[-10:])
                yield int(number[-10:]), text[start : start + 1000]


def _outside_streams(data: bytes) -> Iterator[bytes]:
    position = 0
    for match in _STREAM.finditer(data):
        if match.start() < position:
            continue
        yield data[position : match.start()]
        end = data.find(b"endstream", match.end())
        if end < 0:
            return
        position = end + len(b"endstream")
    yield data[position:]


def _object_streams(data: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield the unpacked object streams and where their objects begin. Raises ValidationError if one is unreadable."""
    left, previous = MAX_UNPACKED_BYTES, 0
    for count, match in enumerate(_STREAM.finditer(data)):
        if count >= MAX_STREAMS:
            raise ValidationError(UNREADABLE, code="unreadable")
        if data.endswith(b"end", 0, match.start()):
            continue
        before, previous = data[previous : match.start()], match.end()
        # Some programs need no type: then what only object streams have says it, in the last object before.
        last = re.split(rb"[\r\n][ \t]*endobj", before)[-1]
        if not (_OBJECT_STREAM.search(before) or _FIRST_NAME.search(last)):
            continue
        text = b"" if _UNUSUAL.search(before) else _unpacked(data, match.end(), left)
        firsts = _FIRST.findall(last)
        if len(firsts) != 1 or not _HEADER.match(text):
            raise ValidationError(UNREADABLE, code="unreadable")
        left -= len(text)
        yield text, int(firsts[0])


def _unpacked(data: bytes, start: int, limit: int) -> bytes:
    """Return the text of a stream, or b"" if it cannot be read whole or is larger than `limit`."""
    end = data.find(b"endstream", start)
    content = data[start : end if end >= 0 else len(data)].lstrip()
    if _HEADER.match(content):
        return content if len(content) <= limit else b""
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(content, max(limit, 1))
    except zlib.error:
        return b""
    return text if unpacker.eof else b""
