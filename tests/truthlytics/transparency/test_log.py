"""The tree, its files, and checkpoints."""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from tests.record_key import use_key
from truthlytics.transparency import keys
from truthlytics.transparency.merkle import (
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    proves_consistency,
    proves_inclusion,
    root_of,
)
from truthlytics.transparency.models import Log, LogEntry
from truthlytics.transparency.notes import Head, Note, Signer, VerifierKey
from truthlytics.transparency.services.checkpoints import obstacle
from truthlytics.transparency.services.entries import add, append_due, new_entry
from truthlytics.transparency.tree import Tree


class MerkleTests(TestCase):
    def test_proofs_of_all_small_trees(self) -> None:
        hashes = [leaf_hash(bytes([number])) for number in range(40)]

        def hash_of(start: int, end: int) -> bytes:
            return root_of_slow(hashes[start:end])

        frontier = Frontier(0, [])
        for size in range(1, len(hashes) + 1):
            frontier.add(hashes[size - 1])
            root = root_of_slow(hashes[:size])
            self.assertEqual(frontier.root, root)
            self.assertEqual(root_of(hashes[:size]), root)
            for index in range(size):
                proof = inclusion_proof(index, size, hash_of)
                self.assertTrue(proves_inclusion(hashes[index], index, size, proof, root))
                self.assertFalse(proves_inclusion(hashes[index - 1], index, size, proof, root) and size > 1)
            for old in range(size + 1):
                proof, old_root = consistency_proof(old, size, hash_of), root_of_slow(hashes[:old])
                self.assertTrue(proves_consistency(old, old_root, size, root, proof))
                self.assertFalse(proves_consistency(old, leaf_hash(b"other"), size, root, proof))


def root_of_slow(hashes: list[bytes]) -> bytes:
    """Compute a root as RFC 6962 defines it."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256(b"").digest()
    half = 1
    while half * 2 < len(hashes):
        half *= 2
    return hashlib.sha256(b"\x01" + root_of_slow(hashes[:half]) + root_of_slow(hashes[half:])).digest()


class KeyFolder(TestCase):
    def setUp(self) -> None:
        super().setUp()
        use_key(self)

    def add(self, count: int) -> None:
        at = datetime(2026, 5, 3, 9, tzinfo=UTC)
        with self.captureOnCommitCallbacks(execute=True):
            add(
                new_entry("version", item="article", uuid=uuid4(), at=at, number=number, digest="0" * 64)
                for number in range(1, count + 1)
            )


class LogTests(KeyFolder):
    def test_entries_get_their_places_when_they_are_due(self) -> None:
        now, uuid = timezone.now(), uuid4()
        with self.captureOnCommitCallbacks(execute=True):
            add([new_entry("version", item="article", uuid=uuid, at=now + timedelta(hours=1), number=1)])
            add([new_entry("version", item="article", uuid=uuid4(), at=now - timedelta(hours=1), number=1)])
        self.assertEqual(list(LogEntry.objects.order_by("pk").values_list("position", flat=True)), [None, 0])
        append_due(now + timedelta(hours=2))
        self.assertEqual(list(LogEntry.objects.order_by("pk").values_list("position", flat=True)), [1, 0])
        self.assertEqual(Log.objects.current().size, 2)

    def test_no_two_entries_about_one_event(self) -> None:
        at, uuid = timezone.now(), uuid4()
        add([new_entry("version", item="article", uuid=uuid, at=at, number=1)])
        with self.assertRaises(IntegrityError), transaction.atomic():
            add([new_entry("version", item="article", uuid=uuid, at=at, number=1)])
        later = at + timedelta(hours=1)
        with self.assertRaises(IntegrityError), transaction.atomic():
            add([new_entry("version", item="article", uuid=uuid, at=later, number=1)])
        add(new_entry("withdrawal", item="article", uuid=uuid, at=time) for time in (at, later))

    def test_files_of_the_tree(self) -> None:
        self.add(600)
        log = Log.objects.current()
        leaves = list(LogEntry.objects.order_by("position").values_list("leaf", flat=True))
        hashes = [leaf_hash(leaf.encode()) for leaf in leaves]
        self.assertEqual(log.head.root, root_of(hashes))
        get = self.client.get
        self.assertEqual(get("/record/log/tile/0/001").content, b"".join(hashes[256:512]))
        self.assertEqual(get("/record/log/tile/0/002.p/88").content, b"".join(hashes[512:]))
        self.assertEqual(get("/record/log/tile/1/000.p/2").content, root_of(hashes[:256]) + root_of(hashes[256:512]))
        bundle = get("/record/log/tile/entries/002.p/88").content
        self.assertEqual(bundle[2 : 2 + int.from_bytes(bundle[:2])], leaves[512].encode())
        for missing in ("tile/0/002", "tile/0/002.p/89", "tile/0/x000/001", "tile/1/000.p/3", "tile/entries/002"):
            self.assertEqual(get(f"/record/log/{missing}").status_code, 404, missing)
        tree = Tree(log)
        for old, new in ((1, 600), (255, 257), (256, 600), (511, 512), (300, 599)):
            proof = tree.consistency_proof(old, new)
            self.assertTrue(proves_consistency(old, root_of(hashes[:old]), new, root_of(hashes[:new]), proof))
            self.assertTrue(
                proves_inclusion(hashes[old], old, new, tree.inclusion_proof(old, new), root_of(hashes[:new]))
            )

    def test_checkpoint_is_signed_by_the_key(self) -> None:
        self.add(3)
        log = Log.objects.current()
        note = Note.parse(self.client.get("/record/log/checkpoint").content.decode())
        key = VerifierKey.parse(log.keys.get().verifier_key)
        self.assertEqual(note.require_signature_by([key]), key)
        self.assertEqual(Head.parse(note.text), log.head)
        self.assertEqual(key, Signer(log.origin, keys.read_key()).verifier_key())

    def test_looking_for_problems_writes_nothing(self) -> None:
        self.assertEqual(obstacle(), "")
        keys.key_file().unlink()
        self.assertIn("is missing", obstacle())
        self.assertFalse(Log.objects.exists())

    def test_older_database_is_not_signed(self) -> None:
        self.add(3)
        self.assertEqual(obstacle(), "")
        log = Log.objects.current()
        Log.objects.filter(pk=log.pk).update(size=2, subtree_hashes=log.subtree_hashes[:1])
        self.assertIn("older than the last checkpoint", obstacle())
