"""A page of text as PDF (ISO 32000), with a font of the site embedded. The same content gives the same bytes."""

import unicodedata
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from struct import unpack_from
from typing import NamedTuple

import pydyf

FONT = Path(__file__).resolve().parent.parent / "static" / "fonts" / "public-sans-print.ttf"
# A4, in points.
WIDTH, HEIGHT, MARGIN = 595, 842, 57
LEADING = 1.4
# Spaces that the font lacks become plain ones.
SPACES = dict.fromkeys(map(ord, "\t\u2007\u2009\u202f"), " ") | {ord("\r"): None}
# Characters in one block of a CMap.
BLOCK = 100


class MissingCharacter(ValueError):
    """The font lacks a character. Nothing is left out or replaced, so the text can't be drawn."""


class Line(NamedTuple):
    text: str
    size: float = 9.5
    is_bold: bool = False


class Font:
    """A TrueType font: the glyph of each character and its advance width, in thousandths of the size."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        number = unpack_from(">H", data, 4)[0]
        tables = dict(unpack_from(">4s4xL", data, 12 + 16 * entry) for entry in range(number))
        head, hhea, hmtx = tables[b"head"], tables[b"hhea"], tables[b"hmtx"]
        scale = 1000 / unpack_from(">H", data, head + 18)[0]
        self.box = [round(value * scale) for value in unpack_from(">4h", data, head + 36)]
        self.ascent, self.descent = (round(value * scale) for value in unpack_from(">2h", data, hhea + 4))
        number = unpack_from(">H", data, hhea + 34)[0]
        self.widths: list[int] = [
            round(unpack_from(">H", data, hmtx + 4 * glyph)[0] * scale) for glyph in range(number)
        ]
        self.glyphs = dict(self._characters(tables[b"cmap"]))

    def _characters(self, cmap: int) -> Iterator[tuple[str, int]]:
        """Yield characters and glyphs of the first subtable, which has format 4: ranges of code points."""
        data = self.data
        table = cmap + unpack_from(">L", data, cmap + 8)[0]
        count = unpack_from(">H", data, table + 6)[0] // 2
        ends, starts, deltas, offsets = (
            unpack_from(f">{count}H", data, table + 14 + 2 * count * part + 2 * (part > 0)) for part in range(4)
        )
        where = table + 16 + 6 * count  # Offsets count from their own place.
        for part in range(count - 1):  # The last range is empty.
            for code in range(starts[part], ends[part] + 1):
                glyph = code
                if offsets[part]:
                    at = where + 2 * part + offsets[part] + 2 * (code - starts[part])
                    glyph = unpack_from(">H", data, at)[0]
                yield chr(code), (glyph + deltas[part]) % 0x10000

    def glyphs_of(self, text: str) -> list[int]:
        """Return the glyphs of `text`. Raises MissingCharacter."""
        try:
            return [self.glyphs[character] for character in text]
        except KeyError as error:
            raise MissingCharacter(f"The font lacks {error}.") from None

    def width(self, text: str, size: float) -> float:
        """Return the width of `text` in points. Raises MissingCharacter."""
        return sum(self.widths[glyph] for glyph in self.glyphs_of(text)) * size / 1000


@cache
def font() -> Font:
    return Font(FONT.read_bytes())


class Page:
    """One sheet of A4, longer if its content is. `x` and `y` are points from the left and from the top."""

    def __init__(self) -> None:
        self.font = font()
        self.stream = pydyf.Stream(compress=True)
        self.used: dict[int, str] = {}
        self.bottom = 0.0

    def text(self, line: Line, x: float, y: float, *, is_right: bool = False) -> None:
        """Draw a line that begins, or with `is_right` ends, at `x`. Raises MissingCharacter."""
        text = _normalised(line.text)
        glyphs = self.font.glyphs_of(text)
        self.used |= zip(glyphs, text, strict=True)
        left = x - self.font.width(text, line.size) if is_right else x
        self.bottom = max(self.bottom, y)
        self.stream.begin_text()
        self.stream.set_font_size("F", line.size)
        # Bold gets an outline, so that one weight is enough.
        self.stream.set_line_width(line.size / 30)
        self.stream.set_text_rendering(2 if line.is_bold else 0)
        self.stream.set_text_matrix(1, 0, 0, 1, round(left, 2), round(HEIGHT - y, 2))
        self.stream.show_text("<" + "".join(f"{glyph:04x}" for glyph in glyphs) + ">")
        self.stream.end_text()

    def column(self, lines: Sequence[Line], x: float, y: float, width: float) -> float:
        """Draw lines below `y`, broken where they are wider than `width`. Returns where the next one would begin."""
        for line in lines:
            for text in self._broken(_normalised(line.text), width, line.size):
                y += line.size * LEADING
                self.text(line._replace(text=text), x, y)
        return y

    def rule(self, y: float) -> None:
        """Draw a line from margin to margin."""
        self.stream.set_line_width(0.5)
        self.stream.move_to(MARGIN, HEIGHT - y)
        self.stream.line_to(WIDTH - MARGIN, HEIGHT - y)
        self.stream.stroke()

    def _broken(self, text: str, width: float, size: float) -> Iterator[str]:
        """Yield the lines of `text`: broken at spaces, or inside of a word that is wider than a line."""
        for paragraph in text.split("\n"):
            line = ""
            for word in paragraph.strip().split(" "):
                longer = f"{line} {word}".strip()
                if self.font.width(longer, size) <= width:
                    line = longer
                    continue
                if line:
                    yield line
                line = ""
                for character in word:
                    if self.font.width(line + character, size) > width:
                        yield line
                        line = ""
                    line += character
            yield line

    def to_bytes(self, *, title: str, language: str, created: datetime) -> bytes:
        """Return the file. `language` is a BCP 47 tag."""
        pdf = pydyf.PDF()
        pdf.info |= {
            "Title": pydyf.String(title),
            "CreationDate": pydyf.String(f"D:{created.astimezone(UTC):%Y%m%d%H%M%S}Z"),
        }
        pdf.catalog["Lang"] = pydyf.String(language)
        pdf.add_object(self.stream)
        lowest = min(0, round(HEIGHT - MARGIN - self.bottom))
        page = {
            "Type": "/Page",
            "Parent": pdf.pages.reference,
            "MediaBox": pydyf.Array([0, lowest, WIDTH, HEIGHT]),
            "Contents": self.stream.reference,
            "Resources": pydyf.Dictionary({"Font": pydyf.Dictionary({"F": self._font(pdf).reference})}),
        }
        pdf.add_page(pydyf.Dictionary(page))
        file = BytesIO()
        pdf.write(file, compress=True)
        return file.getvalue()

    def _font(self, pdf: pydyf.PDF) -> pydyf.Dictionary:
        """Add the font, with its glyphs as codes, and what characters these are."""
        font = self.font
        file = pydyf.Stream([font.data], {"Length1": len(font.data)}, compress=True)
        meaning = pydyf.Stream([_to_unicode(self.used)], compress=True)
        name = "/PublicSans"
        descriptor = pydyf.Dictionary({
            "Type": "/FontDescriptor", "FontName": name, "Flags": 4, "FontBBox": pydyf.Array(font.box),
            "ItalicAngle": 0, "Ascent": font.ascent, "Descent": font.descent, "CapHeight": 700, "StemV": 80,
        })  # fmt: skip
        of_glyphs = pydyf.Dictionary({
            "Type": "/Font", "Subtype": "/CIDFontType2", "BaseFont": name, "CIDToGIDMap": "/Identity",
            "CIDSystemInfo": pydyf.Dictionary(
                {"Registry": pydyf.String("Adobe"), "Ordering": pydyf.String("Identity"), "Supplement": 0}
            ),
            "W": pydyf.Array([0, pydyf.Array(font.widths)]), "DW": font.widths[-1],
        })  # fmt: skip
        of_text = pydyf.Dictionary({"Type": "/Font", "Subtype": "/Type0", "BaseFont": name, "Encoding": "/Identity-H"})
        for added in (file, meaning, descriptor, of_glyphs, of_text):
            pdf.add_object(added)
        descriptor["FontFile2"] = file.reference
        of_glyphs["FontDescriptor"] = descriptor.reference
        of_text |= {"DescendantFonts": pydyf.Array([of_glyphs.reference]), "ToUnicode": meaning.reference}
        return of_text


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text).translate(SPACES)


def _to_unicode(used: dict[int, str]) -> bytes:
    """Return the CMap from glyphs to characters, with which readers copy and search the text."""
    lines = [
        "/CIDInit /ProcSet findresource begin", "12 dict begin", "begincmap",
        "/CMapName /Glyphs def", "/CMapType 2 def",
        "1 begincodespacerange", "<0000> <ffff>", "endcodespacerange",
    ]  # fmt: skip
    pairs = sorted(used.items())
    for start in range(0, len(pairs), BLOCK):
        block = pairs[start : start + BLOCK]
        lines += [f"{len(block)} beginbfchar", *(f"<{glyph:04x}> <{ord(text):04x}>" for glyph, text in block)]
        lines.append("endbfchar")
    lines += ["endcmap", "CMapName currentdict /CMap defineresource pop", "end", "end"]
    return "\n".join(lines).encode()
