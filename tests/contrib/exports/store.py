"""Store an export of this version, for the test that later versions read it. See “Releases” in docs/contributing.md.

TRUTHLYTICS_DEMO=1 VAR_DIR=… .venv/bin/python -m tests.contrib.exports.store 1.1

Release 1.0 had no exports. `first` is from the first code that wrote them, with an earlier `make_site`; `before-1.1` is
from the code that first read those of other releases.
"""

import os
import sys
import tarfile
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truthlytics.settings")
    django.setup()

from tests.contrib.exports.test_round_trip import make_site
from truthlytics.backups import databases

STORED = Path(__file__).parent / "stored"


def main(version: str) -> None:
    with databases.scratch(), tempfile.TemporaryDirectory() as folder:
        call_command("migrate", verbosity=0)
        make_site()
        call_command("export_site", str(Path(folder) / "export"), "--readers")
        with tarfile.open(STORED / f"{version}.tar.xz", "w:xz", format=tarfile.PAX_FORMAT) as archive:
            archive.add(Path(folder) / "export", "export", filter=_without_owner)


def _without_owner(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    entry.mtime = 0
    return entry


if __name__ == "__main__":
    main(sys.argv[1])
