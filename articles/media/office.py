"""Office files are archives: what they may not have inside, found without unpacking them.

Of each file in an archive only the beginning is read, at most `PROLOG_BYTES`, and of the list of types `TYPES_BYTES`.
"""

import codecs
import re
import zipfile
from xml.parsers import expat

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Limits of what readers will unpack. Below `SMALL_BYTES` unpacked, a file may be packed as tightly as it likes.
MAX_UNPACKED_BYTES = 500 * 1024 * 1024
SMALL_BYTES = 20 * 1024 * 1024
MAX_RATIO = 100
MAX_FILES = 5000
# An XML file says what it is before its first element.
PROLOG_BYTES = 64 * 1024
TYPES_BYTES = 1024 * 1024
TYPES = "[Content_Types].xml"
DAMAGED = gettext_lazy("This file is damaged or incomplete. Save it again and upload the new file.")
MACROS = gettext_lazy("This file contains macros. Save it without macros.")
NESTED = gettext_lazy("This file has other files in it, such as embedded objects. Remove them and save it again.")
DOCUMENT_TYPE = gettext_lazy(
    "This file declares a document type (DTD), which can read other files. Save it again with Excel or LibreOffice."
)
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_XML_NAMES = (".xml", ".rels", ".rdf", ".vml", ".svg")
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# ZIP, the old format of Office with its macros and programs, RAR, 7z, gzip, bzip2, xz, PDF, and programs.
_NESTED: tuple[bytes, ...] = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\xd0\xcf\x11\xe0",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
)
_NESTED += (b"%PDF-", b"MZ", b"\x7fELF")
_MACRO_TYPES = re.compile(r"vba|macro|activex", re.IGNORECASE)


def check_archive(archive: zipfile.ZipFile, size: int) -> None:
    """Raise ValidationError if the office file of `size` bytes may harm who opens it, or the errors of zipfile."""
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > MAX_FILES
        or unpacked > MAX_UNPACKED_BYTES
        or (unpacked > SMALL_BYTES and unpacked > MAX_RATIO * size)
    ):
        raise ValidationError(_("This file is too large when unpacked."), code="bomb")
    if any(entry.flag_bits & 1 for entry in entries):
        raise ValidationError(_("This file is password-protected. Save it without a password."), code="locked")
    if any(_is_macro(entry.filename) for entry in entries):
        raise ValidationError(MACROS, code="macros")
    # Neither format uses other methods, or a name twice: programs would not agree on which of the two counts.
    if any(entry.compress_type not in _METHODS for entry in entries) or len(set(archive.namelist())) != len(entries):
        raise ValidationError(DAMAGED, code="damaged")
    for entry in entries:
        _check_entry(archive, entry)


def _is_macro(name: str) -> bool:
    parts = name.replace("\\", "/").lower().split("/")
    return any("vbaproject" in part for part in parts) or not {"basic", "scripts"}.isdisjoint(parts[:-1])


def _check_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    with archive.open(entry) as file:
        start = file.read(PROLOG_BYTES)
        if start.startswith(_NESTED):
            raise ValidationError(NESTED, code="nested")
        is_types = entry.filename.lower() == TYPES.lower()
        if is_types:
            start += file.read(TYPES_BYTES + 1 - len(start))
            if len(start) > TYPES_BYTES:
                raise ValidationError(DAMAGED, code="damaged")
    # Types are given by a list, and not by the name: what begins like XML may be read as XML.
    if start and (is_types or entry.filename.lower().endswith(_XML_NAMES) or _begins_like_xml(start)):
        _check_xml(start, is_types=is_types)


def _begins_like_xml(start: bytes) -> bool:
    for mark in _MARKS:
        start = start.removeprefix(mark)
    return start.lstrip(b"\x00 \t\r\n").startswith(b"<")


class _Elements(Exception):
    """The first element has begun: no declaration may follow."""


def _check_xml(start: bytes, *, is_types: bool) -> None:
    """Check the beginning of an XML file with a parser that reads nothing else, and stops before entities count."""

    def refuse(*_declaration: object) -> None:
        raise ValidationError(DOCUMENT_TYPE, code="document_type")

    def begin(_name: str, attributes: dict[str, str]) -> None:
        if not is_types:
            raise _Elements
        if any(map(_MACRO_TYPES.search, attributes.values())):
            raise ValidationError(MACROS, code="macros")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.StartElementHandler = begin
    try:
        parser.Parse(start, is_types)
    except _Elements:
        return
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise ValidationError(DAMAGED, code="damaged") from error
    if not is_types:
        raise ValidationError(DAMAGED, code="damaged")
