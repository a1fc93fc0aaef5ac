"""List failed tasks, such as emails that were not delivered, and run them again."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.timezone import localtime

from truthlytics.web import tasks
from truthlytics.web.tasks import TaskRow


class Command(BaseCommand):
    help = "List the tasks that failed or wait for another attempt. With --retry, run those that have not expired now."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--retry", action="store_true", help="let the worker run them again at once")

    def handle(self, *args: object, **options: object) -> None:
        now = timezone.now()
        rows = tasks.failed_or_retried()
        for row in rows:
            self.stdout.write(self.describe(row))
        if options["retry"]:
            self.stdout.write(f"Tasks to run again: {tasks.retry_failed(now)}")
        elif not rows:
            self.stdout.write("No task has failed.")

    def describe(self, row: TaskRow) -> str:
        kwargs = row.args_kwargs["kwargs"]
        state = "failed" if row.status == tasks.FAILED else f"next attempt {localtime(row.run_after):%H:%M:%S}"
        subject = " ".join(filter(None, [row.task_name, kwargs.get("to"), kwargs.get("subject")]))
        enqueued = f"{localtime(row.enqueued_at):%Y-%m-%d %H:%M}"
        error = row.traceback.strip().rpartition("\n")[2]
        return f"{enqueued} {subject}: {state} after {len(row.worker_ids)} attempts. {error}"
