"""The Merkle tree of RFC 6962, section 2.1, with SHA-256: roots, and proofs of inclusion and consistency.

To anyone who has a root, these prove that an entry belongs to its tree (inclusion), and that a later tree only added to
an earlier one (consistency). Hashes are 32 bytes.
"""

import hashlib
from collections.abc import Callable, Sequence

# Returns the hash of the tree over the entries from `start` up to, but not including, `end`.
HashOf = Callable[[int, int], bytes]
EMPTY_ROOT = hashlib.sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def split_size(size: int) -> int:
    """Return the largest power of two that is smaller than `size`, which is at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root of the tree over leaves with these hashes."""
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        pairs = [node_hash(left, right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


class Frontier:
    """The hashes of the complete subtrees that a tree of `size` entries consists of, largest first.

    They are all that is needed to add entries and to compute the root.
    """

    def __init__(self, size: int, hashes: Sequence[bytes]) -> None:
        self.size, self.hashes = size, list(hashes)

    def add(self, hash_: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf. Returns the subtrees that are complete now: height, index among those of this height, hash."""
        complete, height = [], 0
        while self.size >> height & 1:
            hash_ = node_hash(self.hashes.pop(), hash_)
            height += 1
            complete.append((height, self.size >> height, hash_))
        self.hashes.append(hash_)
        self.size += 1
        return complete

    @property
    def root(self) -> bytes:
        return fold(self.hashes)


def fold(hashes: Sequence[bytes]) -> bytes:
    """Return the root of a tree that consists of complete subtrees with these hashes, largest first."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = node_hash(left, root)
    return root


def inclusion_proof(index: int, size: int, hash_of: HashOf) -> list[bytes]:
    """Return the proof that entry `index` is in the tree of the first `size` entries."""

    def path(start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + split_size(end - start)
        if index < middle:
            return [*path(start, middle), hash_of(middle, end)]
        return [*path(middle, end), hash_of(start, middle)]

    return path(0, size)


def consistency_proof(old: int, new: int, hash_of: HashOf) -> list[bytes]:
    """Return the proof that the tree of `new` entries begins with the tree of `old` ones. Empty for 0 and for `new`."""

    def path(start: int, end: int, *, is_known: bool) -> list[bytes]:
        if end == old:
            return [] if is_known else [hash_of(start, end)]
        middle = start + split_size(end - start)
        if old <= middle:
            return [*path(start, middle, is_known=is_known), hash_of(middle, end)]
        return [*path(middle, end, is_known=False), hash_of(start, middle)]

    return path(0, new, is_known=True) if 0 < old < new else []


def proves_inclusion(hash_: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Return whether `proof` shows that the leaf with this hash is entry `index` of the tree with `size` and `root`.

    The algorithm of RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        return False
    position, last, result = index, size - 1, hash_
    for sibling in proof:
        if last == 0:
            return False
        if position & 1 or position == last:
            result = node_hash(sibling, result)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        position, last = position >> 1, last >> 1
    return last == 0 and result == root


def proves_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Return whether `proof` shows that the tree with `new` entries begins with the one with `old` entries.

    The algorithm of RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old <= new:
        return False
    if old in {0, new}:
        return not proof and (old_root == EMPTY_ROOT if old == 0 else old_root == new_root)
    hashes = list(proof)
    if old & (old - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        return False
    position, last = old - 1, new - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_result = new_result = hashes[0]
    for hash_ in hashes[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old_result, new_result = node_hash(hash_, old_result), node_hash(hash_, new_result)
            while position and not position & 1:
                position, last = position >> 1, last >> 1
        else:
            new_result = node_hash(new_result, hash_)
        position, last = position >> 1, last >> 1
    return last == 0 and old_result == old_root and new_result == new_root
