"""The folder of an export: files, and `manifest.json` with the digest of each, which is written last."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, Any

from truthlytics.exports.values import ExportError
from truthlytics.web.types import JsonObject

MANIFEST = "manifest.json"
FORMAT = "truthlytics export"
# It rises when something in an export means something else than before, and every version before can still be read:
# docs/exporting.md, “Versions of the format”.
FORMAT_VERSION = 1
# The files of the media library, under the names that the entries have.
FILES = "files"
CHUNK = 1024 * 1024
# In bytes. A line is an article with all of its text; the manifest has a line for each file.
MAX_LINE, MAX_MANIFEST = 64 * 1024 * 1024, 512 * 1024 * 1024


@dataclass
class NewFolder:
    """Writes the files of an export and remembers their digests."""

    path: Path
    counts: Counter[str] = field(default_factory=Counter)
    # SHA-256 and size in bytes by path.
    files: dict[str, tuple[str, int]] = field(default_factory=dict)
    # Files that the database names and the media library does not have.
    missing: list[str] = field(default_factory=list)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        path = self.path / name
        for parent in reversed(Path(name).parents):
            (self.path / parent).mkdir(mode=0o700, exist_ok=True)
        path.touch(mode=0o600, exist_ok=False)
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
                digest.update(chunk)
                size += len(chunk)
        self.files[name] = (digest.hexdigest(), size)

    def write_lines(self, name: str, entries: Iterable[dict[str, object]]) -> None:
        self.counts[name] = 0
        self.write(name, self._lines(name, entries))

    def _lines(self, name: str, entries: Iterable[dict[str, object]]) -> Iterator[bytes]:
        for entry in entries:
            self.counts[name] += 1
            yield encode(entry) + b"\n"

    def copy(self, name: str, source: IO[bytes]) -> None:
        self.write(name, iter(lambda: source.read(CHUNK), b""))

    def finish(self, *, has_readers: bool) -> None:
        manifest = {
            "format": FORMAT,
            "version": FORMAT_VERSION,
            "readers": has_readers,
            "counts": dict(sorted(self.counts.items())),
            "missing": sorted(self.missing),
            "files": {name: {"sha256": digest, "bytes": size} for name, (digest, size) in sorted(self.files.items())},
        }
        text = json.dumps(manifest, indent=1, ensure_ascii=False) + "\n"
        self.write(MANIFEST, [text.encode("utf-8", "backslashreplace")])


def encode(value: object) -> bytes:
    """Return `value` as JSON in UTF-8. Halves of surrogate pairs, which UTF-8 cannot have, stay escaped."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class Folder:
    """An export with the files that its manifest lists."""

    path: Path
    has_readers: bool
    digests: dict[str, str]
    missing: frozenset[str]

    def lines(self, name: str) -> Iterator[tuple[int, Any]]:
        """Yield the number and the entry of each line of the file `name`. Raises ExportError.

        There are none if the export was made before it had this file.
        """
        if name not in self.digests:
            return
        with (self.path / name).open("rb") as file:
            number = 0
            while line := file.readline(MAX_LINE + 1):
                number += 1
                if len(line) > MAX_LINE:
                    raise ExportError(f"Line {number} of {name} has more than {MAX_LINE // 1024**2} MB.")
                yield number, _decoded(line, f"Line {number} of {name}")

    def check_media(self, name: str, sha256: str | None) -> None:
        """Raise ExportError unless the media library's file `name` is in the export, with this digest if given."""
        if not is_safe_path(name):
            raise ExportError(f"“{name[:100]}” is not a valid file name here.")
        digest = self.digests.get(f"{FILES}/{name}")
        if digest is None and name not in self.missing:
            raise ExportError(f"{self.path} has no {FILES}/{name}, although a line names it.")
        if digest is not None and sha256 is not None and digest != sha256:
            raise ExportError(f"{FILES}/{name} does not match the digest given for it.")


def is_safe_path(path: str) -> bool:
    """Return whether `path` stays inside the folder that it is relative to, on every system."""
    parts = path.split("/")
    return bool(
        path
        and not PurePosixPath(path).is_absolute()
        and not any(part in {"", ".", ".."} for part in parts)
        and not any(character in '\\:*?"<>|' or ord(character) < 32 for character in path)
    )


def open_folder(path: Path) -> Folder:
    """Return the export in `path`. Raises ExportError unless all its files are as its manifest says."""
    manifest = _read_manifest(path)
    root = path.resolve()
    for name, entry in manifest["files"].items():
        file = path / name
        # Links could lead anywhere.
        if not file.resolve().is_relative_to(root) or file.is_symlink() or not file.is_file():
            raise ExportError(f"{name} is missing in {path}. Copy the export again.")
        if file.stat().st_size != entry["bytes"] or _digest(file) != entry["sha256"]:
            raise ExportError(f"{name} in {path} is damaged or was changed. Copy the export again.")
    digests = {name: entry["sha256"] for name, entry in manifest["files"].items()}
    return Folder(path, manifest["readers"], digests, frozenset(manifest["missing"]))


def _read_manifest(path: Path) -> JsonObject:
    file = path / MANIFEST
    if not file.is_file():
        raise ExportError(f"{path} has no {MANIFEST}: it is not an export, or an incomplete one.")
    if file.stat().st_size > MAX_MANIFEST:
        raise ExportError(f"{file} is too large.")
    manifest = _decoded(file.read_bytes(), str(file))
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ExportError(f"{path} is not an export of a site.")
    _check_version(path, manifest.get("version"))
    files, missing = manifest.get("files"), manifest.get("missing")
    if not isinstance(files, dict) or not isinstance(missing, list) or not isinstance(manifest.get("readers"), bool):
        raise ExportError(f"{file} is damaged. Copy the export again.")
    for name, entry in files.items():
        if not is_safe_path(name):
            raise ExportError(f"{file} names a file outside the export: “{name[:100]}”.")
        if not _describes_file(entry):
            raise ExportError(f"{file} is damaged: it does not describe {name}. Copy the export again.")
    if not all(isinstance(name, str) for name in missing):
        raise ExportError(f"{file} is damaged. Copy the export again.")
    return manifest


def _check_version(path: Path, version: object) -> None:
    """Raise ExportError unless this release reads the version of the format. It reads all that there were."""
    if type(version) is not int or version < 1:
        raise ExportError(f"{path / MANIFEST} is damaged: it has no version of the format. Copy the export again.")
    if version > FORMAT_VERSION:
        raise ExportError(
            f"{path} has version {version} of the format, and this site reads versions up to {FORMAT_VERSION}. Update "
            "this site to the release that made the export, or a later one, and import it then."
        )


def _describes_file(entry: object) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("sha256"), str) and type(entry.get("bytes")) is int


def _decoded(text: bytes, where: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ExportError(f"{where} is not JSON ({error}).") from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
