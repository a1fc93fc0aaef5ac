"""The steps of an import of readers, with what its row says: dry run, import and undo."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from subscriptions.models.catalog import TierLevel
from truthlytics.audit.log import log_action
from truthlytics.contrib.importers.models import ImportedReader, ImportRun
from truthlytics.contrib.importers.progress import Progress
from truthlytics.contrib.importers.readers.deciding import Decision, Outcome, ReaderOptions
from truthlytics.contrib.importers.readers.importing import import_readers, plan_readers
from truthlytics.contrib.importers.readers.lists import Lists, Problem
from truthlytics.contrib.importers.readers.occurring import Occurrence, Occurrences
from truthlytics.contrib.importers.readers.undoing import undo_readers
from truthlytics.contrib.importers.records import Loss, Report
from truthlytics.contrib.importers.run import ImportRefused
from truthlytics.contrib.importers.sources import UnreadableFile
from truthlytics.newsletters.models import Newsletter
from truthlytics.web.csv_files import lines
from truthlytics.web.dates import local_date
from truthlytics.web.types import JsonObject

# The format of a run.
READERS = "readers"
# How long complimentary access lasts for which neither the list nor the editor names an end.
DEFAULT_ACCESS = timedelta(days=365)

SAMPLES_OF_A_KIND, MAX_SAMPLES = 4, 20
# Of the table with what becomes of each reader.
PLAN_COLUMNS = ("file", "row", "email", "name", "outcome", "details")

# Called with the rows so far and of how many.
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Found:
    """What a dry run found out, as JSON."""

    findings: JsonObject
    report: Report
    occurring: list[Occurrence]


def options_of(run: ImportRun) -> ReaderOptions:
    """Return the options that were chosen for `run`. Raises ImportRefused."""
    chosen: JsonObject = run.options
    newsletter = None
    if chosen.get("newsletter"):
        newsletter = Newsletter.objects.filter(pk=chosen["newsletter"]).first()
        if newsletter is None:
            raise ImportRefused(_("The newsletter that was chosen is no longer here."))
    day = parse_date(chosen.get("free_until", "")) or (timezone.localdate() + DEFAULT_ACCESS)
    return ReaderOptions(
        kind=chosen["kind"],
        level=chosen.get("level", TierLevel.SUBSCRIBER),
        free_until=timezone.make_aware(datetime.combine(day, time(23, 59, 59))),
        newsletter=newsletter,
        origin=chosen.get("origin", ""),
        gives_paid=chosen.get("gives_paid", False),
    )


def check(run: ImportRun, files: Sequence[Path], *, file: Path | None, report: Path | None, plan: Path | None) -> Found:
    """Find out what an import would do, and save it to `file`. Writes nothing else. Raises ImportRefused.

    `plan` is for a table with what becomes of each reader. The columns are saved even if the list can't be read with
    them, so that they can be corrected.
    """
    lists, options = lists_of(run, files), options_of(run)
    losses, progress = Report.open(report), Progress()
    # A command has no row for its dry run.
    row = run if run.pk else None
    occurring = Occurrences()
    found: JsonObject = {"columns": [], "counts": {}, "samples": [], "losses": {}, "words": []}
    try:
        found["columns"] = columns_of(lists)
        planned = plan_readers(lists, options, reporter(losses), partial(progress, row), occurring)
        found |= _summary(planned, options, plan)
        found["words"] = words_of(occurring.listed(with_missing=False))
    except (UnreadableFile, OSError) as error:
        raise ImportRefused(str(error)) from error
    finally:
        found["losses"] = losses.counts
        losses.close()
        if file is not None:
            file.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
            file.chmod(0o600)
    return Found(found, losses, occurring.listed(with_missing=False))


def write(
    run: ImportRun, files: Sequence[Path], *, report: Path | None, on_progress: OnProgress = lambda done, total: None
) -> Report:
    """Import what is not imported yet, and log what the run did. Raises ImportRefused and progress.Stopped."""
    lists, options, progress = lists_of(run, files), options_of(run), Progress()
    losses = Report.open(report, goes_on=ImportedReader.objects.filter(run=run).exists())

    def show(done: int, total: int) -> None:
        progress(run, done, total)
        on_progress(done, total)

    try:
        counts = import_readers(run, lists, options, reporter(losses), show)
    except (UnreadableFile, OSError) as error:
        raise ImportRefused(str(error)) from error
    finally:
        losses.close()
    run.counts = {**counts, "new": counts["created"], "losses": losses.counts}
    run.finished_at = timezone.now()
    ImportRun.objects.filter(pk=run.pk).update(counts=run.counts, finished_at=run.finished_at)
    message = _("Readers imported: %(created)d new accounts, %(completed)d completed, %(sign_ups)d signed up.")
    values = {name: counts[name] for name in ("created", "completed", "sign_ups")}
    log_action(by=run.started_by, row=run, message=message % values)
    return losses


def undo(run: ImportRun) -> None:
    """Remove what `run` made. Raises progress.Stopped."""
    progress = Progress()
    undo_readers(run, lambda done, total: progress(run, done, total))
    ImportRun.objects.filter(pk=run.pk, process=run.process).update(counts={}, finished_at=None)


def lists_of(run: ImportRun, files: Sequence[Path]) -> Lists:
    """Return the lists in `files`, with what the editor said about their columns."""
    columns, words = run.options.get("columns", {}), run.options.get("words", {})
    return Lists(files, run.options["kind"], columns=columns, words=words)


def columns_of(lists: Lists) -> list[Any]:
    """Return the columns of each table, as JSON. Raises UnreadableFile."""
    return [[table.table.name, [list(column) for column in table.columns]] for table in lists.tables]


def words_of(occurring: Sequence[Occurrence]) -> list[Any]:
    """Return the words of lists as JSON: topic, text, whether there is a column, meaning, number and examples."""
    return [
        [word.topic, word.text, not word.is_missing, word.meaning, number, examples]
        for word, number, examples in occurring
    ]


def reporter(report: Report) -> Callable[[Problem], None]:
    """Return the function that adds the problem of a row to `report`."""
    return lambda problem: report.add(Loss(problem.code, problem.what, problem.row, problem.file))


def _summary(planned: Iterable[tuple[Outcome, Decision]], options: ReaderOptions, plan: Path | None) -> JsonObject:
    """Return counts by what happens, and some readers of each kind; write a line for each reader to `plan`."""
    counts: Counter[str] = Counter()
    kinds: Counter[tuple[object, ...]] = Counter()
    samples: list[JsonObject] = []
    with plan.open("w", encoding="utf-8", newline="") if plan is not None else nullcontext() as file:
        if plan is not None and file is not None:
            plan.chmod(0o600)
            file.writelines(lines([PLAN_COLUMNS]))
        for outcome, decision in planned:
            counts[str(outcome)] += 1
            counts["sign_ups"] += decision.signs_up
            counts["notes"] += bool(decision.note)
            counts["access"] += bool(decision.grants)
            counts["paying"] += bool(decision.reader.contracts)
            kind = (outcome, decision.signs_up, len(decision.grants), decision.reader.free_access)
            kinds[kind] += 1
            is_sample = kinds[kind] <= SAMPLES_OF_A_KIND and len(samples) < MAX_SAMPLES
            if file is None and not is_sample:
                continue
            sample = _sample(outcome, decision, options)
            if is_sample:
                samples.append(sample)
            if file is not None:
                cells = [sample[name] for name in PLAN_COLUMNS[:-1]]
                file.writelines(lines([[*cells, " ".join(sample["sentences"])]]))
    return {"counts": counts, "samples": samples}


def _sample(outcome: Outcome, decision: Decision, options: ReaderOptions) -> JsonObject:
    """Return what a page says about a reader."""
    reader = decision.reader
    sentences = []
    if decision.signs_up and options.newsletter is not None:
        since = reader.wanted_since or reader.joined_at
        if since is not None:
            values = {"newsletter": options.newsletter.name, "day": local_date(since, "j M Y")}
            sentences.append(_("Is signed up for “%(newsletter)s”, with consent of %(day)s.") % values)
        else:
            sentences.append(_("Is signed up for “%(newsletter)s”.") % {"newsletter": options.newsletter.name})
    sentences += [
        f"{note}: {TierLevel(options.level).label}, {local_date(until, 'j M Y')}." for until, note in decision.grants
    ]
    if decision.note:
        sentences.append(decision.note[:200])
    return {
        "row": reader.row,
        "file": reader.file,
        "email": reader.email,
        "name": decision.name,
        "outcome": str(outcome.label),
        "sentences": sentences,
    }
