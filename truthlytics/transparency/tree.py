"""Reading the tree of a log from the database: hashes of any range, tiles, and bundles of entries."""

from truthlytics.transparency.merkle import consistency_proof, fold, inclusion_proof, root_of
from truthlytics.transparency.models import Log, LogEntry, Subtree

# Hashes of a full tile, and the height of the subtree that it covers.
TILE, TILE_HEIGHT = 256, 8


class Tree:
    """The tree of `log`. Tiles that were read are kept, so use one only briefly."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def tile(self, level: int, index: int) -> list[bytes]:
        """Return the hashes of a tile as far as they are known: at most 256."""
        if (level, index) not in self._tiles:
            self._tiles[level, index] = [bytes.fromhex(hash_) for hash_ in self._stored(level, index)]
        return self._tiles[level, index]

    def _stored(self, level: int, index: int) -> list[str]:
        start = index * TILE
        if level:
            nodes = Subtree.objects.filter(log=self.log, level=level, index__range=(start, start + TILE - 1))
            return list(nodes.order_by("index").values_list("hash", flat=True))
        entries = LogEntry.objects.filter(log=self.log, position__range=(start, start + TILE - 1))
        return list(entries.order_by("position").values_list("leaf_hash", flat=True))

    def hash_of(self, start: int, end: int) -> bytes:
        """Return the hash of the tree over the entries from `start` up to, but not including, `end`."""
        parts = []
        while start < end:
            # The largest complete subtree that begins at `start`.
            height = (end - start).bit_length() - 1
            while start & ((1 << height) - 1):
                height -= 1
            parts.append(self._complete(height, start >> height))
            start += 1 << height
        return fold(parts)

    def _complete(self, height: int, index: int) -> bytes:
        level, rest = divmod(height, TILE_HEIGHT)
        first = index << rest
        tile, offset = divmod(first, TILE)
        return root_of(self.tile(level, tile)[offset : offset + (1 << rest)])

    def inclusion_proof(self, index: int, size: int) -> list[bytes]:
        return inclusion_proof(index, size, self.hash_of)

    def consistency_proof(self, old: int, new: int) -> list[bytes]:
        return consistency_proof(old, new, self.hash_of)


def bundle(log: Log, index: int, width: int) -> bytes:
    """Return `width` entries from `index` × 256 on, each behind its length in two bytes."""
    start = index * TILE
    entries = LogEntry.objects.filter(log=log, position__range=(start, start + width - 1)).order_by("position")
    leaves = [leaf.encode() for leaf in entries.values_list("leaf", flat=True)]
    return b"".join(len(leaf).to_bytes(2, "big") + leaf for leaf in leaves)
