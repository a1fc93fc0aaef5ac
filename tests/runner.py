"""The test runner: copies a migrated database, counts along, and lets CI fail if a test was skipped."""

import gc
import multiprocessing
import os
import sys
import unittest
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest import mock

from django.db import connection
from django.test.runner import DiscoverRunner, ParallelTestSuite, RemoteTestResult, RemoteTestRunner
from django.test.utils import override_settings

from articles.media.renditions import ENCODING
from articles.services import media
from tests import rate_windows, template_database
from tests.budget import LIMIT, Costs
from tests.same_on_postgresql import is_same
from truthlytics.cache.invalidation import site_generations
from truthlytics.server.workers import FRAME_SLOTS

LINE = 100


class Loader(unittest.TestLoader):
    """On PostgreSQL, leaves out tests without a database, and in CI those whose result is the same on SQLite."""

    def loadTestsFromTestCase(self, case: type[unittest.TestCase]) -> unittest.TestSuite:
        if connection.vendor != "sqlite" and not getattr(case, "databases", None):
            return unittest.TestSuite()
        return super().loadTestsFromTestCase(case)

    def getTestCaseNames(self, case: type[unittest.TestCase]) -> Sequence[str]:
        names = super().getTestCaseNames(case)
        if connection.vendor == "sqlite" or not os.environ.get("LEAVE_OUT_SAME"):
            return names
        return [name for name in names if not is_same(case, name)]


class Result(unittest.TextTestResult):
    """Ends each line of dots with the number of tests that have run, and counts what each of them costs."""

    total = 0

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.costs = Costs()

    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        rate_windows.begin_test()
        self.costs.begin()

    def stopTest(self, test: unittest.TestCase) -> None:
        self.costs.end(test)
        super().stopTest(test)
        if self.dots and (self.testsRun % LINE == 0 or self.testsRun == self.total):
            self.stream.writeln(f" {self.testsRun} of {self.total}")


class WorkerResult(RemoteTestResult):
    def startTest(self, test: unittest.TestCase) -> None:
        super().startTest(test)
        rate_windows.begin_test()


class Worker(RemoteTestRunner):
    """Runs tests in one of several processes, which share no page cache: each has a database of its own."""

    resultclass = WorkerResult

    def run(self, test: Any) -> Any:
        # Daemons may not start processes, as `tick` does.
        multiprocessing.current_process().daemon = False
        with TemporaryDirectory() as folder:
            path = Path(folder) / "page-generations"
            # Servers that tests start read the variable.
            with override_settings(PAGE_CACHE_FILE=path), mock.patch.dict(os.environ, PAGE_CACHE_FILE=str(path)):
                site_generations.cache_clear()
                return super().run(test)


class ParallelSuite(ParallelTestSuite):
    runner_class = Worker


class Runner(DiscoverRunner):
    test_loader = Loader()
    parallel_test_suite = ParallelSuite

    def get_resultclass(self) -> Any:
        return super().get_resultclass() or Result

    def setup_test_environment(self, **options: Any) -> None:
        """Encode images with the least effort, and keep their memory: no test is about how small they are."""
        super().setup_test_environment(**options)
        ENCODING["webp"]["method"], ENCODING["avif"]["speed"] = 0, 10
        mock.patch.object(media, "release_memory").start()
        rate_windows.use()
        # Ceilings are looked at after a number of requests of all tests together, which would be another one each time.
        for name in ("REQUESTS", "SIZE"):
            mock.patch(f"truthlytics.monitoring.stranger_limits.{name}", sys.maxsize).start()

    def setup_databases(self, **options: Any) -> Any:
        with (
            mock.patch.object(
                connection.creation, "create_test_db", partial(create, connection.creation.create_test_db)
            ),
            mock.patch.object(connection.creation, "clone_test_db", partial(clone, connection.creation.clone_test_db)),
        ):
            return super().setup_databases(**options)

    def run_suite(self, suite: Any, **options: Any) -> Any:
        Result.total = suite.countTestCases()
        # What has been loaded stays. Looking at it again and again takes a twelfth of the processor's time.
        gc.freeze()
        gc.set_threshold(20_000, 20, 20)
        return super().run_suite(suite, **options)

    def suite_result(self, suite: Any, result: Any, **options: Any) -> int:
        in_ci = bool(os.environ.get("CI"))
        skipped = result.skipped if in_ci else []
        for test, reason in skipped:
            self.log(f"SKIPPED: {test} ({reason}). CI allows no skipped tests.")
        costly = self.costly(result.costs) if in_ci and isinstance(result, Result) else []
        return super().suite_result(suite, result, **options) + len(skipped) + len(costly)

    def costly(self, costs: Costs) -> list[unittest.TestCase]:
        """Report what tests have cost, and return those that cost too much."""
        self.log(costs.report())
        costly = costs.above(LIMIT)
        for test in costly:
            self.log(f"ERROR: {test.id()} costs more than {LIMIT} s of the processor.")
        return costly


# Tests call as deeply as pages do. This takes a tenth off their time (truthlytics/server/workers.py says why).
for _method in (Runner.run_suite, Worker.run):
    _method.__code__ = _method.__code__.replace(co_stacksize=FRAME_SLOTS)


def create(create_test_db: Callable[..., str], **options: Any) -> str:
    """Create the test database from the template. The first run with these migrations makes the template."""
    if template_database.use():
        # Django deletes the file of SQLite unless it is told to keep it, and migrates it in both cases.
        return create_test_db(**options | {"keepdb": connection.vendor == "sqlite"})
    name = create_test_db(**options)
    template_database.store()
    return name


def clone(clone_test_db: Callable[..., None], **options: Any) -> None:
    """Close the connection before each copy: SQLite keeps the newest rows in a second file, which is not copied."""
    connection.close()
    if connection.vendor == "sqlite":
        settings = connection.creation.get_test_db_clone_settings(options["suffix"])
        template_database.remove_rest(Path(settings["NAME"]))
    clone_test_db(**options)
