"""What has changed, known to every worker of the machine: a small file that all of them have mapped into memory.

Each tag belongs to one of 4,096 slots of eight bytes. Whoever changes what a tag stands for writes a new value there;
a kept page remembers the values that its tags had before it was made, and is good as long as they stand.
"""

import mmap
import os
import secrets
import zlib
from collections.abc import Iterable
from pathlib import Path

SLOTS = 4096
WIDTH = 8

Mark = tuple[int, bytes]


class Generations:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Never truncated: other workers have it mapped.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size < SLOTS * WIDTH:
                os.ftruncate(descriptor, SLOTS * WIDTH)
            self._map = mmap.mmap(descriptor, SLOTS * WIDTH)
        finally:
            os.close(descriptor)

    def snapshot(self) -> bytes:
        """All values as they stand, to be taken before a page is made: a change in between is never missed."""
        return self._map[:]

    def marks(self, tags: Iterable[str], snapshot: bytes) -> tuple[Mark, ...]:
        """Slot and value of each tag in `snapshot`."""
        slots = sorted({slot_of(tag) for tag in tags})
        return tuple((slot, snapshot[slot : slot + WIDTH]) for slot in slots)

    def hold(self, marks: Iterable[Mark]) -> bool:
        """True while nothing that these marks stand for has changed."""
        return all(self._map[slot : slot + WIDTH] == value for slot, value in marks)

    def bump(self, tags: Iterable[str]) -> None:
        """Say that what `tags` stand for has changed.

        A random value, not a count: two workers that write at once cannot end on a value that was there before.
        """
        for slot in {slot_of(tag) for tag in tags}:
            self._map[slot : slot + WIDTH] = secrets.token_bytes(WIDTH)


def slot_of(tag: str) -> int:
    """Where the value of `tag` begins. Two tags in one slot only purge more than they must."""
    return zlib.crc32(tag.encode()) % SLOTS * WIDTH
