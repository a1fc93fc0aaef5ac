"""A backup's folder: `database.sqlite3` or `database.dump`, `media/`, `originals/`, and `manifest.json`.

The manifest is written last, so a folder with one is whole; it names every file with its SHA-256 and size.
"""

import hashlib
import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.files.storage import storages

MANIFEST = "manifest.json"
FORMAT = 1
# Folder in the backup → storage of the site.
FILES = {"media": "default", "originals": "originals"}


class Unusable(Exception):
    """A folder or a site that cannot be used for this; says what to do."""


@dataclass(frozen=True)
class Manifest:
    made_at: str
    engine: str
    # Of the project, Django, Python and the database.
    versions: dict[str, str]
    # Rows a table.
    rows: dict[str, int]
    # Path in the folder → SHA-256 and bytes.
    files: dict[str, tuple[str, int]]
    format: int = FORMAT


def write(folder: Path, manifest: Manifest) -> None:
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read(folder: Path) -> Manifest:
    """Raises Unusable where there is no manifest, or one that we do not understand."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise Unusable(f"{folder} holds no {MANIFEST}: it is no backup, or one that was broken off.") from error
    except (ValueError, TypeError, OSError) as error:
        raise Unusable(f"{folder / MANIFEST} cannot be read ({error}).") from error
    if manifest.format != FORMAT:
        raise Unusable(f"{folder} has format {manifest.format}; this program reads format {FORMAT}.")
    return manifest


def check(folder: Path, manifest: Manifest) -> None:
    """Raises Unusable, with its name, for the first file that is not what the manifest says."""
    for name, (digest, size) in manifest.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise Unusable(f"{name} is missing in {folder}: take another backup.")
        if path.stat().st_size != size or sha256(path) != digest:
            raise Unusable(f"{name} in {folder} is not what was backed up: take another backup.")


def copy_out(folder: Path) -> None:
    """Copy every file of the library into `folder`."""
    for home, alias in FILES.items():
        for name in stored(alias):
            target = folder / home / name
            target.parent.mkdir(parents=True, exist_ok=True)
            with storages[alias].open(name) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)


def copy_in(folder: Path, manifest: Manifest) -> None:
    """Put the library's files where the site looks for them, under the names that its rows know."""
    for path in manifest.files:
        home, _, name = path.partition("/")
        if home in FILES:
            storage = storages[FILES[home]]
            storage.delete(name)
            with (folder / path).open("rb") as source:
                storage.save(name, source)


def stored(alias: str, folder: str = "") -> Iterator[str]:
    """The names of all files in a storage."""
    storage = storages[alias]
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    yield from (prefix + name for name in files)
    for deeper in folders:
        yield from stored(alias, prefix + deeper)


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != MANIFEST)
    return {path.relative_to(folder).as_posix(): (sha256(path), path.stat().st_size) for path in files}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
