"""What publishing, removing, withdrawing and importing adds to the transparency log."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from unittest import mock

import time_machine
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from articles.services import log_entries
from articles.services.corrections import supersede
from articles.services.expiry import cancel_expiry, schedule_expiry
from articles.services.publishing import (
    FirstPublication,
    publish,
    publish_first_versions,
    restore,
    unschedule,
    withdraw,
)
from articles.services.redaction import redact
from articles.services.scheduling import reschedule
from tests.articles.management.commands import run, tamper
from tests.factories import make_article, make_dossier, make_draft, make_editor, make_page, make_version
from truthlytics.transparency.models import Log, LogEntry

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def entries(item):
    """Kinds and numbers of the entries about `item`, in the order in which they appear."""
    rows = LogEntry.objects.filter(uuid=item.uuid).order_by("appears_at", "pk")
    return [(row.kind, row.number) if row.number else row.kind for row in rows]


def data(item, kind):
    return LogEntry.objects.filter(uuid=item.uuid, kind=kind).latest("pk").data


class EntryTests(TestCase):
    def setUp(self):
        self.travel = self.enterContext(time_machine.travel(NOW, tick=False))
        self.article = make_article()

    def tearDown(self):
        """Whatever a test does, the log fits what is published, with and without places in it."""
        verified = run("verify_record")
        self.assertIn("Verified the transparency log", verified)
        log_entries.add_due(timezone.now())
        self.assertNotIn("wait", run("verify_record"))

    def correct(self, **columns):
        columns = {"headline": "Second", "kind": "correction", "note": "Wrong.", "by": make_editor()} | columns
        return make_version(self.article, **columns)

    def test_versions_and_corrections_with_their_digests(self):
        version = self.correct()
        self.assertEqual(entries(self.article), [("version", 1), ("version", 2), ("correction", 2)])
        self.assertEqual(
            data(self.article, "version"),
            {
                "kind": "version",
                "item": "article",
                "uuid": str(self.article.uuid),
                "number": 2,
                "digest": version.digest,
                "time": "2026-05-06T12:00:00Z",
            },
        )
        self.assertEqual(data(self.article, "correction")["digest"], version.correction.digest)
        page, dossier = make_page(), make_dossier(self.article)
        self.assertEqual([data(page, "version")["item"], data(dossier, "version")["item"]], ["page", "dossier"])

    def test_superseded_correction_stays_and_a_scheduled_version_gets_a_new_entry(self):
        version = self.correct()
        scheduled = self.correct(headline="Third", kind="update", at=NOW + DAY)
        supersede(correction=version.correction, kind="clarification", sentence="It was.", by=make_editor())
        self.assertEqual(
            entries(self.article)[1:],
            [("version", 2), ("correction", 2), ("version", 4), ("correction", 4), ("version", 5), ("correction", 5)],
        )
        self.assertEqual(scheduled.number, 3)

    def test_scheduled_version_waits_and_is_replaced_or_cancelled(self):
        for item in (make_draft(), make_page(published=False)):
            with self.subTest(type(item).__name__):
                publish(item=item, at=NOW + DAY)
                publish(item=item, at=NOW + 2 * DAY)
                reschedule(item=item, at=NOW + HOUR, seen=2)
                self.assertEqual(entries(item), [("version", 3)])
                self.assertEqual(data(item, "version")["time"], "2026-05-06T13:00:00Z")
                unschedule(item=item)
                self.assertEqual(entries(item), [])

    def test_scheduled_version_gets_its_place_when_it_appears(self):
        self.correct(at=NOW + HOUR)
        log_entries.add_due(NOW)
        self.assertEqual(LogEntry.objects.waiting().count(), 2)
        self.travel.shift(HOUR)
        self.assertEqual(log_entries.add_due(timezone.now()), 2)

    def test_imports_are_marked(self):
        drafts = [make_draft(), make_draft()]
        publish_first_versions([FirstPublication(draft, NOW - DAY, "") for draft in drafts])
        page = make_page(published=False)
        publish(item=page, essential_checks_only=True)
        self.assertTrue(all(data(item, "version")["imported"] for item in (*drafts, page)))
        self.assertNotIn("imported", data(self.article, "version"))

    def test_removal_of_a_text_names_its_version(self):
        first = self.article.live
        self.correct()
        redact(item=self.article, version=first, reason="A court ordered it.")
        self.assertEqual(data(self.article, "removal")["digest"], first.digest)

    def test_withdrawals_and_restorations(self):
        for item in (self.article, make_page(), make_dossier(make_article())):
            with self.subTest(type(item).__name__):
                withdraw(item=item)
                self.travel.shift(HOUR)
                restore(item=item)
                self.travel.shift(HOUR)
                withdraw(item=item)
                self.assertEqual(entries(item), [("version", 1), "withdrawal", "restoration", "withdrawal"])

    def test_scheduled_removal_is_changed_and_cancelled(self):
        for item in (self.article, make_page(), make_dossier(make_article())):
            with self.subTest(type(item).__name__):
                schedule_expiry(item=item, at=NOW + DAY)
                schedule_expiry(item=item, at=NOW + 2 * DAY, seen=item.withdrawn_at)
                self.assertEqual(data(item, "withdrawal")["time"], "2026-05-08T12:00:00Z")
                cancel_expiry(item=item)
                self.assertEqual(entries(item), [("version", 1)])
                schedule_expiry(item=item, at=NOW + DAY)
                withdraw(item=item)
                self.assertEqual(data(item, "withdrawal")["time"], "2026-05-06T12:00:00Z")
                self.assertEqual(entries(item), [("version", 1), "withdrawal"])

    def test_what_nobody_has_seen_is_neither_withdrawn_nor_restored(self):
        for item in (make_draft(), make_page(published=False)):
            publish(item=item, at=NOW + DAY)
            withdraw(item=item)
            restore(item=item)
            schedule_expiry(item=item, at=NOW + 2 * DAY)
            self.assertEqual(entries(item), [("version", 1), "withdrawal"])
            unschedule(item=item)
            self.assertEqual(entries(item), [])


class ArchiveTests(TestCase):
    """What was published before there was a log."""

    @classmethod
    def setUpTestData(cls):
        with time_machine.travel(NOW - 9 * DAY, tick=False) as travel:
            cls.article = make_article()
            first = cls.article.live
            cls.page, cls.dossier = make_page(), make_dossier(cls.article)
            travel.shift(DAY)
            make_version(cls.article, headline="New", kind="correction", note="Wrong.", by=make_editor())
            redact(item=cls.article, version=first, reason="A court ordered it.")
            travel.shift(DAY)
            withdraw(item=cls.article)
            travel.shift(DAY)
            restore(item=cls.article)
            withdraw(item=cls.page)
            publish(item=cls.dossier, at=NOW + DAY)
        LogEntry.objects.cancel()
        Log.objects.update(created_at=NOW - DAY, archive_added_at=None)

    def setUp(self):
        self.enterContext(time_machine.travel(NOW, tick=False))

    def leaves(self):
        return [entry.data for entry in LogEntry.objects.exclude(position=None).order_by("position")]

    def test_it_is_added_once_in_order_of_time_and_marked(self):
        self.assertIn("not in the transparency log yet", run("verify_record"))
        self.assertEqual(log_entries.add_due(NOW), 9)
        leaves = self.leaves()
        kinds = ["version"] * 4 + ["correction", "withdrawal", "restoration", "withdrawal", "removal"]
        self.assertEqual([leaf["kind"] for leaf in leaves], kinds)
        self.assertEqual([leaf["time"] for leaf in leaves], sorted(leaf["time"] for leaf in leaves))
        self.assertTrue(all(leaf["imported"] for leaf in leaves))
        self.assertNotIn("imported", LogEntry.objects.waiting().get().data)
        self.assertEqual(log_entries.add_due(NOW), 0)
        self.assertIn("Verified the transparency log", run("verify_record"))

    def test_it_waits_while_other_machines_may_run_code_without_a_log(self):
        Log.objects.update(created_at=NOW - timedelta(minutes=1))
        self.assertEqual(log_entries.add_due(NOW), 0)

    def test_it_goes_on_after_an_interruption(self):
        written = []

        def add_twice(rows):
            written.append(rows)
            if len(written) == 3:
                raise OSError("The disk is full.")
            add(rows)

        add = log_entries.add
        with mock.patch.multiple(log_entries, BATCH=1, add=add_twice), self.assertRaises(OSError):
            log_entries.add_due(NOW)
        make_article()
        self.assertEqual(LogEntry.objects.exclude(position=None).count(), 0)
        self.assertEqual(log_entries.add_due(NOW), 10)
        self.assertEqual([leaf["kind"] for leaf in self.leaves()][-2:], ["removal", "version"])
        self.assertIn("Verified the transparency log", run("verify_record"))


class ComparisonTests(TestCase):
    """What `verify_record` finds although all chains are valid."""

    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        cls.version = make_version(cls.article, headline="New", kind="correction", note="Wrong.", by=make_editor())
        cls.page = make_page()
        withdraw(item=cls.page)
        withdraw(item=cls.article)
        restore(item=cls.article)
        log_entries.add_due(timezone.now())

    def assert_found(self, *texts):
        with self.assertRaises(CommandError) as caught:
            call_command("verify_record", stdout=StringIO())
        for text in texts:
            self.assertIn(text, str(caught.exception))

    def entry(self, kind, **fields):
        return LogEntry.objects.filter(kind=kind, **fields).order_by("position").first()

    def test_first_entry_that_was_changed_is_named(self):
        self.assertIn("Entries: 7, checkpoints: 0", run("verify_record"))
        for column, value, problem in [
            ("leaf", "{}", "Entry 1 was changed"),
            ("leaf_hash", "0" * 64, "Entry 1 was changed"),
            ("number", 9, "The columns of entry 1"),
            ("appears_at", NOW, "The columns of entry 1"),
            ("position", 99, "Entry 1 is missing."),
        ]:
            with self.subTest(column):
                entry = LogEntry.objects.get(position=1)
                before = getattr(entry, column)
                tamper(entry, **{column: value})
                self.assert_found(f"The transparency log {Log.objects.get().origin} failed: {problem}")
                tamper(entry, **{column: before})

    def test_tree_that_does_not_follow_from_the_entries_is_found(self):
        log = Log.objects.get()
        tamper(log, subtree_hashes="[]")
        self.assert_found("stored hashes of the log do not follow")
        tamper(log, size=log.size - 1)
        self.assert_found("failed: ")

    def test_row_without_an_entry_is_found(self):
        entry = self.entry("version", uuid=self.article.uuid)
        Log.objects.update(size=0, subtree_hashes=[])
        with connection.cursor() as cursor:
            cursor.execute("UPDATE transparency_logentry SET position = NULL, leaf_hash = '', added_at = NULL")
            cursor.execute("DELETE FROM transparency_logentry WHERE id = %s", [entry.pk])
        log_entries.add_due(timezone.now())
        self.assert_found(f"No entry is about version 1 of article {self.article.uuid}")

    def test_entry_without_its_row_is_found(self):
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM articles_pageversion")
        self.assert_found("Entry 3 is about version 1 of", f"page {self.page.uuid}, which is not there any more")

    def test_withdrawals_are_compared(self):
        tamper(self.page, withdrawn_at=None)
        self.assert_found(f"the withdrawal of page {self.page.uuid}, which is not withdrawn then")
        tamper(self.page, withdrawn_at=timezone.now() - DAY)
        self.assert_found(f"page {self.page.uuid}")
        tamper(self.page, withdrawn_at=self.entry("withdrawal", item="page").appears_at)
        run("verify_record")
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM articles_withdrawal")
        self.assert_found(f"the withdrawal of article {self.article.uuid}, but there is no such thing")
