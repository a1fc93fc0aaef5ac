"""The files in which the web processes of a machine count: one of each kind for a number that a process holds.

A process takes the lowest free number and locks it as long as it runs. Its successor continues with the same files, so
no count falls and no file is left behind, however often processes are replaced. The space of the files is reserved:
writing to a mapped file on a full disk would end the process.
"""

import fcntl
import os
from functools import cache
from itertools import count
from pathlib import Path
from typing import TextIO

from django.conf import settings

KINDS = ("counter", "histogram")
# Another one after each start of the machine.
BOOT = Path("/proc/sys/kernel/random/boot_id")
# Bytes of a file. All routes with all their labels need less.
SIZE = 3 * 1024 * 1024

# Open as long as the process runs, which keeps them locked.
_held: list[TextIO] = []


def folder() -> Path:
    """Return the folder of the files, which belongs to this machine as the file of the page cache does."""
    path: Path = settings.PAGE_CACHE_FILE.parent / "metrics"
    return path


@cache
def slot_of(process: int) -> int:
    """Return the number of the current process, which has the id `process`. Raises OSError if the disk is full."""
    folder().mkdir(0o700, parents=True, exist_ok=True)
    for slot in count(1):
        if file := _lock(folder() / f"{slot}.lock"):
            _held.append(file)
            if (boot := BOOT.read_text()) != file.read():
                # The files may be damaged: the machine was started since, or they are new.
                _delete(slot)
                file.truncate(0)
                file.write(boot)
                file.flush()
            for kind in KINDS:
                _reserve(file_of(kind, slot))
            return slot
    raise AssertionError


def file_of(kind: str, slot: int) -> Path:
    return folder() / f"{kind}_{slot}.db"


def clean() -> None:
    """Delete the files that no process uses. The supervisor calls it before it starts the first one."""
    for path in folder().glob("*.lock"):
        # The lock itself stays: another process may be about to take it.
        if file := _lock(path):
            with file:
                _delete(int(path.stem))


def _lock(path: Path) -> TextIO | None:
    file = path.open("a+")
    file.seek(0)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _delete(slot: int) -> None:
    for kind in KINDS:
        file_of(kind, slot).unlink(missing_ok=True)


def _reserve(path: Path) -> None:
    """Make a file with all of its space, unless there is one. No other process sees an incomplete one."""
    if path.exists():
        return
    new = path.with_suffix(".new")
    try:
        with new.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, SIZE)
        new.rename(path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
