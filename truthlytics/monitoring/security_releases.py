"""Security releases, from a file that the operator keeps up to date. The site asks no other server.

The file is a list in JSON: `[{"version": "1.0.1", "summary": "What it fixes.", "url": "https://…"}]`, of which only
`version` is required.
"""

import json
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from truthlytics import __version__

VERSION = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9}){1,3}")
# Bytes of the file, and characters of each text.
MAX_SIZE, MAX_TEXT = 100_000, 300


class ReleasesError(Exception):
    """The list cannot be read. The message says why."""


class Release(NamedTuple):
    version: str
    summary: str
    url: str


def security_releases(path: Path) -> tuple[list[Release], datetime]:
    """Return the releases in the file that are newer than this one, newest first, and when the file was written.

    Raises ReleasesError.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_SIZE + 1)
        written = datetime.fromtimestamp(path.stat().st_mtime, timezone.get_current_timezone())
        if len(content) > MAX_SIZE:
            raise ReleasesError(_("it is too large"))
        entries = json.loads(content)
    except OSError as error:
        raise ReleasesError(_("it cannot be opened")) from error
    except (ValueError, RecursionError) as error:
        raise ReleasesError(_("its format is wrong")) from error
    if not isinstance(entries, list):
        raise ReleasesError(_("its format is wrong"))
    newer = [release for release in map(read, entries) if numbers(release.version) > numbers(__version__)]
    return sorted(newer, key=lambda release: numbers(release.version), reverse=True), written


def read(entry: object) -> Release:
    version = entry.get("version") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(version, str) or not VERSION.fullmatch(version):
        raise ReleasesError(_("its format is wrong"))
    return Release(version, str(entry.get("summary") or "")[:MAX_TEXT], str(entry.get("url") or "")[:MAX_TEXT])


def numbers(version: str) -> list[int]:
    """Return the parts of a version for comparing, without zeros at the end: 1.0 is 1.0.0."""
    parts = [int(part) for part in version.split(".")]
    while parts and not parts[-1]:
        parts.pop()
    return parts
