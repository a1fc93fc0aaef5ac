"""Which process works at an import, how far it is, and whether it is to stop. Only one works at a time."""

import os
import socket
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django_tasks_db.models import DBTaskResult

from truthlytics.contrib.importers.models import ImportRun
from truthlytics.web.users import User

Status = ImportRun.Status
# A process that has told nothing for so long has ended. Longer than any single step takes, such as the first reading.
DEAD_AFTER = timedelta(minutes=10)
# The task of the page (`jobs.work`).
TASK = "truthlytics.contrib.importers.jobs.work"
# Seconds between two updates of the row.
INTERVAL = 2.0
# The status of a run after its process is stopped, or has ended unexpectedly.
INTERRUPTED = {Status.CHECKING: Status.NEW, Status.IMPORTING: Status.STOPPED, Status.UNDOING: Status.STOPPED}

BUSY = gettext_lazy("Another import is in progress. Wait until it has ended, or stop it.")

# Returns columns of a run with their values.
Columns = Callable[[], Mapping[str, object]]


class Stopped(Exception):
    """A user has stopped the import. What was written before stays."""


class AnotherRun(Exception):
    """Another import is in progress. The message is a sentence for the user."""


class Progress:
    """Saves the progress of this process to the import’s database row, every few seconds."""

    def __init__(self) -> None:
        self._next = time.monotonic() + INTERVAL

    def __call__(self, run: ImportRun | None, done: int, total: int, columns: Columns = dict) -> None:
        """Store `done` of `total`, and further columns, if `run` has a row and it is time. Raises Stopped."""
        if run is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + INTERVAL
        now = timezone.now()
        own = ImportRun.objects.filter(pk=run.pk, process=run.process, is_stopping=False)
        if not own.update(done=done, total=total, seen_at=now, **columns()):
            raise Stopped
        # It may take longer than any other task. Without this, it would be considered lost, and its queue stuck.
        DBTaskResult.objects.running().filter(task_path=TASK).update(started_at=now)


def begin(run: ImportRun, status: str, *, by: User | None = None, process: str = "") -> None:
    """Save `run` as active: a process works at it now, or is to begin soon. Raises AnotherRun."""
    now = timezone.now()
    release_dead(now)
    run.status, run.process, run.seen_at, run.work_started_at = status, process, now, now
    run.is_stopping, run.done, run.total, run.problem = False, 0, 0, ""
    if by is not None:
        run.started_by = by
    try:
        with transaction.atomic():
            if _is_active(run.pk):
                raise AnotherRun(str(BUSY))
            run.save()
    except IntegrityError:
        raise AnotherRun(str(BUSY)) from None


def _is_active(pk: int | None) -> bool:
    """Whether another process works at the same run. None can begin until the transaction ends."""
    active = ImportRun.objects.select_for_update().filter(status__in=ImportRun.ACTIVE).values_list("pk", flat=True)
    return pk is not None and active.filter(pk=pk).first() is not None


def claim(run: ImportRun) -> bool:
    """Make this process the one that works at `run`. Returns False if another one does, or if it is not active."""
    now = timezone.now()
    if not run.is_active or (run.process and not is_dead(run, now)):
        return False
    same = ImportRun.objects.filter(pk=run.pk, status=run.status, process=run.process, seen_at=run.seen_at)
    run.process, run.seen_at = this_process(), now
    return bool(same.update(process=run.process, seen_at=now))


def end(run: ImportRun, status: str, problem: str = "") -> None:
    """Store how the work ended, unless another process has taken it over."""
    ImportRun.objects.filter(pk=run.pk, process=run.process).update(status=status, problem=problem, is_stopping=False)
    run.status, run.problem = status, problem


def stop(run: ImportRun) -> None:
    """Have the process that works at `run` stop after its batch. A run without one is stopped now."""
    if run.process and not is_dead(run, timezone.now()):
        ImportRun.objects.filter(pk=run.pk, status=run.status).update(is_stopping=True)
    elif run.is_active:
        _interrupt(run)


def release_dead(now: datetime) -> None:
    """Stop a run if its process has ended, so that another one can begin."""
    for run in ImportRun.objects.filter(status__in=ImportRun.ACTIVE).exclude(process=""):
        if is_dead(run, now):
            _interrupt(run)


def interrupted(run: ImportRun) -> Status:
    """Return the status of `run` after what it is doing was interrupted. A comparison has changed nothing."""
    if run.status == Status.VERIFYING:
        return Status.DONE if run.contract_run_id else Status.CHECKED
    return INTERRUPTED[Status(run.status)]


def _interrupt(run: ImportRun) -> None:
    same = ImportRun.objects.filter(pk=run.pk, status=run.status, process=run.process)
    same.update(status=interrupted(run), is_stopping=False)


def is_dead(run: ImportRun, now: datetime) -> bool:
    """Return whether the process that worked at `run` has ended."""
    machine, _, number = run.process.rpartition(":")
    if machine == _machine() and number.isdecimal():
        try:
            os.kill(int(number), 0)
        except ProcessLookupError:
            return True
        except PermissionError:
            pass
    return run.seen_at is None or run.seen_at < now - DEAD_AFTER


def this_process() -> str:
    return f"{_machine()}:{os.getpid()}"


def _machine() -> str:
    return socket.gethostname()[:80]
