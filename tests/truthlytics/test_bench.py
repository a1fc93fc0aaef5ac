"""The benchmarks run, on a publication of their own. What they measure is no test."""

import json
from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import SimpleTestCase

from truthlytics.bench.rows import Row, at_least, at_most
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

    def test_what_it_cannot_do_is_one_sentence(self):
        for args, said in [(["nothing"], "no benchmark"), (["reading", "--articles=1"], "--articles takes")]:
            with self.subTest(said), self.assertRaisesMessage(CommandError, said):
                run(*args)

    def test_a_goal_is_judged_by_what_is_printed(self):
        rows = [at_most(1.2, "a", 1.204), at_most(1.2, "b", 1.206), at_least(0.9, "c", 0.5), Row("d", 3, "")]
        self.assertEqual([row.holds for row in rows], [True, False, False, None])
        self.assertIn("≤ 1.2  yes", table(rows))
