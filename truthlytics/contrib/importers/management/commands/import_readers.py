"""Import lists of readers with their newsletters and access."""

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.text import capfirst

from subscriptions.models.catalog import TierLevel
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.progress import INTERRUPTED, AnotherRun, begin, end, release_dead, this_process
from truthlytics.contrib.importers.readers import work
from truthlytics.contrib.importers.readers.columns import FIELDS
from truthlytics.contrib.importers.readers.lists import KINDS
from truthlytics.contrib.importers.readers.mapping import Said, UnreadableMapping, read_mapping
from truthlytics.contrib.importers.readers.occurring import column_lines, word_lines
from truthlytics.contrib.importers.readers.undoing import outlook
from truthlytics.contrib.importers.records import LOSS_MESSAGES, Report
from truthlytics.contrib.importers.run import ImportRefused
from truthlytics.newsletters.models import Newsletter
from truthlytics.web.text import counted

DONE_WITH_LOSSES = 2
PROGRESS_INTERVAL = 10_000
LEVELS = {level.name.lower(): level.value for level in TierLevel}
Status = ImportRun.Status


class Command(BaseCommand):
    help = (
        "Import lists of readers (docs/moving-in.md). No email is sent. Start with --dry-run. Safe to run again. "
        "Exit status 0: done; 2: done, but some rows were not imported, or not completely."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="CSV, text, JSON of Ghost, zip or gzip")
        parser.add_argument("--from", dest="kind", choices=list(KINDS), help="where the list comes from")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, write nothing")
        parser.add_argument("--newsletter", metavar="SLUG", help="sign up those who want it in the list")
        parser.add_argument("--origin", default="", metavar="TEXT", help="where their consent comes from")
        parser.add_argument(
            "--column", action="append", default=[], metavar="HEADING=FIELD",
            help=f"what a column has, one of {', '.join(filter(None, FIELDS))}, or nothing; can be repeated",
        )  # fmt: skip
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help="a JSON file with what columns and words are, as the page has it",
        )
        parser.add_argument("--level", choices=LEVELS, default="subscriber", help="of complimentary and paid access")
        parser.add_argument(
            "--free-until", default="", metavar="YYYY-MM-DD", help="end of complimentary access that has none"
        )
        parser.add_argument("--paid", action="store_true", help="give access to those who have paid, until their date")
        parser.add_argument("--report", type=Path, metavar="FILE", help="write every problem as a line of JSON")
        parser.add_argument(
            "--plan", type=Path, metavar="FILE", help="with --dry-run: what becomes of each reader, as CSV"
        )
        parser.add_argument("--undo", type=int, metavar="RUN", help="remove what this run made")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["undo"] is not None:
            self._undo(options["undo"], dry_run=options["dry_run"])
            return
        if not options["files"] or not options["kind"]:
            raise CommandError("Name the files, and with --from where they come from.")
        run = self._run(options)
        try:
            if options["dry_run"]:
                found = work.check(run, options["files"], file=None, report=options["report"], plan=options["plan"])
                self._print(column_lines(found.findings["columns"]))
                self._print(word_lines(found.occurring))
                self._show(found.findings["counts"], found.report, dry_run=True)
            else:
                self._import(run, options)
        except ImportRefused as error:
            raise CommandError(str(error)) from error

    def _run(self, options: dict[str, Any]) -> ImportRun:
        """Return a run with the options, without a row. Raises CommandError."""
        columns = dict(pair.rpartition("=")[::2] for pair in options["column"])
        if unknown := set(columns.values()) - set(FIELDS):
            raise CommandError(f"There is no field {', '.join(sorted(unknown))}.")
        try:
            said = read_mapping(options["mapping"]) if options["mapping"] else Said()
        except UnreadableMapping as error:
            raise CommandError(str(error)) from error
        if options["free_until"] and parse_date(options["free_until"]) is None:
            raise CommandError("--free-until must be a date such as 2027-12-31.")
        newsletter = None
        if options["newsletter"]:
            newsletter = Newsletter.objects.filter(slug=options["newsletter"]).first()
            if newsletter is None:
                raise CommandError(f"There is no newsletter {options['newsletter']}.")
            if not options["origin"].strip():
                raise CommandError("Say with --origin where the consent of these readers comes from.")
        return ImportRun(
            format=work.READERS,
            file=", ".join(path.name for path in options["files"])[:255],
            options={
                "kind": options["kind"],
                "columns": {**said.columns, **columns},
                "words": said.as_json()["words"],
                "newsletter": newsletter.pk if newsletter else None,
                "origin": options["origin"].strip()[:300],
                "level": LEVELS[options["level"]],
                "free_until": options["free_until"],
                "gives_paid": options["paid"],
            },
        )

    def _import(self, run: ImportRun, options: dict[str, Any]) -> None:
        """Go on with the same import if it was interrupted, or begin a new one."""
        release_dead(timezone.now())
        same = ImportRun.objects.filter(format=run.format, file=run.file, options=run.options, status=Status.STOPPED)
        run = same.first() or run
        try:
            begin(run, Status.IMPORTING, process=this_process())
        except AnotherRun as error:
            raise CommandError(str(error)) from error
        status = INTERRUPTED[Status.IMPORTING]
        try:
            report = work.write(run, options["files"], report=options["report"], on_progress=self._show_progress)
            status = Status.DONE
        finally:
            end(run, status)
        self.stdout.write(f"Import {run.pk}. To undo it: manage.py import_readers --undo {run.pk}")
        self._show(run.counts, report, dry_run=False)

    def _show_progress(self, done: int, total: int) -> None:
        if done % PROGRESS_INTERVAL == 0 or done == total:
            self.stdout.write(f"{done} of {counted(total, 'row')}")

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)

    def _show(self, counts: dict[str, int], report: Report, *, dry_run: bool) -> None:
        self.stdout.write(
            f"{'Dry run: ' if dry_run else ''}{counted(counts.get('created', 0), 'new account')}, "
            f"{counts.get('completed', 0)} completed, {counts.get('unchanged', 0)} unchanged; "
            f"{counts.get('sign_ups', 0)} signed up, {counts.get('access', 0)} with access, "
            f"{counted(counts.get('notes', 0), 'note')}. No emails."
        )
        for code, count, examples in report:
            self.stdout.write(f"{capfirst(LOSS_MESSAGES[code])}: {count}")
            for loss in examples:
                self.stdout.write(f"    {loss.source}, row {loss.line}: {loss.what[:160]}")
        if report.counts:
            sys.exit(DONE_WITH_LOSSES)

    def _undo(self, pk: int, *, dry_run: bool) -> None:
        run = ImportRun.objects.filter(pk=pk, format=work.READERS).first()
        if run is None:
            raise CommandError(f"There is no import of readers {pk}.")
        expected = outlook(run)
        self.stdout.write(
            f"{counted(expected.accounts, 'account')}, {counted(expected.sign_ups, 'sign-up')}, "
            f"{counted(expected.access, 'grant')} and {counted(expected.notes, 'note')} to remove; "
            f"{counted(expected.kept, 'account')} to keep."
        )
        if dry_run:
            return
        try:
            begin(run, Status.UNDOING, process=this_process())
        except AnotherRun as error:
            raise CommandError(str(error)) from error
        status = INTERRUPTED[Status.UNDOING]
        try:
            work.undo(run)
            status = Status.UNDONE
        finally:
            end(run, status)
