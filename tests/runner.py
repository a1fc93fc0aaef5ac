"""The test runner: counts along, leaves pure tests to SQLite, and lets CI fail if a test was skipped."""

import os
import unittest
from typing import Any

from django.db import connection
from django.test.runner import DiscoverRunner

LINE = 100


class Loader(unittest.TestLoader):
    """Leaves out tests without a database, unless the database is SQLite: their result is the same on PostgreSQL."""

    def loadTestsFromTestCase(self, case: type[unittest.TestCase]) -> unittest.TestSuite:
        if connection.vendor != "sqlite" and not getattr(case, "databases", None):
            return unittest.TestSuite()
        return super().loadTestsFromTestCase(case)


class Result(unittest.TextTestResult):
    """Ends each line of dots with the number of tests that have run."""

    total = 0

    def stopTest(self, test: unittest.TestCase) -> None:
        super().stopTest(test)
        if self.dots and (self.testsRun % LINE == 0 or self.testsRun == self.total):
            self.stream.writeln(f" {self.testsRun} of {self.total}")


class Runner(DiscoverRunner):
    test_loader = Loader()

    def get_resultclass(self) -> Any:
        return super().get_resultclass() or Result

    def run_suite(self, suite: Any, **options: Any) -> Any:
        Result.total = suite.countTestCases()
        return super().run_suite(suite, **options)

    def suite_result(self, suite: Any, result: Any, **options: Any) -> int:
        skipped = result.skipped if os.environ.get("CI") else []
        for test, reason in skipped:
            self.log(f"SKIPPED: {test} ({reason}). CI allows no skipped tests.")
        return super().suite_result(suite, result, **options) + len(skipped)
