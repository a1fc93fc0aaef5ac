"""Cache invalidation shared by all workers of a machine, through a small memory-mapped file.

Each tag is hashed to one of 4,096 cells of eight bytes. Invalidating a tag writes a new random value to its cell. A
cached page or fragment stores the values of its tags' cells from before it was rendered, and is valid while they are
unchanged. One more cell, the epoch, changes after every other change: while it is unchanged, nothing was invalidated.
Two further cells have the number of the machine, and the time until which it knows of the changes of other machines.
"""

import mmap
import os
import secrets
import zlib
from collections.abc import Iterable
from pathlib import Path

SLOTS = 4096
# The golden ratio of 32 bits (Knuth, The Art of Computer Programming, 6.4), and how far to shift to get a cell.
MULTIPLIER, SHIFT = 2654435769, 20
EPOCH, MACHINE, FOLLOWED = SLOTS, SLOTS + 1, SLOTS + 2
WIDTH = 8
SIZE = (SLOTS + 3) * WIDTH

# The number of a cell and the value it had.
Stamp = tuple[int, int]


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
        """Return a copy of all values. Take it before rendering, so that no change during rendering is missed."""
        return memoryview(bytes(self.cells)).cast("Q")

    def stamps(self, tags: Iterable[str], snapshot: memoryview) -> tuple[Stamp, ...]:
        """Return the cell of each tag with its value in `snapshot`."""
        return tuple((slot, snapshot[slot]) for slot in sorted({slot_of(tag) for tag in tags}))

    def epoch(self) -> int:
        """Return the epoch. Read it before calling `are_current`: the result is valid while the epoch is unchanged."""
        return int(self.cells[EPOCH])

    def are_current(self, stamps: Iterable[Stamp]) -> bool:
        """Return whether none of the tags behind `stamps` has been invalidated."""
        return all(self.cells[slot] == value for slot, value in stamps)

    def machine(self) -> int:
        """Return a number that identifies this machine: all workers that share the file have it in common."""
        return int(self.cells[MACHINE])

    def followed_until(self) -> int:
        """Return until when (seconds since the epoch of Unix) all changes of other machines are known here."""
        return int(self.cells[FOLLOWED])

    def set_followed_until(self, time: float) -> None:
        self.cells[FOLLOWED] = int(time)

    def bump(self, tags: Iterable[str]) -> None:
        """Invalidate `tags`.

        The new values are random rather than counted, so that two concurrent writers cannot restore an old value.
        """
        for slot in [*{slot_of(tag) for tag in tags}, EPOCH]:
            self.cells[slot] = secrets.randbits(8 * WIDTH)

    def bump_all(self) -> None:
        """Invalidate everything."""
        self.cells[:SLOTS] = memoryview(secrets.token_bytes(SLOTS * WIDTH)).cast("Q")
        self.bump([])


def slot_of(tag: str) -> int:
    """Return the cell of `tag`. Tags that share a cell are invalidated together, which costs time but no accuracy."""
    # The checksum alone would give `thread:998` the cell of `teaser:982`, and so on for all numbers: a comment would
    # invalidate the lists that show an article with a similar number. Multiplying mixes all of its bits.
    return (zlib.crc32(tag.encode()) * MULTIPLIER & 0xFFFFFFFF) >> SHIFT
