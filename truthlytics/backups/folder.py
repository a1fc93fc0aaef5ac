"""The folder of a backup: `database.sqlite3` or `database.dump`, `media/`, `originals/` and `manifest.json`.

The manifest lists every file with its SHA-256 and size. It is written last, so a folder with a manifest is complete.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.files.storage import FileSystemStorage, storages

MANIFEST = "manifest.json"
FORMAT = 1
# Storage alias by folder in the backup.
STORAGES = {"media": "default", "originals": "originals"}


# SHA-256 and size in bytes, by path in the folder.
Files = dict[str, tuple[str, int]]
# Called with a path in the backup and the file to write there. Returns its SHA-256 and size if an earlier backup has it
# and nothing needs to be copied, else None.
Reuse = Callable[[str, Path], tuple[str, int] | None]


class BackupError(Exception):
    """A backup cannot be made or restored; the message is for the operator."""


@dataclass(frozen=True)
class Manifest:
    made_at: str
    engine: str
    # Of Django, Python and the database.
    versions: dict[str, str]
    # Row count by table.
    rows: dict[str, int]
    files: Files
    format: int = FORMAT

    @property
    def size(self) -> int:
        """The size of all files, in bytes."""
        return sum(size for _, size in self.files.values())

    @property
    def summary(self) -> str:
        return f"{len(self.files)} files ({self.size / 1e6:.1f} MB) and {sum(self.rows.values())} rows"


def write_manifest(folder: Path, manifest: Manifest) -> None:
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1, sort_keys=True) + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Raises BackupError if there is no valid manifest."""
    try:
        manifest = Manifest(**json.loads((folder / MANIFEST).read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise BackupError(f"{folder} has no {MANIFEST}: it is not a backup, or an incomplete one.") from error
    except (ValueError, TypeError, OSError) as error:
        raise BackupError(f"{folder / MANIFEST} cannot be read ({error}).") from error
    if manifest.format != FORMAT:
        raise BackupError(f"{folder} has format {manifest.format}; this version supports format {FORMAT}.")
    return manifest


def verify(folder: Path, manifest: Manifest) -> None:
    """Raises BackupError for the first file that is missing or differs from the manifest."""
    for name, (digest, size) in manifest.files.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            raise BackupError(f"{name} is missing in {folder}. Use another backup.")
        if path.stat().st_size != size or sha256(path) != digest:
            raise BackupError(f"{name} in {folder} is damaged. Use another backup.")


def reuse_nothing(name: str, target: Path) -> None:
    return None


def export_media(folder: Path, reuse: Reuse = reuse_nothing) -> Files:
    """Copy the files of the media library to `folder`, except those that `reuse` finds. Returns these."""
    reused: Files = {}
    for name, alias in STORAGES.items():
        for file in stored_files(alias):
            target = folder / name / file
            target.parent.mkdir(parents=True, exist_ok=True)
            if known := reuse(f"{name}/{file}", target):
                reused[f"{name}/{file}"] = known
                continue
            with storages[alias].open(file) as source, target.open("wb") as copy:
                shutil.copyfileobj(source, copy)
    return reused


def import_media(folder: Path, manifest: Manifest) -> None:
    """Copy the files to the media library under the names that the database refers to."""
    for path in manifest.files:
        name, _, file = path.partition("/")
        if name in STORAGES:
            storage = storages[STORAGES[name]]
            storage.delete(file)
            with (folder / path).open("rb") as source:
                storage.save(file, source)


def stored_files(alias: str, folder: str = "") -> Iterator[str]:
    """Yield the names of all files in a storage."""
    storage = storages[alias]
    try:
        subfolders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    prefix = f"{folder}/" if folder else ""
    yield from (prefix + name for name in files)
    for subfolder in subfolders:
        yield from stored_files(alias, prefix + subfolder)


def stored_size() -> int:
    """Return the bytes of the media library on local disks. A bucket would be asked for each of its files."""
    local = {alias: storages[alias] for alias in STORAGES.values() if isinstance(storages[alias], FileSystemStorage)}
    return sum(storage.size(file) for alias, storage in local.items() for file in stored_files(alias))


def digests(folder: Path, known: Files) -> Files:
    """Return the SHA-256 and size of each file in `folder`, except those that are `known`."""
    paths = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    new = {name: path for name, path in paths.items() if name not in known and name != MANIFEST}
    return {name: (sha256(path), path.stat().st_size) for name, path in new.items()}


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
