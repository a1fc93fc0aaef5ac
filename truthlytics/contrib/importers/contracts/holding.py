"""Lock for moving, comparing and undoing contracts: one button or command at a time, by the lock of all imports."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from truthlytics.contrib.importers import progress
from truthlytics.contrib.importers.contracts.library import CONTRACTS
from truthlytics.contrib.importers.contracts.models import ContractRun, MovedContract
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.progress import Progress, Stopped

Status = ImportRun.Status


class Holder:
    """The run that this process works at. Rows of moved contracts are changed only while it is that."""

    def __init__(self, run: ImportRun, after: str = Status.DONE) -> None:
        self.run, self.after, self._progress = run, after, Progress()

    def tell(self, done: int = 0, of: int = 0) -> None:
        """Say every few seconds that this process is alive. Raises Stopped."""
        self._progress(self.run, done, of)

    @transaction.atomic
    def check(self) -> None:
        """Raise Stopped if another process has taken over. In a transaction, none can until that ends."""
        run = self.run
        own = ImportRun.objects.filter(
            pk=run.pk, status=run.status, process=run.process, work_started_at=run.work_started_at
        )
        if own.select_for_update().values_list("pk", flat=True).first() is None:
            raise Stopped

    @transaction.atomic
    def change(self, row: MovedContract, facts: Mapping[str, object] | None = None, **columns: object) -> None:
        """Store `columns`, and `facts` beside those that the row has by now. Raises Stopped."""
        self.check()
        stored = MovedContract.objects.select_for_update().values_list("facts", flat=True).get(pk=row.pk)
        row.facts = (stored if isinstance(stored, dict) else {}) | dict(facts or {})
        for name, value in columns.items():
            setattr(row, name, value)
        row.save(update_fields=["facts", *columns])

    @transaction.atomic
    def give_up(self, row: MovedContract) -> None:
        """Delete the row of a contract that can't be moved. Raises Stopped."""
        self.check()
        MovedContract.objects.filter(pk=row.pk, done_at=None).delete()


@contextmanager
def held(run: ImportRun, status: str, *, after: str) -> Iterator[Holder]:
    """Work at `run` in this process. When that is done, its status is what the holder says. Raises AnotherRun."""
    is_lent = run.pk is None and status == Status.VERIFYING
    progress.begin(run, status, process=progress.this_process())
    problem = _("It was interrupted. Repeat the command to continue.")
    outcome: str = progress.interrupted(run)
    holder = Holder(run, after)
    try:
        yield holder
        outcome, problem = holder.after, ""
    finally:
        progress.end(run, outcome, problem)
        if is_lent:
            run.delete()


def run_to_apply(file: str) -> ImportRun:
    """Return the run of a command that was interrupted, or a new one."""
    progress.release_dead(timezone.now())
    waiting = ImportRun.objects.filter(format=CONTRACTS, files=[], status=Status.STOPPED)
    return waiting.filter(contract_run__finished_at=None).first() or ImportRun(format=CONTRACTS, file=file[:255])


def run_to_verify() -> ImportRun:
    """Return the run for a comparison by command: that of the last import, or one that is made for it."""
    progress.release_dead(timezone.now())
    done = ImportRun.objects.filter(format=CONTRACTS, status=Status.DONE, contract_run__isnull=False)
    return done.first() or ImportRun(format=CONTRACTS, file="import_contracts verify")


def run_to_undo(moved: ContractRun) -> ImportRun:
    """Return the run that has moved these contracts, or a new one for what earlier releases have moved."""
    progress.release_dead(timezone.now())
    own = ImportRun.objects.filter(format=CONTRACTS, contract_run=moved)
    return own.first() or ImportRun(format=CONTRACTS, file=str(moved)[:255], contract_run=moved)
