"""Make a backup in a new folder."""

import platform
import shutil
from pathlib import Path

import django
from django.db import Error, connection
from django.utils import timezone

from truthlytics.backups import databases, folder


def make(target: Path, reuse: folder.Reuse = folder.reuse_nothing) -> folder.Manifest:
    """Copy the database and the media library to `target`, which must not exist or be empty. Raises BackupError.

    The folder gets its name at the end, so that an incomplete backup is never taken for a complete one.
    """
    unfinished = target.with_name(f"{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(parents=True, mode=0o700)
        # The database first, so that every file it refers to is in the backup.
        databases.dump(unfinished)
        reused = folder.export_media(unfinished, reuse)
        manifest = describe(unfinished, reused)
        folder.write_manifest(unfinished, manifest)
        if target.exists():
            target.rmdir()
        unfinished.rename(target)
    except (folder.BackupError, Error, OSError) as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise folder.BackupError(f"The backup failed: {error}") from error
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return manifest


def describe(path: Path, reused: folder.Files) -> folder.Manifest:
    versions = {"django": django.__version__, "python": platform.python_version(), "database": databases.version()}
    return folder.Manifest(
        made_at=f"{timezone.now():%Y-%m-%dT%H:%M:%SZ}",
        engine=connection.vendor,
        versions=versions,
        rows=databases.count_rows(),
        files=folder.digests(path, reused) | reused,
    )
