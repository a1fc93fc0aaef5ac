"""A process for each group of periodic jobs, forked from one that has loaded the site and has no other thread.

The pages of memory that none of them changes are shared. The process that forks has no database connection meanwhile.
"""

import ctypes
import faulthandler
import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Event

from django.db import DatabaseError, InterfaceError, connections

from truthlytics.jobs.groups import Group, Job
from truthlytics.jobs.problems import record_failure
from truthlytics.jobs.running import run_group
from truthlytics.monitoring import sentry
from truthlytics.server.child import end_with_parent
from truthlytics.web.time_limits import end_process_after

logger = logging.getLogger(__name__)

FORK = multiprocessing.get_context("fork")
# Seconds for a job that has passed its limit to end by the exception that it got.
GRACE = 20


class Running(ctypes.Structure):
    """What a process is doing, in memory that it shares with its parent: the job, and when it began."""

    _fields_ = [("job", ctypes.c_char * 300), ("since", ctypes.c_double)]


class Child:
    """A forked process. `work` runs in it and gets a function that says whether it is to stop. SIGTERM stops it."""

    def __init__(self, name: str, work: Callable[[Callable[[], bool]], None]) -> None:
        self.name, self.work = name, work
        self.is_told = False
        # Errors of this process are only logged from now on.
        sentry.stop()
        self.process = FORK.Process(target=self._run, args=(os.getpid(),), name=name)
        # Blocked until the process has a handler of its own.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def _run(self, parent: int) -> None:
        stopping = Event()
        signal.set_wakeup_fd(-1)
        # Ctrl-C in a terminal is for the parent, which passes it on.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, lambda *_: stopping.set())
        end_with_parent(parent)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        faulthandler.enable()
        sentry.start()
        try:
            self.work(stopping.is_set)
        except Exception:
            logger.exception("The process %s has failed.", self.name)
            sys.exit(1)
        finally:
            connections.close_all()
            sentry.stop()

    @property
    def is_running(self) -> bool:
        return self.process.is_alive()

    @property
    def exit_code(self) -> int:
        return self.process.exitcode or 0

    def stop(self) -> None:
        """Tell it once to complete what it is doing. A worker takes a second signal as an order to end at once."""
        if not self.is_told:
            self.is_told = True
            self.process.terminate()


class GroupProcess(Child):
    """The process that runs the jobs of a group once."""

    def __init__(self, group: Group) -> None:
        self.group = group
        self.running = FORK.RawValue(Running)
        super().__init__(group.name, self.run_jobs)

    def run_jobs(self, is_stopping: Callable[[], bool]) -> None:
        if run_group(self.group, is_stopping, self.watch):
            sys.exit(1)

    @contextmanager
    def watch(self, job: Job) -> Iterator[None]:
        self.running.job, self.running.since = job.label.encode(), time.monotonic()
        with end_process_after(job.limit + GRACE):
            yield
        self.running.job = b""

    def record_end(self) -> None:
        """Write down which job has ended this process, if it was ended. To be called by the parent."""
        label = self.running.job.decode()
        if not label or not self.exit_code:
            return
        seconds = time.monotonic() - self.running.since
        (job,) = (job for job in self.group.jobs if job.label == label)
        if seconds >= job.limit:
            problem = f"It did not end within {job.limit:g} seconds."
        elif self.exit_code < 0:
            problem = f"Its process was ended by {signal.Signals(-self.exit_code).name}."
        else:
            problem = f"Its process ended with exit code {self.exit_code}."
        logger.error("Periodic job failed: %s. %s", label, problem)
        try:
            # Nothing can be written down while the database is unreachable.
            with suppress(DatabaseError, InterfaceError):
                record_failure(label, problem, seconds=seconds)
        finally:
            connections.close_all()
