"""Every check runs, explains itself and is tested."""

import importlib
import inspect
import pkgutil

from django.test import SimpleTestCase

from articles.checks import Check, Severity, all_checks, run_checks
from articles.checks.images import MissingAltText
from tests.articles import checks as tests
from tests.articles.checks.base import FIGURE, CheckTestCase, manuscript
from tests.growth import LINEAR, growth


class CheckRegistryTests(SimpleTestCase):
    def test_every_check_is_documented_and_tested(self):
        for module in pkgutil.iter_modules(tests.__path__, f"{tests.__name__}."):
            importlib.import_module(module.name)
        tested = {case.check: dir(case) for case in CheckTestCase.__subclasses__()}
        for check in all_checks():
            with self.subTest(check.name()):
                self.assertNotEqual(inspect.getdoc(check), inspect.getdoc(Check))
                names = tested[check]
                self.assertTrue(any(name.startswith("test_reports") for name in names))
                self.assertTrue(any(name.startswith("test_accepts") for name in names))

    def test_every_module_is_imported(self):
        registered = set(all_checks())
        package = importlib.import_module("articles.checks")
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
        self.assertEqual(set(Check.__subclasses__()), registered)

    def test_names_are_unique(self):
        self.assertEqual(len({check.name() for check in all_checks()}), len(all_checks()))
        self.assertEqual(MissingAltText.name(), "missing-alt-text")

    def test_complete_text_has_no_findings(self):
        self.assertEqual(run_checks(manuscript()), [])

    def test_blocking_findings_come_first(self):
        findings = run_checks(manuscript(headline="x" * 90, body="<p>TK</p>"))
        self.assertEqual([finding.check for finding in findings], ["placeholder", "long-headline"])

    def test_minimum_severity(self):
        incomplete = manuscript(section=None, body="<p>TK</p>", standfirst="")
        self.assertEqual(len(run_checks(incomplete)), 3)
        self.assertEqual(len(run_checks(incomplete, minimum=Severity.BLOCKING)), 2)
        essential = run_checks(incomplete, minimum=Severity.ESSENTIAL)
        self.assertEqual([finding.check for finding in essential], ["missing-section"])

    def test_unusual_markup_is_handled(self):
        for body in [
            "",
            "<p></p>",
            "loose words TK",
            "<hr data-gate>",
            "<table><tbody><tr><td></td></tr></tbody></table>",
            "<ul><li><ul><li>TK</li></ul></li></ul>",
            "<blockquote></blockquote>",
            f"{FIGURE}<sup></sup>",
            "<p>" + "<strong>" * 300 + "TK" + "</strong>" * 300 + "</p>",
        ]:
            with self.subTest(body[:40]):
                run_checks(manuscript(body=body, headline="", standfirst=""))

    def test_long_text_is_checked_quickly(self):
        line = "<p>" + "Words that go on and on. " * 40 + '<sup data-footnote="A source."></sup><a href="/x/">x</a></p>'
        self.assertLess(growth(run_checks, manuscript(body=line * 20), manuscript(body=line * 60)), 3 * LINEAR)
