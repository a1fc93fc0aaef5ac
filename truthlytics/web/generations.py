"""What has changed, known to every worker of the machine: a small file that all of them have mapped into memory.

Each tag belongs to one of 4,096 cells of eight bytes. Whoever changes what a tag stands for writes a new value there;
a kept page remembers the values that its tags had before it was made, and is good as long as they stand. One more cell,
the epoch, changes with each of the others, and after them: while it stands, nothing has changed at all.
"""

import mmap
import os
import secrets
import zlib
from collections.abc import Iterable
from pathlib import Path

SLOTS = 4096
EPOCH, MACHINE = SLOTS, SLOTS + 1
WIDTH = 8
SIZE = (SLOTS + 2) * WIDTH

# A cell, and the value that was found in it.
Mark = tuple[int, int]


class Generations:
    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Never truncated: other workers have it mapped.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if os.fstat(descriptor).st_size < SIZE:
                os.ftruncate(descriptor, SIZE)
            self.cells = memoryview(mmap.mmap(descriptor, SIZE)).cast("Q")
            if not self.cells[MACHINE]:
                self.cells[MACHINE] = secrets.randbits(8 * WIDTH - 2) + 1
        finally:
            os.close(descriptor)

    def snapshot(self) -> memoryview:
        """All values as they stand, to be taken before a page is made: a change in between is never missed."""
        return memoryview(bytes(self.cells)).cast("Q")

    def marks(self, tags: Iterable[str], snapshot: memoryview) -> tuple[Mark, ...]:
        """Cell and value of each tag in `snapshot`."""
        return tuple((slot, snapshot[slot]) for slot in sorted({slot_of(tag) for tag in tags}))

    def epoch(self) -> int:
        """To be read before `hold` is asked: what held then holds for as long as this stands."""
        return int(self.cells[EPOCH])

    def hold(self, marks: Iterable[Mark]) -> bool:
        """True while nothing that these marks stand for has changed."""
        return all(self.cells[slot] == value for slot, value in marks)

    def machine(self) -> int:
        """A number that all who have this file share, and nobody else has."""
        return int(self.cells[MACHINE])

    def bump(self, tags: Iterable[str]) -> None:
        """Say that what `tags` stand for has changed.

        A random value, not a count: two workers that write at once cannot end on a value that was there before.
        """
        for slot in [*{slot_of(tag) for tag in tags}, EPOCH]:
            self.cells[slot] = secrets.randbits(8 * WIDTH)

    def bump_all(self) -> None:
        """Say that anything may have changed."""
        self.cells[:SLOTS] = memoryview(secrets.token_bytes(SLOTS * WIDTH)).cast("Q")
        self.bump([])


def slot_of(tag: str) -> int:
    """The cell of `tag`. Two tags in one cell only purge more than they must."""
    return zlib.crc32(tag.encode()) % SLOTS
