"""Making and replacing the key, and beginning a new log when one cannot be continued."""

from datetime import timedelta
from io import StringIO
from unittest import mock

from django.core.management import CommandError, call_command
from django.db import models
from django.utils import timezone

from articles.services.publishing import publish
from tests.articles.management.commands import tamper
from tests.factories import make_article, make_draft, make_page
from tests.truthlytics.transparency.test_log import KeyFolder
from truthlytics.transparency import keys
from truthlytics.transparency.models import Log, LogEntry, LogKey
from truthlytics.transparency.notes import Head, Note, Signer, VerifierKey
from truthlytics.transparency.outside.rules import Ledger
from truthlytics.transparency.services import rotation
from truthlytics.transparency.services.checkpoints import last_signed, obstacle, remember
from truthlytics.transparency.services.rotation import ensure_key


class CommandTestCase(KeyFolder):
    def setUp(self):
        super().setUp()
        with self.captureOnCommitCallbacks(execute=True):
            self.article = make_article()
        self.log = Log.objects.get()

    def run_command(self, *arguments):
        with self.captureOnCommitCallbacks(execute=True):
            call_command(*arguments, stdout=(said := StringIO()))
        return said.getvalue()

    def publish_another(self):
        with self.captureOnCommitCallbacks(execute=True):
            return make_article()

    def leaves(self, log):
        return [entry.data for entry in log.entries.exclude(position=None).order_by("position")]

    def check_from_outside(self, log):
        ledger = None
        for one in Log.objects.filter(number__lte=log.number).order_by("number"):
            known = list(one.keys.values_list("verifier_key", "from_size"))
            ledger = Ledger(one.origin, known[0][0], ledger)
            for entry in one.entries.exclude(position=None).order_by("position"):
                ledger.add(entry.leaf.encode())
            self.assertEqual((ledger.finish(), ledger.keys), ([], known))


class KeyTests(CommandTestCase):
    def test_a_key_is_made_once_and_its_public_part_shown(self):
        keys.key_file().unlink()
        models.QuerySet(LogKey).delete()
        self.assertIn("Made the key", self.run_command("record_key"))
        before = keys.key_file().read_bytes()
        self.assertEqual(keys.key_file().stat().st_mode & 0o777, 0o600)
        said = self.run_command("record_key")
        self.assertIn(str(Signer(self.log.origin, keys.read_key()).verifier_key()), said)
        self.assertEqual(keys.key_file().read_bytes(), before)

    def test_the_lost_key_of_a_log_is_not_made_again_unasked(self):
        keys.key_file().unlink()
        self.assertFalse(ensure_key())
        self.publish_another()
        self.assertIn("is missing", obstacle())
        self.assertEqual(self.log.checkpoints.count(), 1)

    def test_the_old_key_names_the_new_one_and_is_kept(self):
        old = keys.read_key()
        self.assertIn("The key was replaced.", self.run_command("record_key", "--rotate"))
        (kept,) = keys.key_file().parent.glob("key-until-*.pem")
        self.assertEqual(keys.read_key_in(kept).private_bytes_raw(), old.private_bytes_raw())
        self.publish_another()
        first, second = self.log.keys.all()
        checkpoints = [Note.parse(row.note) for row in self.log.checkpoints.order_by("size")]
        signers = [VerifierKey.parse(key.verifier_key) for key in (first, first, second)]
        for note, key in zip(checkpoints, signers, strict=True):
            self.assertEqual(note.require_signature_by([key]), key)
        self.assertEqual(second.from_size, 3)
        self.assertIn("Entries: 3, checkpoints: 3", self.run_command("verify_record"))
        self.check_from_outside(self.log)
        self.run_command("record_key", "--rotate")
        self.assertEqual(len(list(keys.key_file().parent.glob("key-until-*.pem"))), 2)
        self.run_command("verify_record")
        self.check_from_outside(self.log)

    def test_key_that_the_old_one_did_not_name_is_found(self):
        self.run_command("record_key", "--rotate")
        second = self.log.keys.last()
        for column, value, problem in [
            ("from_size", 9, "not used from there on"),
            ("verifier_key", "else", "is not one of the log’s keys"),
        ]:
            before = getattr(second, column)
            tamper(second, **{column: value})
            with self.subTest(column), self.assertRaisesMessage(CommandError, problem):
                self.run_command("verify_record")
            tamper(second, **{column: before})
        self.run_command("verify_record")

    def test_interrupted_rotation_is_finished_or_taken_back(self):
        before = keys.key_file().read_bytes()
        with (
            mock.patch.object(rotation, "_add_key", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.run_command("record_key", "--rotate")
        self.run_command("record_key")
        self.assertEqual((keys.key_file().read_bytes(), rotation.next_key_file().exists()), (before, False))
        with mock.patch.object(rotation, "finish_rotation", side_effect=OSError), self.assertRaises(OSError):
            rotation.rotate(timezone.now())
        self.assertIn("is not the one that has signed this log", obstacle())
        self.assertIn("Finished replacing the key.", self.run_command("record_key"))
        self.publish_another()
        self.assertEqual(obstacle(), "")
        self.run_command("verify_record")

    def test_missing_key_cannot_be_replaced(self):
        keys.key_file().unlink()
        with self.assertRaisesMessage(CommandError, "is missing"):
            self.run_command("record_key", "--rotate")


class NewLogTests(CommandTestCase):
    def setUp(self):
        super().setUp()
        with self.captureOnCommitCallbacks(execute=True):
            make_page()
            publish(item=make_draft(), at=timezone.now() + timedelta(days=1))

    def lose_newest_entries(self):
        """Let the checkpoint beside the key be newer than the database, as after a backup was restored."""
        head = Head(self.log.origin, 9, b"\x07" * 32)
        remember(str(Note(str(head), (Signer(self.log.origin, keys.read_key()).sign(str(head)),))))
        self.assertEqual(last_signed(), head)
        return head

    def assert_continues(self, head):
        log = Log.objects.current()
        self.assertEqual((log.number, log.origin), (2, "localhost:8000/record/log-2"))
        first, *rest = self.leaves(log)
        del first["time"]
        root = str(head).split("\n")[2]
        self.assertEqual(first, {"kind": "log", "previous": head.origin, "size": head.size, "root": root})
        self.assertEqual({(leaf["kind"], leaf["imported"]) for leaf in rest}, {("version", True)})
        self.assertEqual(len(rest), 2)
        (waiting,) = LogEntry.objects.waiting()
        self.assertEqual((waiting.log, "imported" in waiting.data), (log, False))
        self.publish_another()
        log.refresh_from_db()
        self.assertEqual((log.size, obstacle()), (4, ""))
        self.assertIn("Verified the transparency log", self.run_command("verify_record"))
        self.check_from_outside(log)
        self.assertEqual(self.client.get("/record/log-2/checkpoint").content.decode().split("\n")[1], "4")

    def test_restored_backup_goes_on_with_a_log_that_names_the_former_one(self):
        head = self.lose_newest_entries()
        self.assertIn("older than the last checkpoint", obstacle())
        self.assertIn("The former one had 9 entries.", self.run_command("new_log"))
        self.assert_continues(head)

    def test_lost_key_is_made_again_for_a_new_log(self):
        keys.key_file().unlink()
        head = self.log.checkpoints.latest("size").head
        self.assertIn("Made the key", self.run_command("new_log"))
        self.assert_continues(head)

    def test_newer_checkpoint_of_others_is_named(self):
        path = keys.key_file().parent / "copy"
        head = Head(self.log.origin, 12, b"\x08" * 32)
        path.write_text(str(Note(str(head), (Signer("other", keys.read_key()).sign(str(head)),))))
        self.run_command("new_log", "--last", str(path))
        self.assert_continues(head)

    def test_log_that_can_be_continued_is_not_replaced(self):
        with self.assertRaisesMessage(CommandError, "can be continued"):
            self.run_command("new_log")
        path = keys.key_file().parent / "copy"
        other = Head("else.example/log", 1, b"\x08" * 32)
        signed = str(Note(str(other), (Signer("x", keys.read_key()).sign(str(other)),)))
        for text, problem in [("no", "not a checkpoint"), (signed, "The current log is")]:
            path.write_text(text)
            with self.subTest(problem), self.assertRaisesMessage(CommandError, problem):
                self.run_command("new_log", "--last", str(path))
        self.assertEqual(Log.objects.count(), 1)
