"""Where scheduled backups are kept: a folder, or a bucket of an S3-compatible service. BACKUP_TO names it."""

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from django.core.files import File

from truthlytics.backups.folder import MANIFEST, Files, Manifest, read_manifest
from truthlytics.backups.making import make
from truthlytics.env import BASE_DIR, VAR_DIR
from truthlytics.storage import s3_options

S3 = "s3://"
# Only backups with such a name are scheduled ones, which retention deletes.
PREFIX = "auto-"


class Destination(Protocol):
    def names(self) -> list[str]:
        """Return the names of the complete scheduled backups, oldest first."""

    def make(self, name: str) -> Manifest:
        """Make a backup. Files of the media library that an earlier one has are not copied. Raises BackupError."""

    def delete(self, names: Iterable[str]) -> None: ...

    def fetched(self, name: str) -> AbstractContextManager[Path]:
        """Return a context manager that yields a folder with the backup. Raises BackupError."""


class FolderDestination:
    """A folder for each backup. Files that two of them share are hard links, so that each is stored once."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def names(self) -> list[str]:
        return sorted(path.parent.name for path in self.path.glob(f"{PREFIX}*/{MANIFEST}"))

    def make(self, name: str) -> Manifest:
        for unfinished in self.path.glob(f"{PREFIX}*.unfinished"):  # of processes that were killed
            shutil.rmtree(unfinished, ignore_errors=True)
        names = self.names()
        earlier = self.path / names[-1] if names else None
        files = read_manifest(earlier).files if earlier else {}

        def link(file: str, target: Path) -> tuple[str, int] | None:
            known = files.get(file)
            if earlier is None or known is None:
                return None
            try:
                if (earlier / file).stat().st_size != known[1]:
                    return None
                os.link(earlier / file, target)
            except OSError:  # such as a file system without hard links
                return None
            return known

        return make(self.path / name, link)

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            # First, so that what is left of an interrupted deletion is not taken for a backup.
            (self.path / name / MANIFEST).unlink(missing_ok=True)
            shutil.rmtree(self.path / name)

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        yield self.path / name


class BucketDestination:
    """A folder for each backup with its database and manifest, and `files/` with each file under its SHA-256."""

    def __init__(self, url: str) -> None:
        # Large, and not needed by others.
        from truthlytics.s3 import Bucket

        bucket, _, path = url.removeprefix(S3).partition("/")
        self.storage = Bucket(bucket_name=bucket, location=path.strip("/"), base_url=None, **s3_options())

    def names(self) -> list[str]:
        folders = self.storage.listdir("")[0]
        names = sorted(name for name in folders if name.startswith(PREFIX))
        return [name for name in names if self.storage.exists(f"{name}/{MANIFEST}")]

    def make(self, name: str) -> Manifest:
        names = self.names()
        files = self.manifest(names[-1]).files if names else {}
        stored = set(self.storage.listdir("files")[1])

        def skip(file: str, target: Path) -> tuple[str, int] | None:
            known = files.get(file)
            return known if known and known[0] in stored else None

        with tempfile.TemporaryDirectory(dir=VAR_DIR) as temporary:
            folder = Path(temporary) / name
            manifest = make(folder, skip)
            for file, (digest, _) in manifest.files.items():
                key = key_of(name, file, digest)
                if (folder / file).exists() and digest not in stored:
                    self.upload(folder / file, key)
            # Last, so that a backup with a manifest is complete.
            self.upload(folder / MANIFEST, f"{name}/{MANIFEST}")
        return manifest

    def upload(self, path: Path, key: str) -> None:
        self.storage.delete(key)
        with path.open("rb") as file:
            self.storage.save(key, File(file))

    def delete(self, names: Iterable[str]) -> None:
        for name in names:
            files = self.manifest(name).files
            self.storage.delete(f"{name}/{MANIFEST}")
            for file in files:
                if "/" not in file:
                    self.storage.delete(f"{name}/{file}")
        used = {digest for name in self.names() for digest, _ in self.manifest(name).files.values()}
        for digest in set(self.storage.listdir("files")[1]) - used:
            self.storage.delete(f"files/{digest}")

    def manifest(self, name: str) -> Manifest:
        with tempfile.TemporaryDirectory() as folder:
            self.download(f"{name}/{MANIFEST}", Path(folder) / MANIFEST)
            return read_manifest(Path(folder))

    def download(self, key: str, target: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        with self.storage.open(key) as source, target.open("wb") as copy:
            shutil.copyfileobj(source, copy)

    @contextmanager
    def fetched(self, name: str) -> Iterator[Path]:
        files: Files = self.manifest(name).files
        with tempfile.TemporaryDirectory(dir=VAR_DIR) as temporary:
            folder = Path(temporary) / name
            for file, (digest, _) in files.items():
                self.download(key_of(name, file, digest), folder / file)
            self.download(f"{name}/{MANIFEST}", folder / MANIFEST)
            yield folder


def key_of(name: str, file: str, digest: str) -> str:
    """Return where `file` of the backup `name` is in the bucket. Files of the media library are shared by backups."""
    return f"files/{digest}" if "/" in file else f"{name}/{file}"


def destination(address: str) -> Destination:
    """Return the destination at `address`, a path or `s3://bucket/folder`."""
    return BucketDestination(address) if address.startswith(S3) else FolderDestination(BASE_DIR / address)
