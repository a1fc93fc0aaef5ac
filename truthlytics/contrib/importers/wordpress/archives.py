"""Open the files of an export: XML, gzipped XML, and zip archives of both."""

import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, cast

from truthlytics.contrib.importers.sources import UnreadableFile

# Exports are text, which compresses to a tenth. More than this is not an export.
MAX_RATIO = 200
MAX_SIZE = 16 * 1024**3
SUFFIXES = (".xml", ".wxr", ".xml.gz", ".wxr.gz")
# What reading a damaged archive raises.
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, RuntimeError)


class LimitedStream(io.RawIOBase):
    """A decompressed stream that refuses to grow beyond what `compressed` bytes can hold."""

    def __init__(self, stream: IO[bytes], compressed: int, name: str) -> None:
        self.stream, self.name, self.size = stream, name, 0
        self.limit = min(MAX_SIZE, max(compressed, 1024 * 1024) * MAX_RATIO)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self.stream.read(size)
        self.size += len(data)
        if self.size > self.limit:
            raise UnreadableFile(f"{self.name} unpacks to far more than an export could contain. Nothing was imported.")
        return data

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


@contextmanager
def open_parts(path: Path) -> Iterator[Iterator[tuple[str, IO[bytes]]]]:
    """Give the (name, stream) pairs of the XML files in `path`. Raises OSError and UnreadableFile."""
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if start[:2] == b"\x1f\x8b":
            unpacked = cast(IO[bytes], gzip.GzipFile(fileobj=file))
            yield iter([(path.name, cast(IO[bytes], LimitedStream(unpacked, path.stat().st_size, path.name)))])
        elif start == b"PK\x03\x04":
            yield _zip_parts(file, path.name)
        elif start[:2] == b"PK":
            raise UnreadableFile(f"{path.name} is an empty or divided zip archive.")
        else:
            yield iter([(path.name, file)])


def _zip_parts(file: IO[bytes], name: str) -> Iterator[tuple[str, IO[bytes]]]:
    """Read the members without unpacking them to the disk, so that their names don't matter."""
    try:
        archive = zipfile.ZipFile(file)
    except zipfile.BadZipFile as error:
        raise UnreadableFile(f"{name} is a damaged zip archive ({error}).") from error
    members = [member for member in archive.infolist() if _is_export(member.filename)]
    if not members:
        raise UnreadableFile(f"{name} contains no XML file.")
    for member in sorted(members, key=lambda member: member.filename):
        if member.flag_bits & 1:
            raise UnreadableFile(f"{name} is protected by a password. Unpack it first.")
        with archive.open(member) as opened:
            stream: IO[bytes] = opened
            if member.filename.lower().endswith(".gz"):
                stream = cast(IO[bytes], gzip.GzipFile(fileobj=opened))
            yield member.filename, cast(IO[bytes], LimitedStream(stream, member.compress_size, name))


def _is_export(name: str) -> bool:
    return name.lower().endswith(SUFFIXES) and not name.startswith("__MACOSX/")


def expand(paths: Sequence[Path]) -> list[Path]:
    """Replace folders by the exports in them, in the order of their names."""
    found = []
    for path in paths:
        found += sorted(_in_folder(path)) if path.is_dir() else [path]
    return found


def _in_folder(folder: Path) -> list[Path]:
    exports = [path for path in folder.iterdir() if path.name.lower().endswith((*SUFFIXES, ".zip"))]
    if not exports:
        raise UnreadableFile(f"{folder} contains no XML file.")
    return exports
