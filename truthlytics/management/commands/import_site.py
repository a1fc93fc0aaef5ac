"""Import articles with their authors, topics, dates and old URLs."""

import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError
from django.utils.text import slugify

from truthlytics.importers.jsonl import JsonLines
from truthlytics.importers.plan import Plan, clear_redirect_cache, make_plan
from truthlytics.importers.records import LOSS_MESSAGES, Report, Target
from truthlytics.importers.sources import Options, Source, UnreadableFile
from truthlytics.importers.taxonomy import Taxonomy, read_author_map
from truthlytics.importers.wordpress.reader import WordPress
from truthlytics.importers.writer import Writer
from truthlytics.web.analyze import refresh_statistics

READERS: dict[str, Callable[[Sequence[Path], Options], Source]] = {"jsonl": JsonLines, "wordpress": WordPress}
DONE_WITH_LOSSES = 2
TARGETS: dict[str, Target] = {"article": "article", "page": "page"}
# Records between two lines of progress, unless the output is a terminal.
PROGRESS_INTERVAL = 200


class Command(BaseCommand):
    help = (
        "Import articles from a file (docs/importing.md). Safe to run again, also after an interruption. "
        "Exit status 0: done; 2: done, but some content was not imported exactly."
    )

    # The number of intervals that have been shown.
    _shown = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("format", choices=sorted(READERS), help="format of the files")
        parser.add_argument("files", type=Path, nargs="+", metavar="FILE", help="may be gzipped")
        parser.add_argument("--dry-run", action="store_true", help="process and report everything, write nothing")
        parser.add_argument("--section", default="", metavar="SLUG", help="section of every article")
        parser.add_argument(
            "--authors", type=Path, metavar="MAP.CSV", help="author names: name in the source, name here[, slug]"
        )
        parser.add_argument(
            "--timezone", default="", metavar="NAME", help="of dates without one, such as Europe/Berlin"
        )
        parser.add_argument(
            "--types", nargs="+", default=[], metavar="TYPE=article|page", help="further types of records to import"
        )
        parser.add_argument(
            "--overdue", choices=("draft", "publish"), default="draft", help="what was to appear at a time that is past"
        )
        parser.add_argument(
            "--shortcodes", choices=("strip", "keep"), default="strip", help="shortcodes without a counterpart here"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write every difference as a line of JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        files, dry_run, section = options["files"], options["dry_run"], options["section"]
        names = ", ".join(path.name for path in files)
        if section != slugify(section) or len(section) > 80:
            raise CommandError("--section must be a slug: lower-case letters, digits and hyphens, at most 80.")
        author_map = self._read_author_map(options["authors"])
        clear_redirect_cache()
        try:
            source = READERS[options["format"]](files, _options(options))
            plan = make_plan(source.read())
        except UnreadableFile as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            raise CommandError(f"{error.filename or names} cannot be read: {error.strerror or error}.") from error
        self._check_sections(plan, section, names)
        report = self._open_report(options["report"])
        writer = Writer(
            source=source,
            plan=plan,
            taxonomy=Taxonomy(author_map, dry_run=dry_run, terms=plan.terms),
            report=report,
            format=options["format"],
            file=names,
            section=section,
            dry_run=dry_run,
        )
        try:
            for processed in writer.write(source.read()):
                self._show_progress(processed, len(plan.lines), options["verbosity"])
        finally:
            report.close()
        if writer.counts["new"] and not dry_run:
            refresh_statistics()
        self._show_summary(writer, options["verbosity"])
        if losses := sum(report.counts.values()):
            path = options["report"]
            hint = f"See {path}." if path else "Use --report FILE to list them all."
            differences = "1 difference" if losses == 1 else f"{losses} differences"
            raise CommandError(f"Done, with {differences} from the source. {hint}", returncode=DONE_WITH_LOSSES)

    def _read_author_map(self, path: Path | None) -> dict[str, Any]:
        try:
            return read_author_map(path) if path else {}
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}.") from error
        except ValueError as error:
            raise CommandError(str(error)) from error

    def _open_report(self, path: Path | None) -> Report:
        try:
            return Report.open(path)
        except OSError as error:
            raise CommandError(f"The report cannot be written to {path}: {error.strerror or error}.") from error

    def _check_sections(self, plan: Plan, section: str, names: str) -> None:
        """Raise CommandError, before anything is written, if an article would have no section."""
        if plan.sectionless and not section:
            raise CommandError(
                f"{plan.sectionless} of {len(plan.lines)} articles in {names} have no section. "
                "Assign one with --section SLUG."
            )

    def _show_progress(self, processed: int, total: int, verbosity: int) -> None:
        if verbosity and self.stdout.isatty():
            self.stdout.write(f"\r{min(processed, total)} of {total} articles and pages", ending="")
            self.stdout.flush()
        elif verbosity and self._shown < processed // PROGRESS_INTERVAL and processed < total:
            self._shown = processed // PROGRESS_INTERVAL
            self.stdout.write(f"{processed} of {total} articles and pages")

    def _show_summary(self, writer: Writer, verbosity: int) -> None:
        if not verbosity:
            return
        if self.stdout.isatty():
            self.stdout.write("")
        counts, created = writer.counts, writer.taxonomy.created
        self.stdout.write(
            f"{'Dry run: ' if writer.dry_run else ''}{counts['new']} new ({_states(counts)}), "
            f"{counts['updated']} updated, {counts['unchanged']} unchanged; "
            f"{created['authors']} authors, {created['topics']} topics and {created['sections']} sections created."
        )
        for code, count, examples in writer.report:
            self.stdout.write(f"{count} {LOSS_MESSAGES[code]}")
            for loss in examples:
                location = f"line {loss.line}" + (f", “{loss.title[:60]}”" if loss.title else "")
                self.stdout.write(f"    {location}: {loss.what[:160]}")
            if count > len(examples):
                self.stdout.write(f"    and {count - len(examples)} more")
        sys.stdout.flush()


def _options(options: dict[str, Any]) -> Options:
    """Return what the user chose about reading. Raises CommandError."""
    types: list[tuple[str, Target]] = []
    for text in options["types"]:
        name, _, target = text.partition("=")
        if not name or target not in TARGETS:
            raise CommandError(f"--types needs pairs such as recipe=article, not “{text}”.")
        types.append((name, TARGETS[target]))
    try:
        zone = ZoneInfo(options["timezone"]) if options["timezone"] else None
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise CommandError(f"There is no time zone “{options['timezone']}”.") from error
    return Options(zone, tuple(types), options["overdue"], options["shortcodes"])


def _states(counts: Counter[str]) -> str:
    """Return what the new ones are, such as “3 published, 1 drafts”."""
    parts = [f"{counts['published']} published", f"{counts['drafts']} drafts"]
    return ", ".join(parts + [f"{counts[name]} {name}" for name in ("scheduled", "pages", "comments") if counts[name]])
