"""The background work of the import page: dry run, import, comparison and undo, one at a time."""

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.tasks import task
from django.utils.translation import gettext as _

from truthlytics.audit.log import log_action
from truthlytics.contrib.importers import progress
from truthlytics.contrib.importers.contracts.library import CONTRACTS, missing_library
from truthlytics.contrib.importers.findings import Findings
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.parsing import parse_types, parse_zone
from truthlytics.contrib.importers.progress import Stopped
from truthlytics.contrib.importers.readers import work as readers
from truthlytics.contrib.importers.run import ImportRefused, RunOptions, import_site
from truthlytics.contrib.importers.sources import Options
from truthlytics.contrib.importers.taxonomy import NameHere
from truthlytics.contrib.importers.undo import undo
from truthlytics.contrib.importers.uploads import paths_of, run_folder, server_folders
from truthlytics.publication.language import site_language
from truthlytics.web.lazy_import import LazyModule
from truthlytics.web.queues import SLOW
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User

if TYPE_CHECKING:
    from truthlytics.contrib.importers.contracts import work as contracts
else:
    # It needs Stripe's library, which may be missing.
    contracts = LazyModule("truthlytics.contrib.importers.contracts.work")

logger = logging.getLogger(__name__)
Status = ImportRun.Status
# Before images, of which thousands may wait after an import: a user waits for it.
PRIORITY = 10
# Files in the folder of a run.
CHECK, CHECK_REPORT, REPORT, PLAN = "check.json", "check.jsonl", "report.jsonl", "plan.csv"
VERIFIED, REHEARSAL = "verified.json", "year.csv"


def start(run: ImportRun, status: str, *, by: User) -> None:
    """Have a worker do what `status` says: check, import or undo `run`. Raises progress.AnotherRun."""
    messages = {
        Status.CHECKING: _("Dry run of an import started"),
        Status.IMPORTING: _("Import started"),
        Status.UNDOING: _("Undo of an import started"),
        Status.VERIFYING: _("Comparison of moved contracts started"),
    }
    with transaction.atomic():
        progress.begin(run, status, by=by if status in {Status.CHECKING, Status.IMPORTING} else None)
        log_action(by=by, row=run, message=str(messages[Status(status)]))
        transaction.on_commit(partial(work.enqueue, run.pk))


@task(queue_name=SLOW, priority=PRIORITY)
def work(run_id: int) -> None:
    """Do what the status of the run says. Does nothing if another process does, so that a retry is harmless."""
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None or not progress.claim(run):
        return
    steps: dict[str, Callable[[ImportRun], str]] = {
        Status.CHECKING: check,
        Status.IMPORTING: write,
        Status.UNDOING: remove,
        Status.VERIFYING: verify,
    }
    status, problem = progress.interrupted(run), ""
    try:
        with site_language():
            if run.format == CONTRACTS and (sentence := missing_library()):
                raise ImportRefused(sentence)
            status = Status(steps[run.status](run))
    except Stopped:
        problem = ""
    except ImportRefused as error:
        problem = str(error)
    except Exception as error:
        logger.exception("The import %s failed", run)
        problem = _("It ended with an unexpected error: %(error)s") % {
            "error": f"{type(error).__name__}: {error}"[:500]
        }
    finally:
        progress.end(run, status, problem)


def check(run: ImportRun) -> str:
    """Process and report everything, and write nothing but what was found out."""
    folder, findings = run_folder(run), Findings()
    if run.format == readers.READERS:
        readers.check(run, paths_of(run), file=folder / CHECK, report=folder / CHECK_REPORT, plan=folder / PLAN)
        return Status.CHECKED
    if run.format == CONTRACTS:
        contracts.check(run, paths_of(run), file=folder / CHECK, report=folder / CHECK_REPORT, year=folder / REHEARSAL)
        return Status.CHECKED
    options = options_of(run, report=folder / CHECK_REPORT, dry_run=True)
    result = import_site(run.format, paths_of(run), options, run=run, findings=findings)
    findings.save(folder / CHECK, result.counts, result.created, result.report.counts, result.signs)
    return Status.CHECKED


def write(run: ImportRun) -> str:
    """Import what is not imported yet."""
    if run.format == readers.READERS:
        readers.write(run, paths_of(run), report=run_folder(run) / REPORT)
        return Status.DONE
    if run.format == CONTRACTS:
        contracts.write(run, paths_of(run), report=run_folder(run) / REPORT)
        return Status.DONE
    options = options_of(run, report=run_folder(run) / REPORT, dry_run=False)
    import_site(run.format, paths_of(run), options, run=run)
    return Status.DONE


def remove(run: ImportRun) -> str:
    """Undo an import."""
    if run.format == CONTRACTS:
        contracts.undo(run)
        return Status.UNDONE if run.contract_run is None or run.contract_run.undone_at else Status.DONE
    if run.format != readers.READERS:
        return undo(run)
    readers.undo(run)
    return Status.UNDONE


def verify(run: ImportRun) -> str:
    """Compare the contracts that were moved with Stripe, and with the lists unless they are deleted by now."""
    try:
        files = paths_of(run)
    except ImportRefused:
        files = None
    contracts.verify(run, files, file=run_folder(run) / VERIFIED)
    return progress.interrupted(run)


def options_of(run: ImportRun, *, report: Path, dry_run: bool) -> RunOptions:
    """Return the options that were chosen for `run`. Raises ImportRefused."""
    chosen: JsonObject = run.options
    folders = {path.name: path for path in server_folders()}
    media = chosen.get("folder", "")
    if media and media not in folders:
        raise ImportRefused(_("The folder %(name)s is no longer on the server.") % {"name": media})
    zone = parse_zone(chosen.get("timezone", ""))
    reading = Options(
        timezone=zone,
        types=parse_types(chosen.get("types", [])),
        overdue=chosen.get("overdue", "draft"),
        shortcodes=chosen.get("shortcodes", "strip"),
        site_url=chosen.get("site_url", ""),
        keep_emails=chosen.get("keep_emails", False),
        harmless=frozenset(chosen.get("harmless", ())),
    )
    return RunOptions(
        reading=reading,
        authors=_names(chosen.get("authors", {})),
        sections=_names(chosen.get("sections", {})),
        dry_run=dry_run,
        report=report,
        media=folders[media] if media else None,
        fetch=tuple(chosen.get("fetch", ())),
        credit=chosen.get("credit", ""),
        kind=chosen.get("kind", ""),
        kinds=chosen.get("kinds", {}),
        compare=chosen.get("compare", ""),
    )


def _names(mapped: dict[str, list[str]]) -> dict[str, NameHere]:
    """Return the map of names as `Taxonomy` takes it."""
    return {" ".join(source.split()).casefold(): NameHere(name, slug) for source, (name, slug) in mapped.items()}
