"""Security releases, from a file that the operator keeps up to date. The site asks no other server.

The file is a list in JSON: `[{"version": "1.1.1", "also": ["1.0.3"], "summary": "What it fixes.", "url": "https://…"}]`.
Only `version` is required. `also` has the versions of other branches with the same repairs.
"""

import json
import math
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _

from truthlytics import __version__

VERSION = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9}){1,3})(?:\.dev([0-9]{1,9}))?")
# Bytes of the file, and characters of each text.
MAX_SIZE, MAX_TEXT = 100_000, 300


class ReleasesError(Exception):
    """The list cannot be read. The message says why."""


class Release(NamedTuple):
    version: str
    summary: str
    url: str
    also: tuple[str, ...] = ()

    def fixed_in(self, running: str) -> str:
        """Return the version to install instead of the one that is running; "" if that has the repairs.

        If its own branch (1.0 of 1.0.3) has them too, that is the one to take.
        """
        versions = [self.version, *self.also]
        own = [version for version in versions if numbers(version)[:2] == numbers(running)[:2]]
        wanted = max(own or versions, key=numbers)
        return wanted if numbers(running) < numbers(wanted) else ""


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
    newer = [(wanted, release) for release in map(read, entries) if (wanted := release.fixed_in(__version__))]
    found = [release._replace(version=wanted) for wanted, release in newer]
    return sorted(found, key=lambda release: numbers(release.version), reverse=True), written


def read(entry: object) -> Release:
    if not isinstance(entry, dict):
        raise ReleasesError(_("its format is wrong"))
    also = entry.get("also", [])
    versions = [entry.get("version"), *(also if isinstance(also, list) else [None])]
    if not all(isinstance(version, str) and VERSION.fullmatch(version) for version in versions):
        raise ReleasesError(_("its format is wrong"))
    summary, url = (str(entry.get(name) or "")[:MAX_TEXT] for name in ("summary", "url"))
    return Release(str(versions[0]), summary, url, tuple(map(str, also)))


def numbers(version: str) -> tuple[float, ...]:
    """Return the parts of a version for comparing: 1.0 is 1.0.0, and 1.1.0.dev2 comes before 1.1.0."""
    match = VERSION.fullmatch(version)
    if match is None:
        raise ValueError(version)
    parts = [float(part) for part in match[1].split(".")]
    return (*parts, *[0.0] * (4 - len(parts)), float(match[2]) if match[2] else math.inf)
