"""Open what belongs to an export: JSON, plain, gzipped or in a zip archive with images, and files about addresses."""

import gzip
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Literal, cast

from truthlytics.contrib.importers.sources import UnreadableFile
from truthlytics.contrib.importers.wordpress.archives import DAMAGED, LimitedStream

# Of a file about addresses, in bytes.
MAX_RULES_SIZE = 8 * 1024 * 1024
_SUFFIXES = (".json", ".json.gz", ".yaml", ".yml")
Kind = Literal["export", "redirects", "routes"]


@dataclass(frozen=True, slots=True)
class Part:
    """A file, which may be in a zip archive. `member` is its name there, "" for a file of its own."""

    path: Path
    member: str = ""

    @property
    def name(self) -> str:
        return PurePosixPath(self.member).name if self.member else self.path.name

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """Give the unpacked file. Raises OSError, and UnreadableFile if it is damaged or a bomb."""
        try:
            with ExitStack() as stack:
                size = self.path.stat().st_size
                stream = cast(IO[bytes], stack.enter_context(self.path.open("rb")))
                if self.member:
                    archive = stack.enter_context(zipfile.ZipFile(stream))
                    size = archive.getinfo(self.member).compress_size
                    stream = stack.enter_context(archive.open(self.member))
                if self.name.lower().endswith(".gz") or _is_gzipped(self):
                    stream = cast(IO[bytes], stack.enter_context(gzip.GzipFile(fileobj=stream)))
                yield cast(IO[bytes], LimitedStream(stream, size, self.name))
        except DAMAGED as error:
            raise UnreadableFile(f"{self.name} is damaged ({error}).") from error

    def open_file(self) -> IO[bytes]:
        """Return the file, opened. Closing it closes the archive too. Raises OSError and UnreadableFile."""
        try:
            # A member keeps its archive open, which needs a name until then.
            archive = zipfile.ZipFile(self.path)
            return archive.open(self.member)
        except DAMAGED as error:
            raise UnreadableFile(f"{self.name} is damaged ({error}).") from error

    @property
    def kind(self) -> Kind:
        """What the file is about. Only a list is redirects; settings of addresses are recognised by their name."""
        name = self.name.lower()
        if name.endswith((".yaml", ".yml")):
            return "routes" if "route" in name else "redirects"
        if name == "redirects.json":
            return "redirects"
        with self.open() as stream:
            return "redirects" if stream.read(512).lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"[" else "export"

    def read_text(self) -> str:
        """Return the text of a file about addresses."""
        with self.open() as stream:
            data = stream.read(MAX_RULES_SIZE + 1)
        if len(data) > MAX_RULES_SIZE:
            raise UnreadableFile(f"{self.name} is too large for a list of addresses.")
        try:
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"{self.name} is not UTF-8.") from error


def _is_gzipped(part: Part) -> bool:
    if part.member:
        return False
    with part.path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def find_parts(paths: Sequence[Path], suffixes: tuple[str, ...] = _SUFFIXES) -> list[Part]:
    """Return the files of an export in `paths`, which may be archives and folders. Raises OSError, UnreadableFile."""
    parts: list[Part] = []
    for path in paths:
        if path.is_dir():
            found = [file for file in path.iterdir() if file.name.lower().endswith((*suffixes, ".zip"))]
            parts += find_parts(sorted(found), suffixes)
        elif is_zip(path):
            parts += [Part(path, name) for name in sorted(_members(path)) if name.lower().endswith(suffixes)]
        else:
            parts.append(Part(path))
    return parts


def is_zip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"PK"


def _members(path: Path) -> Iterator[str]:
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                if member.flag_bits & 1:
                    raise UnreadableFile(f"{path.name} is protected by a password. Unpack it first.")
                if not member.is_dir() and not member.filename.startswith("__MACOSX/"):
                    yield member.filename
    except DAMAGED as error:
        raise UnreadableFile(f"{path.name} is a damaged zip archive ({error}).") from error


def find_files(paths: Sequence[Path]) -> dict[str, Part]:
    """Return the images and other files in archives, by their path below `content`, such as `images/2020/01/a.jpg`."""
    files: dict[str, Part] = {}
    for path in paths:
        for name in _members(path) if path.is_file() and is_zip(path) else ():
            if key := file_key(name):
                files.setdefault(key, Part(path, name))
    return files


def file_key(address: str) -> str:
    """Return the path below `content` of a file in an archive or of its address, without its size; "" if none."""
    parts = [part for part in PurePosixPath(address.lstrip("/")).parts if part not in {"..", "."}]
    for number, part in enumerate(parts[:-1]):
        if part in {"images", "media", "files"}:
            below = parts[number + 1 :]
            if below[0] == "size":
                below = below[2:]
            if below[:1] == ["format"]:
                below = below[2:]
            return "/".join([part, *below]) if below else ""
    return ""
