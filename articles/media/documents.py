"""Validation of uploaded documents: format by content, not by file name.

What could run or fetch something on a reader's machine is refused: see pdf.py and office.py.
"""

import codecs
import csv
import hashlib
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from typing import IO, Any, cast

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.media.office import DAMAGED, check_archive
from articles.media.pdf import check_pdf
from truthlytics.web.text import strip_control_characters

MAX_BYTES = 30 * 1024 * 1024
CONTENT_TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "json": "application/json",
}
EMPTY = gettext_lazy("This file is empty.")
UNKNOWN = gettext_lazy("Not a PDF, CSV, Excel (XLSX), OpenDocument (ODS) or JSON file.")
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
INVALID_JSON = gettext_lazy("This JSON file is invalid or incomplete.")
# Text is read in parts of this size; formats are recognised by the first one.
SAMPLE_BYTES = 1024 * 1024
# Number of lines that are checked to recognise a CSV file.
CSV_SAMPLE_LINES = 200


@dataclass(frozen=True, slots=True)
class DocumentFileInfo:
    """`size` is in bytes."""

    format: str
    size: int
    sha256: str


def inspect_document(file: IO[bytes]) -> DocumentFileInfo:
    """Return the format, size and digest of a document. Raises ValidationError if it is not accepted."""
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ValidationError(_("This file is larger than 30 MB. Upload a smaller file."), code="too_large")
    if not size:
        raise ValidationError(EMPTY, code="empty")
    file.seek(0)
    start = file.read(2048)
    if start.startswith(b"%PDF-"):
        document_format = _inspect_pdf(file, size)
    elif start.startswith(b"PK"):
        document_format = _inspect_archive(file, size)
    else:
        document_format = _inspect_text(file, start, size)
    file.seek(0)
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    file.seek(0)
    return DocumentFileInfo(document_format, size, digest)


def _inspect_pdf(file: IO[bytes], size: int) -> str:
    file.seek(max(0, size - 2048))
    if b"%%EOF" not in file.read():
        raise ValidationError(DAMAGED, code="damaged")
    file.seek(0)
    check_pdf(file.read())
    return "pdf"


def _inspect_archive(file: IO[bytes], size: int) -> str:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            entries = archive.infolist()
            names = {entry.filename for entry in entries}
            check_archive(archive, size)
            if {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                return "xlsx"
            if "content.xml" in names and _opendocument_type(archive, entries) == ODS_TYPE:
                return "ods"
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise ValidationError(DAMAGED, code="damaged") from error
    raise ValidationError(UNKNOWN, code="unknown_format")


def _opendocument_type(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> bytes:
    """Return the declared media type: OpenDocument stores it uncompressed as the first file of the archive."""
    first = entries[0]
    valid = first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED and first.file_size < 100
    return archive.read("mimetype") if valid else b""


def _inspect_text(file: IO[bytes], start: bytes, size: int) -> str:
    try:
        text, last = _read_text(file)
    except UnicodeDecodeError as error:
        binary = start[:4] in {b"\xd0\xcf\x11\xe0", b"\xff\xd8\xff\xe0", b"\x89PNG"} or b"\x00" in start
        message = UNKNOWN if binary else _("Save this table with UTF-8 encoding.")
        raise ValidationError(message, code="unknown_format") from error
    content = text.lstrip()
    # A browser that ignores the content type could render markup as a page.
    if content.startswith("<") or strip_control_characters(text[:200_000]) == "":
        raise ValidationError(UNKNOWN, code="unknown_format")
    if content.startswith(("{", "[")):
        try:
            # Parsing a large file takes seconds in which no other thread runs: only its end is checked.
            valid = json.loads(text) is not None if size <= SAMPLE_BYTES else last == {"{": "}", "[": "]"}[content[0]]
        except (ValueError, RecursionError) as error:
            raise ValidationError(INVALID_JSON, code="damaged") from error
        if not valid:
            raise ValidationError(INVALID_JSON, code="damaged")
        return "json"
    if not _is_csv(text):
        raise ValidationError(UNKNOWN, code="unknown_format")
    return "csv"


def _read_text(file: IO[bytes]) -> tuple[str, str]:
    """Return the beginning of a text and its last visible character, in little memory.

    Raises UnicodeDecodeError, or ValidationError for text with null characters.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    beginning = last = ""
    file.seek(0)
    while chunk := file.read(SAMPLE_BYTES):
        text = decoder.decode(chunk)
        if "\x00" in text:
            raise ValidationError(UNKNOWN, code="unknown_format")
        beginning = beginning or text
        last = text.rstrip()[-1:] or last
    decoder.decode(b"", final=True)
    return beginning, last


def _is_csv(text: str) -> bool:
    """Return whether `text` has at least two columns and two rows, most of them as long as the first."""
    lines = text.splitlines()[:CSV_SAMPLE_LINES]
    for delimiter in (",", ";", "\t"):
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width > 1 and len(rows) > 1 and sum(len(row) == width for row in rows) * 2 > len(rows):
            return True
    return False
