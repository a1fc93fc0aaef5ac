"""Repair the bytes of an export while it is read, so that the strict parser of the standard library accepts it.

Real exports contain control characters, invalid UTF-8, bytes of Windows-1252, bare ampersands, “]]>” in text and
warnings of PHP before and after the XML. Each repair is counted. Nothing is guessed about the nesting of elements.
"""

import codecs
import re
from collections import Counter
from collections.abc import Iterator
from typing import IO

from truthlytics.contrib.importers.sources import UnreadableFile

CHUNK_SIZE = 1 << 18
# The root element is near the start; what comes before is kept in memory.
MAX_START = 1 << 20
# Between two ends of items.
MAX_ITEM_SIZE = 64 * 1024 * 1024
# Put before each item: a character that is nowhere else, because control characters are removed.
ITEM_START = b"\0"
# Put behind each character of Windows-1252 in a file of UTF-8, so that the records with them can be named.
CONVERTED = b"\1"
# How files begin that have more than one byte for each character, with and without a mark.
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)
CDATA, CDATA_END, ROOT_END = b"<![CDATA[", b"]]>", b"</rss>"
# Longer than any reference or border that may be cut off at the end of a chunk.
MAX_TOKEN_LENGTH = 64
_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\r")
_NOT_CHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF, which XML forbids
_AMPERSAND = re.compile(rb"&(?:(?:amp|lt|gt|quot|apos);|#([0-9]{1,7});|#x([0-9a-fA-F]{1,6});)?")
_DECLARED_ENCODING = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_ROOT = re.compile(rb"<rss\b[^>]*>")
_ITEM = re.compile(rb"<item>")
_PREFIXES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "geo": "http://www.w3.org/2003/01/geo/wgs84_pos#",
    "georss": "http://www.georss.org/georss",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "wp": "http://wordpress.org/export/1.2/",
}
USUAL_ROOT = f"<rss {' '.join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _PREFIXES.items())}>".encode()


class CleanStream:
    """The repaired bytes of `stream`, in UTF-8. `repairs` counts them by what was done.

    `root` is the opening tag of the root element, once that was read. Each `<item>` gets the line at which it begins as
    an attribute. Set `item_size` to 0 at the end of each item.
    """

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.stream, self.name = stream, name
        self.repairs: Counter[str] = Counter()
        self.item_size = 0
        self.root = b""
        self._held = b""  # May be cut off inside a token.
        self._line = 1
        self._is_first = True
        self._started = self._in_cdata = self._ended = self._root_closed = False
        self._decoder: codecs.IncrementalDecoder | None = None

    def read(self, size: int = -1) -> bytes:
        """Return some bytes, or none at the end. Raises UnreadableFile."""
        while not (self._ended or self._root_closed):
            chunk = self.stream.read(CHUNK_SIZE)
            self._ended = not chunk
            if cleaned := self._clean(chunk):
                self.item_size += len(cleaned)
                if self.item_size > MAX_ITEM_SIZE:
                    raise UnreadableFile(f"{self.name} has a record of more than 64 MB near line {self._line}.")
                return cleaned
        return b""

    def parts(self) -> Iterator[tuple[bool, bytes]]:
        """Yield all bytes in parts, with whether an item begins with them. Raises UnreadableFile."""
        while data := self.read():
            first, *items = data.split(ITEM_START)
            if first:
                yield False, first
            for item in items:
                yield True, item

    def _clean(self, chunk: bytes) -> bytes:
        if self._is_first:
            self._is_first = False
            if wide := next((name for start, name in _WIDE if chunk.startswith(start)), ""):
                self.repairs[f"converted from {wide.upper()} to UTF-8"] += 1
                self._decoder = codecs.getincrementaldecoder(wide)("replace")
        if self._decoder is not None:
            chunk = self._decoder.decode(chunk, self._ended).encode()
        data = self._held + self._count("control characters removed", chunk, chunk.translate(None, _CONTROL))
        if not self._started:
            if not _ROOT.search(data) and not self._ended and len(data) < MAX_START:
                self._held = data
                return b""
            data = self._start(data)
        end = len(data) if self._ended else len(data) - _unfinished(data)
        self._held = data[end:]
        return self._outside_cdata(self._utf8(data[:end]))

    def _count(self, repair: str, before: bytes, after: bytes) -> bytes:
        if len(after) < len(before):
            self.repairs[repair] += len(before) - len(after)
        return after

    def _start(self, data: bytes) -> bytes:
        """Return `data` from the root element on, with all usual prefixes. Lines keep their numbers."""
        self._started = True
        root = data.find(b"<rss")
        if root < 0:
            raise UnreadableFile(f"{self.name} is not an export of WordPress: it has no <rss> element.")
        head = data[:root]
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise UnreadableFile(f"{self.name} declares a document type, which no export of WordPress does.")
        if junk := head[: max(head.find(b"<"), 0)].removeprefix(codecs.BOM_UTF8).strip():
            self.repairs["bytes before the XML removed"] += len(junk)
        data = self._decode(head, data[root:])
        end = data.find(b">")
        tag = data[:end]
        missing = [prefix for prefix in _PREFIXES if b"xmlns:" + prefix.encode() not in tag]
        declarations = "".join(f' xmlns:{prefix}="{_PREFIXES[prefix]}"' for prefix in missing).encode()
        self.root = tag + declarations + b">"
        return b"\n" * head.count(b"\n") + tag + declarations + data[end:]

    def _decode(self, head: bytes, data: bytes) -> bytes:
        """Decode `data` and what follows if the file declares an encoding that is not UTF-8."""
        if self._decoder is not None:
            return data  # It was decoded from what the file is in, whatever it declares.
        match = _DECLARED_ENCODING.search(head)
        name = match[1].decode() if match else "utf-8"
        try:
            codec = codecs.lookup("cp1252" if name.lower() in {"iso-8859-1", "latin1", "us-ascii"} else name)
            "".encode(name)  # Not all codecs are of text.
        except (LookupError, UnicodeError) as error:
            raise UnreadableFile(f"{self.name} is in an unknown encoding, “{name}”.") from error
        if codec.name == "utf-8":
            return data
        if codec.name.startswith(("utf-16", "utf-32")):
            self.repairs[f"declared as {name}, which it is not"] += 1
            return data
        self.repairs[f"converted from {name} to UTF-8"] += 1
        self._decoder = codec.incrementaldecoder("replace")
        return self._decoder.decode(data).encode()

    def _utf8(self, data: bytes) -> bytes:
        try:
            data.decode()
        except UnicodeDecodeError:
            text = data.decode(errors=_AS_WINDOWS)
            if converted := text.count("\1") - data.count(CONVERTED):
                self.repairs["characters of Windows-1252 converted"] += converted
            if replaced := text.count("\ufffd") - data.count("\ufffd".encode()):
                self.repairs["invalid UTF-8 replaced"] += replaced
            data = text.encode()
        for sequence in _NOT_CHARACTERS:
            if sequence in data:
                data = self._count("control characters removed", data, data.replace(sequence, b""))
        return data

    def _outside_cdata(self, data: bytes) -> bytes:
        """Repair the text between CDATA sections. Holds back what may be the beginning of a border."""
        parts, position = [], 0
        while position < len(data):
            border = CDATA_END if self._in_cdata else CDATA
            found = data.find(border, position)
            end = found if found >= 0 else len(data) if self._ended else self._safe_end(data, position)
            text = data[position:end]
            parts.append(text if self._in_cdata else self._text(text))
            self._line += text.count(b"\n")
            if self._root_closed:
                break
            if found < 0:
                self._held = data[end:] + self._held
                break
            parts.append(border)
            position, self._in_cdata = found + len(border), not self._in_cdata
        return b"".join(parts)

    def _safe_end(self, data: bytes, position: int) -> int:
        """Return where to cut `data` so that no border, reference or start of an item is divided."""
        end = len(data)
        if not self._in_cdata:
            start = max(position, end - MAX_TOKEN_LENGTH)
            end = max(data.rfind(b"<", start), data.rfind(b"&", start))
            end = end if end >= 0 else len(data)
        while end > max(position, len(data) - 2) and data[end - 1 : end] == b"]":
            end -= 1
        return end

    def _text(self, text: bytes) -> bytes:
        if ROOT_END in text:
            end = text.index(ROOT_END) + len(ROOT_END)
            if after := text[end:].strip():
                self.repairs["bytes after the XML removed"] += len(after)
            text, self._root_closed, self._held = text[:end], True, b""
        if CDATA_END in text:
            self.repairs["“]]>” in text escaped"] += text.count(CDATA_END)
            text = text.replace(CDATA_END, b"]]&gt;")
        if b"&" in text:
            text = _AMPERSAND.sub(self._reference, text)
        if b"<item>" in text:
            text = _ITEM.sub(
                lambda match: ITEM_START + b'<item line="%d">' % (self._line + text.count(b"\n", 0, match.start())),
                text,
            )
        return text

    def _reference(self, match: re.Match[bytes]) -> bytes:
        """Return a reference to a character unchanged if XML allows it; escape a bare ampersand."""
        if match[0] == b"&":
            self.repairs["bare ampersands escaped"] += 1
            return b"&amp;"
        code = int(match[1]) if match[1] else int(match[2], 16) if match[2] else 0x20
        if code in {9, 10, 13} or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF:
            return match[0]
        self.repairs["control characters removed"] += 1
        return b""


def _as_windows(error: UnicodeError) -> tuple[str, int]:
    """Return bytes that are not UTF-8 as characters of Windows-1252, and “�” for a character that was cut off."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data = error.object[error.start : error.end]
    # “â€” begins quotation marks and dashes in UTF-8. No text of Windows-1252 has it.
    if data[:2] == b"\xe2\x80" or (data[0] >= 0xF0 and len(data) > 1):
        return "\ufffd", error.end
    text = data.decode("cp1252", errors="replace")
    return "".join(character if character == "\ufffd" else f"{character}\1" for character in text), error.end


_AS_WINDOWS = "truthlytics.windows"
codecs.register_error(_AS_WINDOWS, _as_windows)


def _unfinished(data: bytes) -> int:
    """Return the number of bytes at the end that are the beginning of a character in UTF-8."""
    for number, byte in enumerate(reversed(data[-3:]), start=1):
        if byte & 0xC0 == 0xC0:
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return number if length > number else 0
        if byte < 0x80:
            return 0
    return 0
