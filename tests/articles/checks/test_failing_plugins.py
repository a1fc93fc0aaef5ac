"""A check of a plug-in that fails costs only its own findings."""

import logging
from unittest import mock

from django.test import TestCase
from django.urls import reverse

from articles.checks import Check, Finding, Location, Severity, run_checks
from tests.articles.checks.base import manuscript
from tests.factories import make_article, make_editor


def fails(self, text):
    raise ZeroDivisionError("no")


def fails_late(self, text):
    yield Finding("seen", Severity.BLOCKING, "Seen before.", Location("body"))
    raise AttributeError("manuscript.headline")


RUNS = {
    "raises": fails,
    "fails_late": fails_late,
    "nothing": lambda self, text: None,
    "words": lambda self, text: "words",
    "number": lambda self, text: 3,
    "tuples": lambda self, text: [("a", 1)],
    "no_place": lambda self, text: [Finding("x", Severity.ADVICE, "x", None)],
    "wrong_field": lambda self, text: [Finding("x", Severity.ADVICE, "x", Location(["body"]))],
    "no_severity": lambda self, text: [Finding("x", None, "x", Location("body"))],
    "wrong_image": lambda self, text: [Finding("x", Severity.ADVICE, "x", Location("body"), image="x.jpg")],
}


def of_a_plugin(name, run, **attributes):
    return type(
        f"Check_{name}", (), {"run": run, "articles_only": False, "__module__": "harbourmaster.checks"} | attributes
    )


class FailingTests(TestCase):
    def setUp(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)

    def among_ours(self, check):
        own = Check.__subclasses__()
        return mock.patch.object(Check, "__subclasses__", lambda: [check, *own])

    def test_it_is_named_as_advice_and_in_the_log(self):
        for severity in Severity:
            for name, run in RUNS.items():
                with (
                    self.subTest(name, severity=severity),
                    self.among_ours(of_a_plugin(name, run, severity=severity)),
                    self.assertLogs("articles.checks", "ERROR") as logs,
                ):
                    found = run_checks(manuscript())
                    self.assertIn("harbourmaster", logs.output[0])
                    self.assertEqual(found[-1].severity, Severity.ADVICE)
                    self.assertIn(f"“Check_{name}” of the plug-in “harbourmaster” failed", found[-1].message)
                    essential = run_checks(manuscript(), minimum=Severity.BLOCKING)
                    self.assertEqual(
                        [finding.check for finding in essential], ["seen"] * (name == "fails_late" and severity > 1)
                    )

    def test_one_that_cannot_be_made_or_has_no_severity(self):
        def init(self):
            raise RuntimeError("no")

        for check in (
            of_a_plugin("a", fails),
            of_a_plugin("b", fails, __init__=init),
            of_a_plugin("c", fails, severity="x"),
        ):
            with self.among_ours(check), self.assertLogs("articles.checks", "ERROR"):
                self.assertIn("harbourmaster", run_checks(manuscript())[-1].message)

    def test_the_editor_stays_open(self):
        article = make_article()
        self.client.force_login(make_editor())
        with (
            self.among_ours(of_a_plugin("raises", fails, severity=Severity.BLOCKING)),
            self.assertLogs("articles.checks"),
        ):
            for page in ("change", "publish", "checks"):
                answer = self.client.get(reverse(f"admin:articles_article_{page}", args=[article.pk]))
                self.assertContains(answer, "of the plug-in “harbourmaster” failed")
