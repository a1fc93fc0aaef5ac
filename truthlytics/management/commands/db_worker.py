"""The task worker of django-tasks-db, which here survives database failures and retries failed tasks."""

import gc
import logging
import os
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any, cast

from django.core.checks import Tags
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connections
from django.tasks import Task
from django.urls import get_resolver
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker, valid_interval

from truthlytics.jobs.groups import Group
from truthlytics.jobs.listed import GROUPS
from truthlytics.jobs.processes import Child, GroupProcess
from truthlytics.server.child import end_with_parent
from truthlytics.web import tasks
from truthlytics.web.mail_errors import EmailError
from truthlytics.web.queues import SLOW
from truthlytics.web.tasks import TaskRow
from truthlytics.web.time_limits import end_process_after, time_limit

logger = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0
# In seconds: the first periodic jobs after the start, when pages are served already, and the next ones.
FIRST_TICK, TICK_INTERVAL = 10, 60
# A process that has run for so long did not fail at its start.
HEALTHY = 60
# Seconds for a task that has passed its limit to end by the exception that it got.
GRACE = 20


def is_no_refused_email(record: logging.LogRecord) -> bool:
    """Return whether to log the record. `mail.deliver` has logged a refused email, in a line without a traceback."""
    return not (record.exc_info and isinstance(record.exc_info[1], EmailError))


class LimitedTask:
    """A task that is ended when it has run for `limit` seconds."""

    def __init__(self, task: "Task[Any, Any]", limit: float) -> None:
        self.task, self.limit = task, limit

    def __getattr__(self, name: str) -> Any:
        return getattr(self.task, name)

    def call(self, *args: object, **kwargs: object) -> Any:
        with end_process_after(self.limit + GRACE), time_limit(self.limit):
            return self.task.call(*args, **kwargs)


class PersistentResult:
    """A row of a task; `persist` records its outcome, however long that takes."""

    def __init__(self, row: TaskRow, persist: Callable[[Callable[[], object]], None]) -> None:
        self.row, self.persist = row, persist

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    @property
    def task(self) -> LimitedTask:
        return LimitedTask(self.row.task, tasks.limit_of(self.row))

    def set_successful(self, return_value: object) -> None:
        self.persist(lambda: self.row.set_successful(return_value))

    def set_failed(self, error: BaseException) -> None:
        self.persist(lambda: self.row.set_failed(error))


class PersistentWorker(Worker):
    """Waits for an unreachable database. A task that has run is recorded when it is back, and so not run again."""

    def run(self) -> None:
        def work() -> None:
            tasks.retry_interrupted(timezone.now())
            super(PersistentWorker, self).run()

        self.persist(work)

    def run_task(self, db_task_result: TaskRow) -> None:
        db_task_result.task_path = tasks.MOVED.get(db_task_result.task_path, db_task_result.task_path)
        super().run_task(cast(TaskRow, PersistentResult(db_task_result, self.persist)))
        self.persist(lambda: tasks.settle(db_task_result, timezone.now()))

    def persist(self, work: Callable[[], object]) -> None:
        """Call `work` until the database answers, or until the worker is to stop. Waiting makes no tables."""
        delay = FIRST_DELAY
        while True:
            started = time.monotonic()
            try:
                work()
                return
            except (InterfaceError, OperationalError) as error:
                if self.batch or not self.running or "no such table" in str(error):
                    raise
                if time.monotonic() - started > LONGEST_DELAY:
                    delay = FIRST_DELAY
                logger.warning("The database is unavailable (%s). Trying again in %d s.", str(error).strip(), delay)
                connections.close_all()
                time.sleep(delay)
                delay = min(delay * 2, LONGEST_DELAY)


@dataclass(eq=False)
class Queue:
    """A process that runs the tasks of some queues, and when it is started again if it has ended."""

    worker: PersistentWorker
    process: Child | None = None
    failures: int = 0
    started: float = 0
    start_at: float = 0

    def start(self) -> None:
        self.process, self.started = Child("-".join(self.worker.queue_names), self.work), time.monotonic()

    def work(self, is_stopping: Callable[[], bool]) -> None:
        if self.worker.queue_names == [SLOW]:
            # Images wait for pages and emails.
            os.nice(10)
        self.worker.configure_signals()
        if not is_stopping():
            self.worker.run()

    def note_end(self) -> None:
        """Start the process again after a delay, which grows while it keeps failing."""
        now = time.monotonic()
        self.failures = 1 if now - self.started >= HEALTHY else self.failures + 1
        delay = min(FIRST_DELAY * 2 ** min(self.failures - 1, 10), LONGEST_DELAY)
        self.process, self.start_at = None, now + delay
        names = ", ".join(self.worker.queue_names)
        logger.error("The worker for %s has ended. Starting it again in %g s.", names, delay)


class Background:
    """Runs each worker in a process of its own, and the groups of periodic jobs every minute, until SIGTERM or SIGINT.

    This process does nothing else, so it can start and end the others at any time.
    """

    def __init__(self, workers: list[PersistentWorker], groups: Sequence[Group] = GROUPS) -> None:
        self.queues = [Queue(worker) for worker in workers]
        self.groups = dict.fromkeys(groups)  # type: dict[Group, GroupProcess | None]
        self.next_tick = time.monotonic() + FIRST_TICK
        self.is_stopping = False

    def run(self) -> None:
        end_with_parent()
        signals = self.catch_signals()
        while True:
            if self.is_stopping:
                for process in self.processes():
                    process.stop()
            else:
                self.start_due()
            running = [process for process in self.processes() if process.is_running]
            if self.is_stopping and not running:
                return
            if wait([signals, *(process.process.sentinel for process in running)], self.seconds_to_wait()):
                self.drain(signals)
            self.note_ends()

    def catch_signals(self) -> int:
        """Return a descriptor that can be read when a signal has arrived."""
        reading, writing = os.pipe()
        for fd in (reading, writing):
            os.set_blocking(fd, False)
        signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            # Not more, because a signal may arrive while a process is being started.
            signal.signal(number, lambda *_: setattr(self, "is_stopping", True))
        return reading

    @staticmethod
    def drain(signals: int) -> None:
        with suppress(BlockingIOError):
            os.read(signals, 1024)

    def processes(self) -> Iterator[Child]:
        yield from (queue.process for queue in self.queues if queue.process)
        yield from (process for process in self.groups.values() if process)

    def start_due(self) -> None:
        """Start the workers that do not run, and each minute the groups that have ended."""
        now = time.monotonic()
        for queue in self.queues:
            if queue.process is None and queue.start_at <= now:
                queue.start()
        if self.next_tick <= now:
            self.next_tick = now + TICK_INTERVAL
            for group, process in self.groups.items():
                if process is None:
                    self.groups[group] = GroupProcess(group)

    def note_ends(self) -> None:
        for queue in self.queues:
            if queue.process and not queue.process.is_running:
                if self.is_stopping:
                    queue.process = None
                else:
                    queue.note_end()
        for group, process in self.groups.items():
            if process and not process.is_running:
                process.record_end()
                self.groups[group] = None

    def seconds_to_wait(self) -> float | None:
        if self.is_stopping:
            return None
        due = [self.next_tick, *(queue.start_at for queue in self.queues if queue.process is None)]
        return max(0.0, min(due) - time.monotonic())


class Command(BaseCommand):
    help = (
        "Run background tasks: send emails and process images. Start a worker for each queue beside the server, or one "
        "for all."
    )

    # Of the settings only, as for `serve`.
    requires_system_checks = [Tags.caches, Tags.files, Tags.security]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queue-name",
            nargs="+",
            default=["*"],
            help="queues, separated by commas: default, slow, newsletters (default: all). Several names, separated by "
            "spaces, are served side by side",
        )
        parser.add_argument("--interval", type=valid_interval, default=1, help="seconds to wait when no task is due")
        parser.add_argument("--batch", action="store_true", help="run the waiting tasks, then exit")
        parser.add_argument("--tick", action="store_true", help="also run the periodic tasks of `tick` every minute")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("django_tasks_db").setLevel(logging.INFO if options["verbosity"] else logging.CRITICAL)
        logging.getLogger("django.tasks").addFilter(is_no_refused_email)
        workers = [make_worker(names, **options) for names in options["queue_name"]]
        # For links in emails. Loaded here, so that the forked processes share it.
        _ = get_resolver().url_patterns
        # What is loaded by now stays. Forked processes share it, and `release_memory` need not search it after each
        # image, which took thirty times as long as finding that nothing is missing.
        gc.freeze()
        if options["tick"] or len(workers) > 1:
            Background(workers).run()
            return
        workers[0].configure_signals()
        workers[0].run()


def make_worker(names: str, **options: Any) -> PersistentWorker:
    return PersistentWorker(
        queue_names=names.split(","),
        excluded_queue_names=[],
        interval=options["interval"],
        batch=options["batch"],
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
    )
