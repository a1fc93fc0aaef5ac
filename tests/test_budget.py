"""What tests may cost is counted, reported, and limited in CI."""

import unittest
from unittest import mock

from django.test import SimpleTestCase

from tests.budget import BUDGET, QUIET_SECONDS, Costs, slowness, takes_longer


class Example(unittest.TestCase):
    def test_without_reason(self):
        pass

    @takes_longer("It asks every address.")
    def test_with_reason(self):
        pass


@takes_longer("Each starts a server.")
class ClassWithReason(unittest.TestCase):
    def test_any(self):
        pass


def load_tests(loader, standard_tests, pattern):
    """The classes above are examples."""
    return unittest.TestSuite([loader.loadTestsFromTestCase(BudgetTests)])


class BudgetTests(SimpleTestCase):
    def setUp(self):
        self.costs = Costs()
        tests = [Example("test_without_reason"), Example("test_with_reason"), ClassWithReason("test_any")]
        with mock.patch("tests.budget.process_time", side_effect=[0, 2, 2, 5, 5, 5.7]):
            for test in tests:
                self.costs.begin()
                self.costs.end(test)
        self.tests = tests

    def test_only_tests_without_a_reason_cost_too_much(self):
        self.assertEqual(self.costs.above(BUDGET), [self.tests[0]])
        self.assertEqual(self.costs.above(3), [])

    def test_report_names_the_dearest_first_with_their_reasons(self):
        report = self.costs.report()
        self.assertLess(report.index("It asks every address."), report.index("Each starts a server."))
        self.assertIn("of 6 s", report)
        self.assertIn("Without a reason (tests.budget.takes_longer) 1 cost more", report)

    def test_a_second_is_longer_on_a_busy_machine_and_never_shorter(self):
        for seconds, expected in ((3 * QUIET_SECONDS, 3), (QUIET_SECONDS / 2, 1)):
            with mock.patch("tests.budget.process_time", side_effect=[0, seconds]):
                self.assertAlmostEqual(slowness(), expected)
