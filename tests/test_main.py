"""Tests run with the features that they are about."""

import os
from unittest import mock

from django.test import SimpleTestCase

from tests.__main__ import FOLDER, runs_for, runs_of
from truthlytics.env import FEATURES


class RunsTests(SimpleTestCase):
    def setUp(self):
        self.enterContext(mock.patch.dict(os.environ))
        for name in ("FEATURES", "DATABASE_URL"):
            os.environ.pop(name, None)

    def test_all_tests_are_those_of_the_core_of_each_feature_and_of_a_whole_site(self):
        core, *others, whole = runs_of([])
        self.assertEqual((core.features, core.options), ("", ("--exclude-tag", "all_features")))
        self.assertLessEqual({"tests.articles", "tests.comments", "tests.test_main"}, set(core.labels))
        self.assertFalse(any("contrib" in label for label in core.labels))
        self.assertEqual([run.labels for run in others], [[f"tests.contrib.{name}"] for name in FEATURES])
        self.assertEqual((whole.features, whole.options), (",".join(FEATURES), ("--tag", "all_features")))
        self.assertLessEqual({"tests.truthlytics", "tests.contrib.test_switched_off"}, set(whole.labels))

    def test_a_feature_runs_with_what_it_requires_and_nothing_else(self):
        (run,) = runs_of(["tests.contrib.mcp.test_tools", "tests/contrib/mcp/"])
        self.assertEqual(run.labels, ["tests.contrib.mcp.test_tools", "tests.contrib.mcp"])
        self.assertEqual(run.features, "quotations,api,mcp")

    def test_labels_of_several_features_are_divided(self):
        runs = runs_of(["tests.contrib.quotations.test_check", "tests/test_budget.py", "tests.contrib.importers.ghost"])
        self.assertEqual([run.features for run in runs], ["", "importers", "quotations"])
        self.assertEqual(runs[0].labels, ["tests.test_budget"])

    def test_a_class_in_a_file_with_tests_of_a_whole_site_runs_both_ways(self):
        label = "tests.truthlytics.upgrades.test_squashed.SquashedTests.test_each"
        self.assertEqual([run.labels for run in runs_of([label])], [[label], [label]])

    def test_what_is_required_by_what_is_required_comes_too(self):
        with mock.patch("tests.__main__.FEATURES", {"a": (), "b": ("a",), "c": ("b",), "d": ()}):
            self.assertEqual(runs_of(["tests.contrib.c.test_x"])[0].features, "a,b,c")

    def test_each_test_runs_at_least_once(self):
        """A test that needs more features than its folder has would be left out without the last run."""
        tagged = {path for path in FOLDER.rglob("test_*.py") if '@tag("all_features")' in path.read_text()}
        *_others, whole = runs_of([])
        folders = [FOLDER.joinpath(*label.split(".")[1:]) for label in whole.labels]
        missing = [path for path in tagged if not {path.with_suffix(""), *path.parents} & {*folders}]
        self.assertEqual(missing, [])

    def test_the_whole_product_is_tested_at_once(self):
        for arguments, environ in (
            (["--tag", "browser"], {}),
            (["tests"], {"FEATURES": "importers"}),
            (["tests.contrib"], {"DATABASE_URL": "postgres://127.0.0.1/x"}),
        ):
            with self.subTest(arguments), mock.patch.dict(os.environ, environ):
                (run,) = runs_for(arguments)
                self.assertIsNone(run.features)
