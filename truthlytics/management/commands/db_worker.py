"""The task worker of django-tasks-db, which here survives database failures and retries failed tasks."""

import logging
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, cast

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, connections
from django.utils import timezone
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker, valid_interval
from django_tasks_db.models import DBTaskResult

from truthlytics.web import tasks
from truthlytics.web.mail import EmailError

logger = logging.getLogger(__name__)

FIRST_DELAY, LONGEST_DELAY = 1.0, 30.0


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


class Command(BaseCommand):
    help = (
        "Run background tasks: send emails and process images. Start a worker for each queue beside the server, or one "
        "for all."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--queue-name",
            default="*",
            help="queues, separated by commas: default, slow (default: all)",
        )
        parser.add_argument("--interval", type=valid_interval, default=1, help="seconds to wait when no task is due")
        parser.add_argument("--batch", action="store_true", help="run the waiting tasks, then exit")

    def handle(self, *args: Any, **options: Any) -> None:
        logging.getLogger("django_tasks_db").setLevel(logging.INFO if options["verbosity"] else logging.CRITICAL)
        logging.getLogger("django.tasks").addFilter(is_no_refused_email)
        worker = PersistentWorker(
            queue_names=options["queue_name"].split(","),
            excluded_queue_names=[],
            interval=options["interval"],
            batch=options["batch"],
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
        )
        worker.configure_signals()
        worker.run()
