"""Text from elsewhere: articles with their authors, topics, dates and old addresses."""

import sys
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from truthlytics.importers import jsonl
from truthlytics.importers.plan import Plan, forget_earlier, make_plan
from truthlytics.importers.records import CODES, Loss, Record, Report
from truthlytics.importers.taxonomy import Names, read_author_map
from truthlytics.importers.writer import Writer
from truthlytics.web.analyze import tell_of_growth

READERS: dict[str, Callable[[Path], Iterator[Record | Loss]]] = {"jsonl": jsonl.read}
DONE_WITH_LOSSES = 2
# Lines of progress where nobody watches: one every so many records.
EVERY = 200


class Command(BaseCommand):
    help = (
        "Bring articles in from a file (docs/importing.md). Run twice it changes nothing; interrupted, it is simply "
        "run again. Exit status 0: done; 2: done, and what did not come over exactly is listed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=sorted(READERS), help="what the file is: jsonl, one article a line")
        parser.add_argument("file", type=Path, metavar="FILE", help="may be gzipped")
        parser.add_argument("--dry-run", action="store_true", help="work out and report everything, write nothing")
        parser.add_argument("--section", default="", metavar="SLUG", help="put every article there, made if missing")
        parser.add_argument("--authors", type=Path, metavar="MAP.CSV", help="name in the source, name here[, slug]")
        parser.add_argument("--report", type=Path, metavar="FILE", help="every difference, as one JSON object a line")

    def handle(self, *args: Any, **options: Any) -> None:
        path, dry_run, section = options["file"], options["dry_run"], options["section"]
        if section != slugify(section) or len(section) > 80:
            raise CommandError("--section must be a slug: small letters, digits and hyphens, at most 80.")
        authors = self._authors(options["authors"])
        read = partial(READERS[options["format"]], path)
        forget_earlier()
        try:
            plan = make_plan(read())
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
        self._refuse(plan, section, path)
        report = self._report(options["report"])
        writer = Writer(
            plan=plan,
            names=Names(authors, dry_run=dry_run),
            report=report,
            format=options["format"],
            file=path.name,
            section=section,
            dry_run=dry_run,
        )
        try:
            for done in writer.write(read()):
                self._progress(done, len(plan.lines), options["verbosity"])
        finally:
            report.close()
        if writer.counts["new"] and not dry_run:
            tell_of_growth()
        self._summary(writer, options["verbosity"])
        if lost := sum(report.counts.values()):
            raise CommandError(
                f"Done, but {lost} {'thing' if lost == 1 else 'things'} did not come over exactly: "
                f"{'see ' + str(options['report']) if options['report'] else 'use --report FILE to have them all'}.",
                returncode=DONE_WITH_LOSSES,
            )

    def _authors(self, path: Path | None) -> dict[str, Any]:
        try:
            return read_author_map(path) if path else {}
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
        except ValueError as error:
            raise CommandError(str(error)) from error

    def _report(self, path: Path | None) -> Report:
        try:
            return Report.to(path)
        except OSError as error:
            raise CommandError(f"The report cannot be written to {path}: {error.strerror or error}.") from error

    def _refuse(self, plan: Plan, section: str, path: Path) -> None:
        """Before anything is written."""
        if plan.sectionless and not section:
            raise CommandError(
                f"{plan.sectionless} of {len(plan.lines)} articles in {path.name} name no section: "
                "say where they belong with --section SLUG."
            )

    def _progress(self, done: int, total: int, verbosity: int) -> None:
        if verbosity and self.stdout.isatty():
            self.stdout.write(f"\r{min(done, total)} of {total} articles", ending="")
            self.stdout.flush()
        elif verbosity and done % EVERY == 0 and done < total:
            self.stdout.write(f"{done} of {total} articles")

    def _summary(self, writer: Writer, verbosity: int) -> None:
        if not verbosity:
            return
        if self.stdout.isatty():
            self.stdout.write("")
        counts, made = writer.counts, writer.names.made
        self.stdout.write(
            f"{'Would be ' if writer.dry_run else ''}new {counts['new']} ({counts['published']} published, "
            f"{counts['drafts']} drafts), updated {counts['updated']}, unchanged {counts['unchanged']}; "
            f"made {made['authors']} authors, {made['topics']} topics, {made['sections']} sections."
        )
        for code, count, examples in writer.report:
            self.stdout.write(f"{count} {CODES[code]}")
            for loss in examples:
                where = f"line {loss.line}" + (f", “{loss.title[:60]}”" if loss.title else "")
                self.stdout.write(f"    {where}: {loss.what[:160]}")
            if count > len(examples):
                self.stdout.write(f"    and {count - len(examples)} more")
        sys.stdout.flush()
