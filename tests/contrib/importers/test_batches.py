"""Writing records in batches."""

from datetime import UTC, datetime
from unittest import mock

import time_machine
from django.db import connection, transaction
from django.test import tag
from django.test.utils import CaptureQueriesContext

from articles.models import Version
from comments.models import Comment
from tests.all_rows import all_rows
from tests.budget import takes_longer
from tests.contrib.importers.wordpress.files import comment, item, meta
from tests.contrib.importers.wordpress.test_import import TERMS
from tests.contrib.importers.wordpress.test_import import ImportCase as WordPressCase
from tests.factories import make_draft
from truthlytics.contrib.importers import plan, progress, writer
from truthlytics.contrib.importers.creation import create
from truthlytics.contrib.importers.models import ImportedObject

NOW = datetime(2026, 5, 6, 12, tzinfo=UTC)


class Killed(BaseException):
    """Raised where a process is killed."""


def items(number):
    """Return records of all kinds: articles with comments and links, a page, drafts, and two with the same address."""
    for n in range(1, number + 1):
        more = TERMS + meta("_wp_old_slug", f"old-{n // 2}") + comment(10 * n) + comment(10 * n + 1, parent=10 * n)
        yield item(n, title=f"Number {n}", content=f'See <a href="/?p={n - 1}">it</a>.', more=more)
    yield item(number + 1, wp_post_type="page", wp_post_name="us", more=meta("_wp_old_slug", "we"))
    yield item(number + 2, wp_status="draft", more=comment(5))
    yield item(number + 3, wp_status="future", wp_post_date_gmt="2040-01-01 08:00:00", wp_comment_status="closed")


class Undo(Exception):
    """Raised to roll back."""


class BatchTests(WordPressCase):
    def state_after(self, records, size=100):
        """Return all rows after importing `records`, and the losses. Rolls back."""
        try:
            with mock.patch.object(writer, "BATCH_SIZE", size), transaction.atomic():
                # The progress of a run depends on how long it takes.
                with time_machine.travel(NOW, tick=False), mock.patch.object(progress, "INTERVAL", 3600):
                    losses = self.run_import(*records)[2]
                state = all_rows(), sorted(losses)
                raise Undo
        except Undo:
            return state

    @tag("sqlite")  # Some columns contain keys, which PostgreSQL does not use again after a rollback.
    # Otherwise, no two versions have the same digests.
    @mock.patch("articles.integrity.secrets.token_hex", lambda size: "00" * size)
    def test_the_rows_do_not_depend_on_the_size_of_the_batches(self):
        together, one_by_one = (self.state_after(items(6), size) for size in (100, 1))
        self.assertEqual(together, one_by_one)
        rows, losses = together
        self.assertEqual([len(rows[name]) for name in ("Version", "PageVersion", "Comment")], [7, 1, 13])
        self.assertIn(("address", "/2014/05/old-1 already redirects to something else."), losses)

    @takes_longer("A whole site is imported or exported.")
    def test_the_number_of_queries_does_not_grow(self):
        def queries(number):
            with CaptureQueriesContext(connection) as captured:
                self.state_after(items(number))
            return len(captured)

        self.assertEqual(queries(3), queries(20))

    def test_a_killed_import_can_be_run_again(self):
        def killed(new, run):
            if new[0].record.source_id == "5":
                raise Killed
            create(new, run)

        records = [*items(6)]
        with mock.patch.object(writer, "BATCH_SIZE", 4):
            with mock.patch.object(writer, "create", killed), self.assertRaises(Killed):
                self.run_import(*records)
            self.assertEqual(ImportedObject.objects.filter(kind="article").count(), 4)
            self.run_import(*records)
        self.assertEqual(Version.objects.count(), 7)
        self.assertEqual(Comment.objects.count(), 13)

    def test_a_record_that_the_database_refuses_does_not_lose_the_others(self):
        def plan_and_take_address(entries):
            made = plan.make_plan(entries)
            make_draft(slug="item-2")
            return made

        with mock.patch("truthlytics.contrib.importers.run.make_plan", plan_and_take_address):
            _, _, losses = self.run_import(*items(4))
        self.assertIn("slug", dict(losses)["refused"])
        imported = ImportedObject.objects.exclude(kind="comment").order_by("pk")
        self.assertEqual([row.source_id for row in imported], ["1", "3", "4", "5", "6", "7"])
