"""The benchmarks run on sample data of their own. Their figures are not tested."""

import json
import sqlite3
from io import StringIO
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import SimpleTestCase, tag

from articles import search
from articles.models import SearchEntry, SearchWord, Version
from articles.services.denormalise import rerender, served_versions
from subscriptions.models import User
from truthlytics.bench.corpus import Corpus
from truthlytics.bench.measure import MeasurementError
from truthlytics.bench.results import Row, at_least, at_most
from truthlytics.bench.site import check_database, own_site
from truthlytics.env import VAR_DIR
from truthlytics.management.commands.bench import table


def run(*args):
    out = StringIO()
    call_command("bench", *args, stdout=out, stderr=StringIO())
    return out.getvalue()


@tag("bench")
class BenchTests(SimpleTestCase):
    # Benchmarks use an SQLite file of their own and never open the test database.
    databases = {"default"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = sqlite3.connect(":memory:")
        cls.addClassCleanup(cls.template.close)
        cls.enterClassContext(mock.patch("truthlytics.bench.site.call_command", cls.migrate_or_copy))

    @classmethod
    def migrate_or_copy(cls, command, **options):
        """Migrate the first database of these tests, and copy it to the others."""
        if cls.template.execute("SELECT count(*) FROM sqlite_schema").fetchone() == (0,):
            call_command(command, **options)
            connection.connection.backup(cls.template)
        else:
            cls.template.backup(connection.connection)

    def test_reading_returns_rows_and_cleans_up(self):
        before = (connection.settings_dict["NAME"], settings.MIDDLEWARE, settings.PAGE_CACHE_FILE)
        rows = json.loads(run("reading", "--articles=60", "--comments=60", "--quick", "--json"))
        self.assertEqual({tuple(row) for row in rows}, {("name", "value", "unit", "goal", "holds")})
        self.assertEqual(len({row["name"] for row in rows}), len(rows))
        for row in rows:
            with self.subTest(row["name"]):
                self.assertGreaterEqual(row["value"], 0)
                self.assertEqual(row["holds"] is None, row["goal"] == "")
        self.assertEqual(before, (connection.settings_dict["NAME"], settings.MIDDLEWARE, settings.PAGE_CACHE_FILE))
        self.assertEqual(list((VAR_DIR / "bench").glob("reading-*")), [])

    def test_copied_articles_equal_published_and_indexed_ones(self):
        with mock.patch("truthlytics.bench.archive.TEXTS", 60), own_site("archive"):
            Corpus().fill(130, lambda message: None)
            self.assertEqual(rerender(served_versions()), 0)
            call_command("verify_record", stdout=StringIO())
            entries = SearchEntry.objects.order_by("-id").values_list("id", "article", "version", "published_at")
            word = Version.objects.get(article__slug="article-70").plain_free.split()[0]
            before = (list(entries), search.find(word, level=0).versions, SearchWord.objects.count())
            self.assertEqual(len(before[0]), 130)
            call_command("rebuild_search", verbosity=0, stdout=StringIO())
            self.assertEqual((list(entries), search.find(word, level=0).versions, SearchWord.objects.count()), before)
            Corpus().fill(130, lambda message: None)  # reuses the archive
            with self.assertRaisesMessage(MeasurementError, "another archive (130)"):
                Corpus().fill(200, lambda message: None)

    def test_a_real_site_is_never_filled(self):
        with mock.patch("truthlytics.bench.site.MARKER", "x@example.org"), own_site("archive"):
            User.objects.create_user(email="a@example.org")
            with self.assertRaisesMessage(MeasurementError, "contains a site"):
                check_database()

    def test_search_returns_rows(self):
        rows = json.loads(run("search", "--articles=60", "--quick", "--json"))
        self.assertTrue(any("p95" in row["name"] and row["goal"] for row in rows))
        self.assertEqual(len({row["name"] for row in rows}), len(rows))

    def test_newsroom_returns_rows_and_keeps_query_goals(self):
        rows = {row["name"]: row for row in json.loads(run("newsroom", "--articles=60", "--quick", "--json"))}
        for name in ("list of articles: queries", "dashboard: queries", "palette, one word: queries"):
            self.assertTrue(rows[name]["holds"], name)
        (editor,) = (row for name, row in rows.items() if name.startswith("editor, ") and "queries" in name)
        self.assertTrue(editor["holds"], editor)
        self.assertIn("autosave of that article, round trip", rows)
        self.assertIn("checks of that article, round trip", rows)

    def test_subscriptions_returns_rows_and_keeps_query_goals(self):
        rows = json.loads(run("subscriptions", "--quick", "--json"))
        self.assertEqual([row["name"] for row in rows if row["unit"] == "" and not row["holds"]], [])
        self.assertIn("revenue of 60 months, 400 payments", {row["name"] for row in rows})

    def test_comments_returns_rows_and_keeps_goals_that_are_counts(self):
        rows = json.loads(run("comments", "--articles=60", "--comments=60", "--quick", "--json"))
        self.assertEqual([row["name"] for row in rows if row["unit"] == "" and row["holds"] is False], [])
        self.assertIn("200 votes: threads purged", {row["name"] for row in rows})

    def test_invalid_options_are_errors(self):
        for args, message in [(["nothing"], "no benchmark"), (["reading", "--articles=1"], "--articles must be")]:
            with self.subTest(message), self.assertRaisesMessage(CommandError, message):
                run(*args)

    def test_goals_are_checked_with_rounded_values(self):
        rows = [at_most(1.2, "a", 1.204), at_most(1.2, "b", 1.206), at_least(0.9, "c", 0.5), Row("d", 3, "")]
        self.assertEqual([row.holds for row in rows], [True, False, False, None])
        self.assertIn("≤ 1.2  yes", table(rows))
