"""Images and other files in zip archives, beside or inside the export: unpacked for as long as an import works."""

import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from django.conf import settings
from django.utils.translation import gettext as _

from truthlytics.contrib.importers.media import names
from truthlytics.contrib.importers.sources import UnreadableFile
from truthlytics.contrib.importers.wordpress.archives import DAMAGED, MAX_RATIO

MEDIA = names.IMAGES | names.SOUNDS | names.DOCUMENTS
# What an export can be, outside of a folder of uploads.
EXPORTS = {".xml", ".wxr", ".json", ".jsonl", ".html", ".csv", ".gz"}
# Beginning of the names of folders that files are unpacked to.
PREFIX = ".media-"


class Unpacked(NamedTuple):
    """The `files` that are exports, and the `folder` with what was unpacked, if there was anything."""

    files: list[Path]
    folder: Path | None


@contextmanager
def unpacked_media(files: Sequence[Path]) -> Iterator[Unpacked]:
    """Unpack the media of the archives among `files` to a private folder, and delete it in the end.

    Archives without an export are left out of the files, unless there are no others. Raises UnreadableFile and OSError.
    """
    archives = {path: _media_in(path) for path in files if path.is_file() and zipfile.is_zipfile(path)}
    exports = [path for path in files if not archives.get(path) or _has_export(path)]
    wanted = {path: members for path, members in archives.items() if members}
    if not wanted:
        yield Unpacked(list(files), None)
        return
    work = Path(settings.IMPORT_WORK_DIR)
    work.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_size(wanted, work)
    with tempfile.TemporaryDirectory(prefix=PREFIX, dir=work, ignore_cleanup_errors=True) as folder:
        for path, members in wanted.items():
            _unpack(path, members, Path(folder))
        yield Unpacked(exports or list(files), Path(folder))


def _members(path: Path) -> list[zipfile.ZipInfo]:
    try:
        with zipfile.ZipFile(path) as archive:
            return [member for member in archive.infolist() if not member.is_dir()]
    except DAMAGED as error:
        raise UnreadableFile(f"{path.name} is a damaged zip archive ({error}).") from error


def _media_in(path: Path) -> list[zipfile.ZipInfo]:
    return [member for member in _members(path) if _is_media(member.filename)]


def _is_media(name: str) -> bool:
    """Return whether a file may be one of the media library. Tables elsewhere are lists of posts and readers."""
    suffix = names.suffix(name)
    return suffix in MEDIA and not name.startswith("__MACOSX/") and (suffix != ".csv" or _is_upload(name))


def _is_upload(name: str) -> bool:
    return "uploads" in PurePosixPath(name).parts


def _has_export(path: Path) -> bool:
    return any(
        names.suffix(member.filename) in EXPORTS and not _is_upload(member.filename) for member in _members(path)
    )


def _check_size(archives: dict[Path, list[zipfile.ZipInfo]], folder: Path) -> None:
    """Raise UnreadableFile if there is no space for all files, or if an archive can't have so much in it."""
    for path, members in archives.items():
        if any(member.flag_bits & 1 for member in members):
            raise UnreadableFile(f"{path.name} is protected by a password. Unpack it first.")
        if sum(member.file_size for member in members) > MAX_RATIO * path.stat().st_size:
            raise UnreadableFile(f"{path.name} unpacks to far more than an archive of images could contain.")
    size = sum(member.file_size for members in archives.values() for member in members)
    if size > shutil.disk_usage(folder).free:
        raise UnreadableFile(_("There is not enough space on the server to unpack the images."))


def _unpack(path: Path, members: list[zipfile.ZipInfo], folder: Path) -> None:
    """Write the files below `folder`. What can't be read or named is left out, and then missing in the report."""
    with zipfile.ZipFile(path) as archive:
        for member in members:
            target = folder / _place_of(member.filename)
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                # zipfile reads no more than the size that it has checked.
                with archive.open(member) as source, target.open("xb") as file:
                    shutil.copyfileobj(source, file)
            except (*DAMAGED, OSError, ValueError):
                continue


def _place_of(name: str) -> PurePosixPath:
    """Return the place of a file: below the folder of uploads that it was in, without steps to other folders."""
    path = names.below_uploads(f"/{name}") or name
    return PurePosixPath(*(part for part in PurePosixPath(path).parts if part not in {"/", "..", "."}))
