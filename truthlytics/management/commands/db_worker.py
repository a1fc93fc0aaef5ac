"""The task worker of django-tasks-db, which here survives database failures and retries failed tasks."""

import logging
import os
import signal
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from threading import Event, Thread, get_native_id
from typing import Any, cast

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection, connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker, valid_interval
from django_tasks_db.models import DBTaskResult

from truthlytics.management.commands import tick
from truthlytics.server.supervisor import end_with_parent
from truthlytics.web import tasks
from truthlytics.web.mail import EmailError
from truthlytics.web.memory import release_memory
from truthlytics.web.queues import SLOW

logger = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0
# In seconds: the first `tick` after the start, when pages are served already, and the next ones.
FIRST_TICK, TICK_INTERVAL = 10, 60


def is_no_refused_email(record: logging.LogRecord) -> bool:
    """Return whether to log the record. `mail.deliver` has logged a refused email, in a line without a traceback."""
    return not (record.exc_info and isinstance(record.exc_info[1], EmailError))


class PersistentResult:
    """A row of a task; `persist` records its outcome."""

    def __init__(self, row: "DBTaskResult[Any, Any]", persist: Callable[[Callable[[], Any]], None]) -> None:
        self.row, self.persist = row, persist

    def __getattr__(self, name: str) -> Any:
        return getattr(self.row, name)

    def set_successful(self, return_value: Any) -> None:
        self.persist(lambda: self.row.set_successful(return_value))

    def set_failed(self, error: BaseException) -> None:
        self.persist(lambda: self.row.set_failed(error))


class PersistentWorker(Worker):
    """Waits for a database that is away. A task that has run is recorded when it is back, and so not run again."""

    def run(self) -> None:
        def work() -> None:
            tasks.retry_interrupted(timezone.now())
            super(PersistentWorker, self).run()

        self.persist(work)

    def run_task(self, db_task_result: "DBTaskResult[Any, Any]") -> None:
        super().run_task(cast("DBTaskResult[Any, Any]", PersistentResult(db_task_result, self.persist)))
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


class Background:
    """Runs several workers, each in a thread of its own, and `tick` every minute, until SIGTERM or SIGINT."""

    def __init__(self, workers: list[PersistentWorker]) -> None:
        self.workers = workers
        self.stopping = Event()
        self.failed = False
        self.backup: Thread | None = None

    def run(self) -> None:
        end_with_parent()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())
        # Daemons, because a thread that waits for the database ends late.
        threads = [Thread(target=self.work, args=(worker,), daemon=True) for worker in self.workers]
        for thread in threads:
            thread.start()
        delay = FIRST_TICK
        while not self.stopping.wait(delay):
            self.tick()
            delay = TICK_INTERVAL
        for worker, thread in zip(self.workers, threads, strict=True):
            thread.join(worker.interval + 1)
            while worker.running_task and thread.is_alive():
                thread.join(1)
        if self.failed:
            sys.exit(1)

    def stop(self) -> None:
        for worker in self.workers:
            worker.running = False
        self.stopping.set()

    def work(self, worker: PersistentWorker) -> None:
        if worker.queue_names == [SLOW]:
            # Linux knows the priority of a thread. Images wait for pages and emails.
            os.setpriority(os.PRIO_PROCESS, get_native_id(), 10)
        try:
            worker.run()
        except Exception:
            logger.exception("The worker for %s has failed.", ", ".join(worker.queue_names))
            self.failed = True
            self.stop()

    def tick(self) -> None:
        """Run the periodic tasks, which log their errors. Without a database each of them would."""
        close_old_connections()
        try:
            connection.ensure_connection()
        except OperationalError as error:
            logger.warning("The database is unavailable (%s). Periodic tasks wait for it.", str(error).strip())
            return
        with tick.only_one() as is_free:
            if is_free:
                tick.run_due(self.stopping.is_set)
        close_old_connections()
        release_memory()
        if self.backup is None or not self.backup.is_alive():
            # In a thread, because it may take long, and a daemon, because it is made again if this process ends.
            self.backup = Thread(target=back_up, name="backup", daemon=True)
            self.backup.start()


def back_up() -> None:
    """Make the backup that is due, if there is one. Errors are logged."""
    try:
        tick.run_due(chosen=tick.BACKUPS)
    finally:
        connections.close_all()


class Command(BaseCommand):
    help = (
        "Run background tasks: send emails and process images. Start a worker for each queue beside the server, or one "
        "for all."
    )

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
