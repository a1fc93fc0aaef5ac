"""Documents: what a file is, by what is in it, whatever it is called. Nothing that runs, nothing that unpacks to more
than it should."""

import csv
import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from typing import IO, Any, cast

from django.core.exceptions import ValidationError

from truthlytics.web.text import without_controls

MAX_BYTES = 30 * 1024 * 1024
# What an archive may say that it unpacks to: nobody here unpacks it, but readers will.
MAX_UNPACKED = 500 * 1024 * 1024
MAX_PARTS = 5000
TYPES = {
    "pdf": "application/pdf",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "json": "application/json",
}
EMPTY = "This file is empty."
DAMAGED = "This file is damaged or was cut off. Save it again and try once more."
UNKNOWN = "This is no PDF, CSV, Excel (XLSX), OpenDocument (ODS) or JSON file."
MACROS = "This file carries macros. Save it without them."
ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
# Rows of a table that are looked at.
ROWS = 200


@dataclass(frozen=True, slots=True)
class Facts:
    """`size` is in bytes."""

    format: str
    size: int
    sha256: str


def facts(file: IO[bytes]) -> Facts:
    """What a document is. Raises ValidationError with the reason why it is refused."""
    size = file.seek(0, io.SEEK_END)
    if size > MAX_BYTES:
        raise ValidationError("This file is larger than 30 MB. Make it smaller and try again.", code="too_large")
    if not size:
        raise ValidationError(EMPTY, code="empty")
    file.seek(0)
    start = file.read(2048)
    if start.startswith(b"%PDF-"):
        kind = _pdf(file, size)
    elif start.startswith(b"PK"):
        kind = _archive(file)
    else:
        kind = _text(file, start)
    file.seek(0)
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    file.seek(0)
    return Facts(kind, size, digest)


def _pdf(file: IO[bytes], size: int) -> str:
    file.seek(max(0, size - 2048))
    if b"%%EOF" not in file.read():
        raise ValidationError(DAMAGED, code="damaged")
    return "pdf"


def _archive(file: IO[bytes]) -> str:
    file.seek(0)
    try:
        with zipfile.ZipFile(file) as archive:
            parts = archive.infolist()
            names = {part.filename for part in parts}
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
                raise ValidationError("This file unpacks to far more than it is. It is not taken.", code="bomb")
            if any(part.flag_bits & 1 for part in parts):
                raise ValidationError("This file is locked with a password. Save it without one.", code="locked")
            # Names, not contents: of an archive only the few bytes of `mimetype` are ever unpacked.
            if any("vbaproject" in name.lower() or name.startswith(("Basic/", "Scripts/")) for name in names):
                raise ValidationError(MACROS, code="macros")
            if {"[Content_Types].xml", "xl/workbook.xml"} <= names:
                return "xlsx"
            if "content.xml" in names and _first_of(archive, parts) == ODS_TYPE:
                return "ods"
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, RuntimeError) as error:
        raise ValidationError(DAMAGED, code="damaged") from error
    raise ValidationError(UNKNOWN, code="unknown_format")


def _first_of(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> bytes:
    """What OpenDocument says of itself: the first part, short and not packed."""
    first = parts[0]
    honest = first.filename == "mimetype" and first.compress_type == zipfile.ZIP_STORED and first.file_size < 100
    return archive.read("mimetype") if honest else b""


def _text(file: IO[bytes], start: bytes) -> str:
    file.seek(0)
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        known = start[:4] in {b"\xd0\xcf\x11\xe0", b"\xff\xd8\xff\xe0", b"\x89PNG"} or b"\x00" in start
        raise ValidationError(UNKNOWN if known else "Save this table as UTF-8.", code="unknown_format") from error
    begin = text.lstrip()
    # A browser that is told wrongly could take it for a page.
    if begin.startswith("<") or without_controls(text[:200_000]) == "" or "\x00" in text:
        raise ValidationError(UNKNOWN, code="unknown_format")
    if begin.startswith(("{", "[")):
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ValidationError("This begins like JSON and is none, or was cut off.", code="damaged") from error
        return "json"
    if not _is_table(text):
        raise ValidationError(UNKNOWN, code="unknown_format")
    return "csv"


def _is_table(text: str) -> bool:
    """At least two columns and two rows, most of them as long as the first."""
    lines = text.splitlines()[:ROWS]
    for delimiter in (",", ";", "\t"):
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter) if row]
        except csv.Error:
            continue
        width = len(rows[0]) if rows else 0
        if width > 1 and len(rows) > 1 and sum(len(row) == width for row in rows) * 2 > len(rows):
            return True
    return False
