"""Open an export: a zip archive, the folder that it unpacks to, or the table in that folder."""

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from os import SEEK_END
from pathlib import Path, PurePosixPath
from typing import IO

from truthlytics.contrib.importers.sources import UnreadableFile
from truthlytics.contrib.importers.wordpress.archives import DAMAGED, MAX_RATIO

TABLE = "posts.csv"
# Of a text, and of the table.
MAX_FILE_SIZE = 64 * 1024 * 1024
# Of all together. Below this, the ratio of sizes says nothing.
MAX_SMALL_SIZE = 32 * 1024 * 1024


class DamagedFile(Exception):
    """A file of the export cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Export:
    """The files of an export. `bodies` has the names of texts (“123.the-slug”) with their paths.

    `unread` has the names of all other files: lists of readers, and who opened which email. `read` returns a file by
    its path, and raises DamagedFile and UnreadableFile.
    """

    name: str
    table: str
    read: Callable[[str], bytes]
    bodies: dict[str, str] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)


@contextmanager
def open_export(path: Path) -> Iterator[Export]:
    """Raises OSError, and UnreadableFile if `path` is no export of Substack."""
    if path.is_dir():
        yield _in_folder(path)
        return
    with path.open("rb") as file:
        start = file.read(4)
        if start == b"PK\x03\x04":
            yield _in_zip(path.name, file)
            return
    if start[:2] == b"PK":
        raise UnreadableFile(f"{path.name} is an empty or divided zip archive.")
    if path.suffix.lower() != ".csv":
        raise UnreadableFile(f"{path.name} is neither a zip archive nor {TABLE}.")
    yield _in_folder(path.parent, table=path.name)


def _in_folder(folder: Path, table: str = "") -> Export:
    """Return the export in `folder`, or in the only folder in it. Nothing outside is read."""
    names = [file.relative_to(folder).as_posix() for file in _files(folder, depth=3)]

    def read(name: str) -> bytes:
        file = folder / name
        if file.stat().st_size > MAX_FILE_SIZE:
            raise DamagedFile("It is larger than 64 MB.")
        return file.read_bytes()

    return _export(folder.name, names, read, table)


def _files(folder: Path, depth: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.is_symlink():
            continue
        if path.is_dir() and depth > 1:
            yield from _files(path, depth - 1)
        elif path.is_file():
            yield path


def _in_zip(name: str, file: IO[bytes]) -> Export:
    """Return the export in a zip archive. Members are never unpacked to the disk, so their names don't matter."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise UnreadableFile(f"{name} is a damaged zip archive ({error}).") from error
    members = {member.filename: member for member in archive.infolist() if not member.is_dir()}
    size = sum(member.file_size for member in members.values())
    if size > max(MAX_SMALL_SIZE, file.seek(0, SEEK_END) * MAX_RATIO):
        raise UnreadableFile(f"{name} unpacks to far more than an export could contain.")

    def read(path: str) -> bytes:
        member = members[path]
        if member.flag_bits & 1:
            raise UnreadableFile(f"{name} is protected by a password. Unpack it first.")
        if member.file_size > MAX_FILE_SIZE:
            raise DamagedFile("It is larger than 64 MB.")
        try:
            return archive.read(member)
        except (*DAMAGED, OSError, ValueError) as error:
            raise DamagedFile(f"It is damaged ({error}).") from error

    return _export(name, list(members), read)


def _export(name: str, paths: list[str], read: Callable[[str], bytes], table: str = "") -> Export:
    # Archives made on a Mac have a hidden file beside each file.
    paths = [path for path in paths if not PurePosixPath(path).name.startswith(".")]
    tables = [path for path in paths if path == (table or TABLE) or (not table and path.endswith(f"/{TABLE}"))]
    if not tables:
        raise UnreadableFile(f"{name} is not an export of Substack: it has no {TABLE}.")
    found = Export(name, min(tables, key=lambda path: path.count("/")), read)
    folder = found.table.rpartition("/")[0]
    posts = f"{folder}/posts/" if folder else "posts/"
    for path in paths:
        if path.startswith(posts) and path.endswith(".html") and "/" not in path.removeprefix(posts):
            found.bodies[path.removeprefix(posts).removesuffix(".html")] = path
        elif path != found.table and (path.endswith(".csv") or path.startswith(posts)):
            found.unread.append(path)
    return found
