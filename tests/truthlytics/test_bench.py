"""The benchmarks run, on a publication of their own. What they measure is no test."""

import json
from io import StringIO
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import SimpleTestCase

from articles import search
from articles.models import SearchEntry, SearchWord, Version
from articles.services.denormalise import rerender, served_versions
from subscriptions.models import User
from truthlytics.bench.corpus import Corpus
from truthlytics.bench.measure import NotMeasured
from truthlytics.bench.results import Row, at_least, at_most
from truthlytics.bench.site import own_site, refuse_what_is_not_ours
from truthlytics.env import VAR_DIR
from truthlytics.management.commands.bench import table


def run(*args):
    out = StringIO()
    call_command("bench", *args, stdout=out, stderr=StringIO())
    return out.getvalue()


class BenchTests(SimpleTestCase):
    # A database of its own: the tests' one is never opened.
    databases = {"default"}

    def test_reading_says_what_it_promises_and_leaves_nothing(self):
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

    def test_copies_in_the_archive_are_what_publishing_and_indexing_would_have_made(self):
        with mock.patch("truthlytics.bench.archive.TEXTS", 60), own_site("archive"):
            Corpus().fill(130, lambda message: None)
            self.assertEqual(rerender(served_versions()), 0)
            call_command("verify_record", stdout=StringIO())
            pieces = SearchEntry.objects.order_by("-id").values_list("id", "article", "version", "published_at")
            word = Version.objects.get(article__slug="piece-70").plain_free.split()[0]
            before = (list(pieces), search.find(word, level=0).versions, SearchWord.objects.count())
            self.assertEqual(len(before[0]), 130)
            call_command("rebuild_search", verbosity=0, stdout=StringIO())
            self.assertEqual((list(pieces), search.find(word, level=0).versions, SearchWord.objects.count()), before)
            Corpus().fill(130, lambda message: None)  # taken as it is
            with self.assertRaisesMessage(NotMeasured, "another archive (130)"):
                Corpus().fill(200, lambda message: None)

    def test_nobodys_site_is_filled(self):
        with mock.patch("truthlytics.bench.site.MARK", "x@example.org"), own_site("archive"):
            User.objects.create_user(email="a@example.org")
            with self.assertRaisesMessage(NotMeasured, "somebody's site"):
                refuse_what_is_not_ours()

    def test_search_says_what_it_promises(self):
        rows = json.loads(run("search", "--articles=60", "--quick", "--json"))
        self.assertTrue(any("p95" in row["name"] and row["goal"] for row in rows))
        self.assertEqual(len({row["name"] for row in rows}), len(rows))

    def test_newsroom_says_what_it_promises(self):
        rows = {row["name"]: row for row in json.loads(run("newsroom", "--articles=60", "--quick", "--json"))}
        for name in ("list of articles: queries", "desk: queries", "palette, one word: queries"):
            self.assertTrue(rows[name]["holds"], name)
        (desk,) = (row for name, row in rows.items() if name.startswith("writing desk") and "queries" in name)
        self.assertTrue(desk["holds"], desk)
        self.assertIn("autosave of it, there and back", rows)
        self.assertIn("checks of it, there and back", rows)

    def test_what_it_cannot_do_is_one_sentence(self):
        for args, said in [(["nothing"], "no benchmark"), (["reading", "--articles=1"], "--articles takes")]:
            with self.subTest(said), self.assertRaisesMessage(CommandError, said):
                run(*args)

    def test_a_goal_is_judged_by_what_is_printed(self):
        rows = [at_most(1.2, "a", 1.204), at_most(1.2, "b", 1.206), at_least(0.9, "c", 0.5), Row("d", 3, "")]
        self.assertEqual([row.holds for row in rows], [True, False, False, None])
        self.assertIn("≤ 1.2  yes", table(rows))
