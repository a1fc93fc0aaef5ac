"""The files of an import on the page: uploaded in parts to a private folder, or put on the server by its operator."""

import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from django.conf import settings
from django.core.exceptions import SuspiciousFileOperation
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _

from truthlytics.contrib.importers.media.archives import PREFIX
from truthlytics.contrib.importers.models import ImportRun, ImportUpload
from truthlytics.contrib.importers.run import ImportRefused
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User

# In bytes, of a whole file and of a part.
MAX_SIZE = 2 * 1024**3
MAX_PART = 4 * 1024**2
KEPT = timedelta(days=7)
# Folders of the import's own. Hidden, because the folder for imports may be the same, and a copy of WordPress's
# `uploads` is put there.
UPLOADS, RUNS = ".uploads", ".runs"


class UploadRefused(Exception):
    """The file or part is not stored. The message is a sentence for the user."""


class WrongOffset(Exception):
    """A part does not continue the file. `received` is where it has to."""

    def __init__(self, received: int) -> None:
        super().__init__(f"The next part has to begin at {received}.")
        self.received = received


# --- Uploads --------------------------------------------------------------------------------------------------------
def begin_upload(*, owner: User, name: str, size: int) -> ImportUpload:
    """Return the row for a file of `size` bytes. An unfinished upload of the same file is continued.

    Raises UploadRefused.
    """
    name = safe_name(name)
    if size <= 0:
        raise UploadRefused(_("The file is empty."))
    if size > MAX_SIZE:
        raise UploadRefused(_("The file is larger than 2 GB. Put it into the folder for imports on the server."))
    for earlier in ImportUpload.objects.filter(owner=owner, name=name, size=size):
        if received(earlier) < size:
            return earlier
    uploads_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    if size > shutil.disk_usage(uploads_folder()).free:
        raise UploadRefused(_("There is not enough space for this file on the server."))
    upload = ImportUpload.objects.create(owner=owner, name=name, size=size)
    path_of(upload).parent.mkdir(mode=0o700)
    path_of(upload).touch(mode=0o600)
    return upload


def add_part(upload: ImportUpload, offset: int, data: bytes) -> int:
    """Append `data`, which begins at `offset` of the file. Return how much is received.

    Raises WrongOffset and UploadRefused.
    """
    with _locked(upload) as file:
        size = file.seek(0, os.SEEK_END)
        if offset != size:
            raise WrongOffset(size)
        if not data or size + len(data) > upload.size:
            raise UploadRefused(_("The file has changed since its upload began. Choose it again."))
        file.write(data)
        return size + len(data)


def store_upload(*, owner: User, name: str, size: int, chunks: Iterable[bytes]) -> ImportUpload:
    """Store a whole file, of a form without script. Raises UploadRefused."""
    upload = begin_upload(owner=owner, name=name, size=size)
    with _locked(upload) as file:
        file.truncate(0)
        for chunk in chunks:
            file.write(chunk)
    return upload


def received(upload: ImportUpload) -> int:
    """Return how many bytes have arrived."""
    try:
        return path_of(upload).stat().st_size
    except OSError:
        return 0


def is_complete(upload: ImportUpload) -> bool:
    return received(upload) == upload.size


def path_of(upload: ImportUpload) -> Path:
    return uploads_folder() / str(upload.pk) / upload.name


def delete_upload(upload: ImportUpload) -> None:
    shutil.rmtree(path_of(upload).parent, ignore_errors=True)
    upload.delete()


def delete_expired(now: datetime) -> int:
    """Delete the uploads that are older than a week, except those that an import in progress reads.

    Also what was found out about lists of readers, which has their addresses, and what ended processes have unpacked.
    """
    with_addresses = ImportRun.objects.filter(format__in=("readers", "contracts"), started_at__lte=now - KEPT)
    for pk in with_addresses.values_list("pk", flat=True):
        shutil.rmtree(Path(settings.IMPORT_WORK_DIR) / RUNS / str(pk), ignore_errors=True)
    for folder in Path(settings.IMPORT_WORK_DIR).glob(f"{PREFIX}*"):
        if folder.stat().st_mtime < (now - KEPT).timestamp():
            shutil.rmtree(folder, ignore_errors=True)
    active = ImportRun.objects.filter(status__in=ImportRun.ACTIVE).values_list("files", flat=True)
    in_use = {file.get("upload") for files in active for file in files}
    old = [row for row in ImportUpload.objects.filter(created_at__lte=now - KEPT) if str(row.pk) not in in_use]
    for upload in old:
        delete_upload(upload)
    return len(old)


def safe_name(name: str) -> str:
    """Return the file name in `name` without folders, dots at its beginning and characters that paths may not have."""
    name = PureWindowsPath(PurePosixPath(strip_control_characters(name)).name).name
    try:
        name = get_valid_filename(name).lstrip(".")
    except SuspiciousFileOperation:
        name = ""
    return name[-200:] or "export"


@contextmanager
def _locked(upload: ImportUpload) -> Iterator[IO[bytes]]:
    """Open the file of `upload` for appending; other parts wait. Raises UploadRefused if it is gone."""
    try:
        file = path_of(upload).open("r+b")
    except OSError as error:
        raise UploadRefused(_("The upload was deleted in the meantime. Choose the file again.")) from error
    with file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0, os.SEEK_END)
        yield file


def uploads_folder() -> Path:
    return Path(settings.IMPORT_WORK_DIR) / UPLOADS


# --- Files on the server --------------------------------------------------------------------------------------------
def server_files() -> list[Path]:
    """Return the files directly in the folder for imports."""
    return [path for path in _entries() if path.is_file()]


def server_folders() -> list[Path]:
    """Return the folders directly in it, which may have images."""
    return [path for path in _entries() if path.is_dir()]


def _entries() -> list[Path]:
    folder = Path(settings.IMPORT_DIR)
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError:
        return []


# --- Files of a run -------------------------------------------------------------------------------------------------
def paths_of(run: ImportRun) -> list[Path]:
    """Return where the files of `run` lie. Raises ImportRefused if one is missing."""
    return [_path(file) for file in run.files]


def _path(file: JsonObject) -> Path:
    if "upload" in file:
        upload = ImportUpload.objects.filter(pk=file["upload"]).first()
        path = path_of(upload) if upload and is_complete(upload) else None
    else:
        path = next((path for path in server_files() if path.name == file["server"]), None)
    if path is None:
        raise ImportRefused(_("%(name)s is no longer on the server. Choose it again.") % {"name": file["name"]})
    return path


def run_folder(run: ImportRun) -> Path:
    """Return the private folder for what is found out about `run`, which exists."""
    folder = Path(settings.IMPORT_WORK_DIR) / RUNS / str(run.pk)
    folder.mkdir(parents=True, exist_ok=True)
    # Also those of earlier releases.
    folder.chmod(0o700)
    return folder
