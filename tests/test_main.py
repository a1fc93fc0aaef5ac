"""Tests run with the features that they are about."""

import os
from unittest import mock

from django.test import SimpleTestCase

from tests.__main__ import Run, divided, runs_of
from truthlytics.env import FEATURES


class RunsTests(SimpleTestCase):
    def setUp(self):
        self.enterContext(mock.patch.dict(os.environ))
        for name in ("FEATURES", "DATABASE_URL"):
            os.environ.pop(name, None)

    def test_all_tests_are_those_of_the_core_and_of_each_feature(self):
        core, *others = runs_of([])
        self.assertEqual(core.features, "")
        self.assertLessEqual({"tests.articles", "tests.comments", "tests.test_main"}, set(core.labels))
        self.assertFalse(any("contrib" in label for label in core.labels))
        self.assertEqual([run.labels for run in others], [[f"tests.contrib.{name}"] for name in FEATURES])

    def test_a_feature_runs_with_what_it_requires_and_nothing_else(self):
        run = Run(["tests.contrib.mcp.test_tools", "tests.contrib.mcp"], "quotations,mcp")
        self.assertEqual(runs_of(["tests.contrib.mcp.test_tools", "tests/contrib/mcp/"]), [run])

    def test_labels_of_several_features_are_divided(self):
        runs = runs_of(["tests.contrib.quotations", "tests/articles/test_x.py", "tests.contrib.importers.ghost"])
        self.assertEqual([run.features for run in runs], ["", "importers", "quotations"])
        self.assertEqual(runs[0].labels, ["tests.articles.test_x"])

    def test_what_is_required_by_what_is_required_comes_too(self):
        with mock.patch("tests.__main__.FEATURES", {"a": (), "b": ("a",), "c": ("b",), "d": ()}):
            self.assertEqual([run.features for run in runs_of(["tests.contrib.c"])], ["a,b,c"])

    def test_the_whole_product_is_tested_at_once(self):
        for arguments, environ in (
            (["--tag", "browser"], {}),
            (["tests"], {"FEATURES": "importers"}),
            (["tests.contrib"], {"DATABASE_URL": "postgres://127.0.0.1/x"}),
        ):
            with self.subTest(arguments), mock.patch.dict(os.environ, environ):
                (run,) = divided(arguments)
                self.assertIsNone(run.features)
