"""The log is accepted by an implementation of the standard that others wrote."""

from typing import Any

import aics_tlog

from tests.budget import takes_longer
from tests.truthlytics.transparency.test_log import KeyFolder
from truthlytics.transparency import keys
from truthlytics.transparency.models import Log, LogEntry
from truthlytics.transparency.notes import WITNESS_KEY, Signer
from truthlytics.transparency.tree import Tree


class ServedTiles:
    """Reads tiles from the addresses of the site."""

    def __init__(self, client: Any) -> None:
        self.client = client

    def read_tile(self, level: int, index: int, width: int | None) -> bytes | None:
        return self.read(aics_tlog.tiles.tile_path(level, index, width))

    def read_entry_bundle(self, index: int, width: int | None) -> bytes | None:
        return self.read(aics_tlog.tiles.entry_bundle_path(index, width))

    def read(self, path: str) -> bytes | None:
        response = self.client.get(f"/record/log/{path}")
        return response.content if response.status_code == 200 else None


class StandardTests(KeyFolder):
    def setUp(self) -> None:
        super().setUp()
        self.add(300)
        self.old = Log.objects.current().head
        self.add(245)
        self.log = Log.objects.current()
        self.tiles = ServedTiles(self.client)

    @takes_longer("A log with many entries is made and verified.")
    def test_checkpoint(self) -> None:
        text = self.client.get("/record/log/checkpoint").content.decode()
        key = aics_tlog.parse_vkey(self.log.keys.get().verifier_key)
        self.assertEqual(str(aics_tlog.format_vkey(key)), self.log.keys.get().verifier_key)
        note = aics_tlog.parse_note(text)
        self.assertTrue(aics_tlog.verify_note(note, [key]))
        checkpoint = aics_tlog.parse_checkpoint(note.text)
        self.assertEqual((checkpoint.origin, checkpoint.size), (self.log.origin, 545))
        self.assertEqual(aics_tlog.tree_root_from_tiles(self.tiles, 545), checkpoint.root)
        changed = aics_tlog.parse_note(text.replace("\n545\n", "\n546\n"))
        self.assertFalse(aics_tlog.verify_note(changed, [key]))

    def test_entries_and_proofs(self) -> None:
        root = self.log.head.root
        for index in (0, 255, 256, 299, 300, 511, 544):
            leaf = aics_tlog.read_entry(self.tiles, index, 545)
            self.assertEqual(leaf.decode(), LogEntry.objects.get(position=index).leaf)
            ours = Tree(self.log).inclusion_proof(index, 545)
            self.assertEqual(ours, aics_tlog.inclusion_proof_from_tiles(self.tiles, index, 545))
            self.assertTrue(aics_tlog.verify_leaf_inclusion(leaf, index, 545, ours, root))
        ours = Tree(self.log).consistency_proof(self.old.size, 545)
        self.assertEqual(ours, aics_tlog.consistency_proof_from_tiles(self.tiles, self.old.size, 545))
        self.assertTrue(aics_tlog.verify_consistency(self.old.size, 545, self.old.root, root, ours))

    def test_cosignature(self) -> None:
        head = self.log.head
        signer = Signer("witness.example/record/witness", keys.read_key())
        signature = signer.cosign(str(head), 1_780_000_000)
        key = aics_tlog.cosignature_vkey(signer.name, signer.private_key.public_key())
        self.assertEqual(aics_tlog.format_vkey(key), str(signer.verifier_key(WITNESS_KEY)))
        self.assertEqual(signature.key_id, aics_tlog.key_hash(signer.name, WITNESS_KEY, key.public_key))
        public_key, state = signer.private_key.public_key(), (head.origin, head.size, head.root)
        self.assertTrue(aics_tlog.verify_cosignature(signature.data, signer.name, public_key, *state))
        self.assertFalse(
            aics_tlog.verify_cosignature(signature.data, signer.name, public_key, head.origin, 546, head.root)
        )
