"""The benchmarks run on sample data of their own. Their figures are not tested."""

import json
import os
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import SimpleTestCase, TestCase, tag

from articles import search
from articles.models import Article, SearchEntry, TopicEntry, Version
from subscriptions.models import User
from tests.transactions import TransactionTestCase
from truthlytics.env import VAR_DIR
from truthlytics.tools.bench import corpus
from truthlytics.tools.bench.benchmarks import BENCHMARKS
from truthlytics.tools.bench.corpus import Corpus
from truthlytics.tools.bench.results import MeasurementError, Row, at_most
from truthlytics.tools.bench.site import own_environment
from truthlytics.tools.management.commands.bench import table


def run(*args):
    out = StringIO()
    call_command("bench", *args, stdout=out, stderr=StringIO())
    return out.getvalue()


class OwnEnvironmentTests(SimpleTestCase):
    def test_measures_compiled_code(self):
        with mock.patch.dict(os.environ, {"PYTHONDONTWRITEBYTECODE": "1"}), own_environment("") as environment:
            self.assertNotIn("PYTHONDONTWRITEBYTECODE", environment)


@tag("bench")
class BenchTests(TransactionTestCase):
    def test_every_benchmark_returns_rows_and_cleans_up(self):
        before = set((VAR_DIR / "bench").glob("site-*"))
        with TemporaryDirectory() as folder:
            # A copy of the test database, since migrations would take half of the time.
            path = str(Path(folder) / "site.sqlite3")
            with connection.cursor() as cursor:
                cursor.execute("VACUUM INTO %s", [path])
            rows = json.loads(run("all", "--articles=60", "--quick", "--json", f"--database=sqlite:///{path}"))
        self.assertEqual({tuple(row) for row in rows}, {("name", "value", "unit", "goal", "holds")})
        self.assertEqual(len({row["name"] for row in rows}), len(rows))
        for row in rows:
            with self.subTest(row["name"]):
                self.assertGreater(row["value"], 0)
                self.assertEqual(row["holds"] is None, row["goal"] == "")
        for name in (
            "addresses once",
            "search for words",
            "last page",
            "revenue of 60 months",
            "moderation queue",
            "emails submitted",
        ):
            self.assertTrue(any(name in row["name"] for row in rows), name)
        self.assertEqual(set((VAR_DIR / "bench").glob("site-*")), before)

    def test_invalid_options_are_errors(self):
        for args, message in [(["nothing"], "no benchmark"), (["reading", "--articles=1"], "--articles must be")]:
            with self.subTest(message), self.assertRaisesMessage(CommandError, message):
                run(*args)

    def test_goals_are_checked_with_rounded_values(self):
        rows = [at_most(1.2, "a", 1.204, "×"), at_most(1.2, "b", 1.206), Row("d", 3, "")]
        self.assertEqual([row.holds for row in rows], [True, False, None])
        self.assertRegex(table(rows), "(?m)^a +1.2 × +≤ 1.2 +yes$")

    def test_names_are_those_of_the_documentation(self):
        self.assertEqual(
            list(BENCHMARKS),
            [
                *("reading", "search", "newsroom", "subscriptions", "comments", "newsletters", "transparency"),
                *(["api"] if "api" in settings.FEATURES else []),
                *(["quotations"] if "quotations" in settings.FEATURES else []),
                "statistics",
            ],
        )


@tag("bench")
class CorpusTests(TestCase):
    def fill(self, articles=18):
        with mock.patch.object(corpus, "TEXTS", 6):
            return Corpus(articles, lambda message: None)

    def test_copies_are_in_lists_and_found(self):
        self.fill()
        self.assertEqual((Article.objects.listed().count(), Version.objects.count()), (18, 18))
        self.assertEqual(TopicEntry.objects.count(), 18 * corpus.TOPICS_EACH)
        word = max(Version.objects.get(article__slug="article-4").headline.split(), key=len)
        found = set(search.find(word, level=0).versions)
        self.assertGreaterEqual(
            found, set(Version.objects.filter(article__slug__startswith="article-4").values_list("pk", flat=True))
        )
        newest = Article.objects.listed().order_by("-published_at")
        self.assertEqual(list(newest.values_list("slug", flat=True)[:7])[-2:], ["article-6", "article-1-1"])
        for entry in SearchEntry.objects.select_related("version__article"):
            self.assertEqual(entry.pk, SearchEntry.of(entry.version).pk)

    def test_an_archive_is_reused_but_not_another_one_or_a_real_site(self):
        self.fill()
        self.fill()
        self.assertEqual(Article.objects.count(), 18)
        with self.assertRaisesMessage(MeasurementError, "archive of 18 articles"):
            self.fill(24)
        User.objects.filter(email=corpus.MARKER).update(email="a@example.org")
        with self.assertRaisesMessage(MeasurementError, "contains a site"):
            self.fill()
