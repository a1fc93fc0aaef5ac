"""`db_worker --tick`: the workers of several queues and the periodic jobs, each in a process of its own."""

import os
import signal
import time
from select import select
from types import SimpleNamespace
from unittest import mock

from django.core.management import call_command
from django.test import SimpleTestCase

from tests.truthlytics.server.test_supervisor import LIMIT, is_running
from truthlytics.jobs import processes
from truthlytics.jobs.groups import Group, Job
from truthlytics.jobs.processes import FORK
from truthlytics.management.commands import db_worker


class FakeWorker(SimpleNamespace):
    """Says that it runs, and does its work until it is told to stop."""

    def __init__(self, say, work=None):
        super().__init__(queue_names=["default"], say=say, work=work or self.wait, stopped=False)

    def configure_signals(self):
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopped", True))

    def wait(self):
        while not self.stopped:
            time.sleep(0.01)

    def run(self):
        self.say(f"worker {os.getpid()}")
        self.work()
        self.say("worker is done")


def run_jobs(group, is_stopping, watch):
    """Run the jobs without a database."""
    return [job.run(None) for job in group.jobs][:0]


class BackgroundTests(SimpleTestCase):
    def setUp(self):
        self.reading, self.writing = os.pipe()
        for fd in (self.reading, self.writing):
            self.addCleanup(os.close, fd)
        self.enterContext(mock.patch.multiple(db_worker, FIRST_TICK=0, TICK_INTERVAL=0.01, FIRST_DELAY=0.01))
        self.enterContext(mock.patch.object(processes, "run_group", run_jobs))

    def say(self, text):
        os.write(self.writing, f"{text}\n".encode())

    def start(self, *, workers=(), jobs=()):
        groups = [Group(str(number), (Job(str(number), job),)) for number, job in enumerate(jobs)]
        process = FORK.Process(target=db_worker.Background(list(workers), groups).run)
        process.start()
        self.addCleanup(process.join)
        self.addCleanup(process.terminate)
        return process

    def wait_for(self, text):
        """Return the next line that begins with `text`."""
        line = ""
        while select([self.reading], [], [], LIMIT)[0]:
            byte = os.read(self.reading, 1)
            if byte == b"\n":
                if line.startswith(text):
                    return line
                line = ""
            else:
                line += byte.decode()
        raise AssertionError(f"Nothing began with {text!r}.")

    def test_it_runs_the_jobs_again_and_again_until_it_is_stopped(self):
        process = self.start(jobs=[lambda now: self.say("job")])
        for _ in range(3):
            self.wait_for("job")
        process.terminate()
        process.join(LIMIT)
        self.assertEqual(process.exitcode, 0)

    def test_jobs_that_hang_keep_neither_other_groups_nor_workers(self):
        over = FORK.Event()
        self.start(
            workers=[FakeWorker(self.say, over.wait)],
            jobs=[lambda now: over.wait(), lambda now: self.say("job")],
        )
        self.addCleanup(over.set)
        self.wait_for("worker")
        for _ in range(3):
            self.assertEqual(self.wait_for(""), "job")

    def test_a_task_that_runs_is_completed(self):
        def work():
            time.sleep(0.2)
            self.say("task is done")

        process = self.start(workers=[FakeWorker(self.say, work)])
        self.wait_for("worker")
        process.terminate()
        process.join(LIMIT)
        self.assertEqual((self.wait_for("task"), process.exitcode), ("task is done", 0))

    def test_a_worker_that_is_killed_is_started_again(self):
        self.start(workers=[FakeWorker(self.say), FakeWorker(self.say)])
        first, second = (self.pid() for _ in range(2))
        os.kill(first, signal.SIGKILL)
        self.assertNotIn(self.pid(), (first, second))
        self.assertTrue(is_running(second))

    def test_its_processes_end_when_it_is_killed(self):
        process = self.start(workers=[FakeWorker(self.say)])
        worker = self.pid()
        process.kill()
        process.join()
        deadline = time.monotonic() + LIMIT
        while is_running(worker) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(is_running(worker))

    def pid(self):
        """Return the process id of the next worker that starts."""
        while not (line := self.wait_for("worker ").split())[1].isdecimal():
            pass
        return int(line[1])

    def test_each_name_gets_a_worker_of_its_own(self):
        with mock.patch.object(db_worker, "Background") as background, mock.patch("gc.freeze") as freeze:
            call_command("db_worker", "--queue-name", "default", "slow", "--tick")
        (workers,) = background.call_args.args
        freeze.assert_called_once_with()
        self.assertEqual([worker.queue_names for worker in workers], [["default"], ["slow"]])
