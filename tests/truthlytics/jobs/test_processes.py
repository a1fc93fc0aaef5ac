"""Groups of jobs in processes of their own, whatever their jobs do."""

import os
import re
import signal
import time
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

from django.db import connections

from tests.transactions import TransactionTestCase
from truthlytics.jobs import processes
from truthlytics.jobs.groups import Group, Job
from truthlytics.jobs.models import JobProblem
from truthlytics.jobs.processes import GroupProcess


def never_end(now):
    while True:
        pass


def never_leave_c(now):
    """Raises no exception at its limit: a regular expression runs until it has an answer."""
    re.match(r"(a+)+$", "a" * 60 + "b")


def crash(now):
    os.kill(os.getpid(), signal.SIGSEGV)


class GroupProcessTests(TransactionTestCase):
    @contextmanager
    def started(self, *jobs):
        connections.close_all()
        with mock.patch.object(processes, "GRACE", 0.1), Path(os.devnull).open("w") as devnull:
            with mock.patch("sys.stderr", devnull):
                process = GroupProcess(Group("test", tuple(Job(*job) for job in jobs)))
            yield process
        process.process.join(30)

    def run_jobs(self, *jobs):
        with self.started(*jobs) as process:
            process.process.join(30)
        process.record_end()
        return dict(JobProblem.objects.values_list("job", "problem"))

    def test_a_job_that_never_ends_is_ended_and_named(self):
        problems = self.run_jobs(("endless", never_end, 0.1), ("second", lambda now: 1 / 0))
        self.assertEqual(problems, {"endless": "It did not end within 0.1 seconds.", "second": "division by zero"})

    def test_code_that_cannot_be_interrupted_is_ended_and_named(self):
        problems = self.run_jobs(("in C", never_leave_c, 0.1))
        self.assertEqual(problems, {"in C": "It did not end within 0.1 seconds."})
        self.assertIsNotNone(JobProblem.objects.get().next_attempt_at)

    def test_a_job_that_crashes_each_time_is_named_and_counted(self):
        for _ in range(2):
            JobProblem.objects.update(next_attempt_at=None)
            self.assertEqual(self.run_jobs(("crashes", crash)), {"crashes": "Its process was ended by SIGSEGV."})
        self.assertEqual(JobProblem.objects.get().failures, 2)

    def test_jobs_that_succeed_leave_nothing(self):
        JobProblem.objects.create(job="well", problem="x", failures=1, noticed_at="2026-01-01T00:00Z")
        self.assertEqual(self.run_jobs(("well", lambda now: 1)), {})

    def test_sigterm_lets_the_job_end_and_begins_no_other(self):
        reading, writing = os.pipe()

        def wait(now):
            os.write(writing, b"x")
            time.sleep(0.1)
            return 1

        with self.started(("first", wait), ("second", crash)) as process:
            os.read(reading, 1)
            process.stop()
        self.assertEqual(process.exit_code, 0)
