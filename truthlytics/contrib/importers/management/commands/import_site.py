"""Import articles with their authors, topics, dates and old URLs."""

import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from django.core.management import call_command, get_commands
from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst, slugify

from articles.models import Kind
from truthlytics.contrib.importers.access_signs import is_harmless
from truthlytics.contrib.importers.formats import import_formats
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.parsing import (
    parse_host,
    parse_site_url,
    parse_types,
    parse_zone,
    read_kinds,
    read_names,
)
from truthlytics.contrib.importers.progress import INTERRUPTED, AnotherRun, begin, end, this_process
from truthlytics.contrib.importers.records import LOSS_MESSAGES
from truthlytics.contrib.importers.run import (
    AuthorRequired,
    ImportRefused,
    RunOptions,
    RunResult,
    SectionRequired,
    import_site,
)
from truthlytics.contrib.importers.sources import Options
from truthlytics.contrib.importers.undo import outlook, undo
from truthlytics.web.text import counted

DONE_WITH_LOSSES = 2
# What `export_site` writes, and the command that reads it, if the site has it.
WHOLE_SITE, WHOLE_SITE_COMMAND = "truthlytics", "import_export"
# Records between two lines of progress, unless the output is a terminal.
PROGRESS_INTERVAL = 200
# Signs of access rules in the summary, most frequent first.
MAX_SIGNS = 50


class Command(BaseCommand):
    help = (
        "Import articles from a file (docs/importing.md). Safe to run again, also after an interruption. "
        "Exit status 0: done; 2: done, but some content was not imported exactly."
    )

    # The number of intervals that have been shown.
    _shown = 0

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = sorted([*import_formats(), *([WHOLE_SITE] if WHOLE_SITE_COMMAND in get_commands() else [])])
        parser.add_argument("format", nargs="?", choices=names, help="format of the files")
        parser.add_argument("files", type=Path, nargs="*", metavar="FILE", help="may be gzipped")
        parser.add_argument("--dry-run", action="store_true", help="process and report everything, write nothing")
        parser.add_argument("--section", default="", metavar="SLUG", help="section of every article")
        parser.add_argument(
            "--authors", type=Path, metavar="MAP.CSV", help="author names: name in the source, name here[, slug]"
        )
        parser.add_argument(
            "--sections", type=Path, metavar="MAP.CSV", help="section names: name in the source, name here[, slug]"
        )
        parser.add_argument("--kind", choices=Kind.values, default="", help="label of articles that have none")
        parser.add_argument(
            "--kinds", type=Path, metavar="MAP.CSV", help="labels by section or topic: name in the source, kind"
        )
        self._add_reading_arguments(parser)
        parser.add_argument(
            "--media", type=Path, metavar="FOLDER", help="where the files of the media library are, such as uploads"
        )
        parser.add_argument("--credit", default="", metavar="TEXT", help="credit of images that have none")
        parser.add_argument(
            "--fetch",
            nargs="+",
            default=[],
            metavar="HOST",
            help="hosts to fetch files from that are nowhere else, such as example.org or *.example.org",
        )
        parser.add_argument(
            "--only-media", action="store_true", help="add images that were missing, and import nothing else"
        )
        parser.add_argument("--report", type=Path, metavar="FILE", help="write every difference as a line of JSON")
        parser.add_argument(
            "--undo", type=int, metavar="RUN", help="remove what this run created and nobody has worked with since"
        )

    def _add_reading_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--compare",
            default="",
            metavar="ADDRESS",
            help="fetch each text from the old site without a login; what a stranger cannot read there stays a draft",
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
        parser.add_argument(
            "--keep-emails", action="store_true", help="of writers of comments, so that they can claim them"
        )
        parser.add_argument(
            "--harmless",
            action="append",
            default=[],
            metavar="SIGN",
            help="a sign of an access rule that is none, as a dry run names it; repeat for several",
        )
        parser.add_argument(
            "--site-url", default="", metavar="URL", help="the old site, for formats that do not say it (Substack)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["undo"] is not None:
            self._undo(options["undo"], dry_run=options["dry_run"])
        elif not options["format"] or not options["files"]:
            raise CommandError("Give the format and at least one file.")
        elif options["format"] == WHOLE_SITE:
            self._import_whole_site(options["files"], dry_run=options["dry_run"])
        else:
            self._import(options)

    def _undo(self, number: int, *, dry_run: bool) -> None:
        """Say what undoing a run removes and keeps, and do it unless this is a dry run. Raises CommandError."""
        run = ImportRun.objects.filter(pk=number).first()
        if run is None:
            raise CommandError(f"There is no import with the number {number}.")
        expected = outlook(run)
        self.stdout.write(
            f"{'Dry run: ' if dry_run else ''}{counted(expected.articles, 'article')} and "
            f"{counted(expected.pages, 'page')} to remove, {expected.kept_count} to keep."
        )
        for row, _url, reasons in expected.kept:
            self.stdout.write(f"    “{str(row)[:60]}”: {' '.join(map(str, reasons))}")
        if dry_run:
            return
        try:
            begin(run, ImportRun.Status.UNDOING, process=this_process())
        except AnotherRun as error:
            raise CommandError(str(error)) from error
        status = INTERRUPTED[ImportRun.Status.UNDOING]
        try:
            status = ImportRun.Status(undo(run))
        finally:
            end(run, status)

    def _import(self, options: dict[str, Any]) -> None:
        section = options["section"]
        if section != slugify(section) or len(section) > 80:
            raise CommandError("--section must be a slug: lower-case letters, digits and hyphens, at most 80.")

        def show_progress(processed: int, total: int) -> None:
            self._show_progress(processed, total, options["verbosity"])

        try:
            run_options = RunOptions(
                reading=_reading_options(options),
                section=section,
                authors=read_names(options["authors"]),
                sections=read_names(options["sections"]),
                dry_run=options["dry_run"],
                report=options["report"],
                media=options["media"],
                fetch=tuple(parse_host(host) for host in options["fetch"]),
                credit=options["credit"],
                only_media=options["only_media"],
                kind=options["kind"],
                kinds=read_kinds(options["kinds"]),
                compare=parse_site_url(options["compare"]),
            )
            result = import_site(options["format"], options["files"], run_options, show_progress)
        except SectionRequired as error:
            raise CommandError(f"{error} Assign one with --section SLUG.") from error
        except AuthorRequired as error:
            hint = "Assign one with --authors MAP.CSV, in a line with an empty name in the source, such as “,Ada Orr”."
            raise CommandError(f"{error} {hint}") from error
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        self._show_summary(result, options["dry_run"], options["verbosity"])
        self._show_signs(result.signs, run_options.reading.harmless, options["verbosity"])
        if losses := result.losses:
            path = options["report"]
            hint = f"See {path}." if path else "Use --report FILE to list them all."
            self._end_with_losses(f"{counted(losses, 'difference')} from the source. {hint}", options["dry_run"])

    def _end_with_losses(self, differences: str, dry_run: bool) -> NoReturn:
        self.stderr.write(f"{'Dry run finished' if dry_run else 'Done'}, with {differences}")
        # A CommandError would be printed with its name, as if the import had failed.
        sys.exit(DONE_WITH_LOSSES)

    def _import_whole_site(self, folders: list[Path], *, dry_run: bool) -> None:
        if len(folders) != 1:
            raise CommandError("Name the folder of one export.")
        call_command(WHOLE_SITE_COMMAND, folders[0], dry_run=dry_run, stdout=self.stdout, stderr=self.stderr)

    def _show_progress(self, processed: int, total: int, verbosity: int) -> None:
        if verbosity and self.stdout.isatty():
            self.stdout.write(f"\r{min(processed, total)} of {total} articles and pages", ending="")
            self.stdout.flush()
        elif verbosity and self._shown < processed // PROGRESS_INTERVAL and processed < total:
            self._shown = processed // PROGRESS_INTERVAL
            self.stdout.write(f"{processed} of {total} articles and pages")

    def _show_summary(self, result: RunResult, dry_run: bool, verbosity: int) -> None:
        if not verbosity:
            return
        if self.stdout.isatty():
            self.stdout.write("")
        counts, created = result.counts, result.created
        self.stdout.write(
            f"{'Dry run: ' if dry_run else ''}{counts['new']} new ({_states(counts)}), "
            f"{counts['updated']} updated, {counts['unchanged']} unchanged; "
            f"{counted(created['authors'], 'author')}, {counted(created['topics'], 'topic')} and "
            f"{counted(created['sections'], 'section')} created."
        )
        if media := _media(counts, dry_run=dry_run):
            self.stdout.write(media)
        if compared := _compared(counts):
            self.stdout.write(compared)
        for code, count, examples in result.report:
            self.stdout.write(f"{capfirst(LOSS_MESSAGES[code])}: {count}")
            for loss in examples:
                places = (f"line {loss.line}" if loss.line else "", f"“{loss.title[:60]}”" if loss.title else "")
                location = ", ".join(filter(None, places))
                self.stdout.write(f"    {location}{': ' if location else ''}{loss.what[:160]}")
            if count > len(examples):
                self.stdout.write(f"    and {count - len(examples)} more")
        sys.stdout.flush()

    def _show_signs(self, signs: Counter[str], harmless: frozenset[str], verbosity: int) -> None:
        stopping = [(sign, count) for sign, count in signs.most_common() if not is_harmless(sign, harmless)]
        if not verbosity or not stopping:
            return
        self.stdout.write("Signs of access rules, whose texts are drafts:")
        for sign, count in stopping[:MAX_SIGNS]:
            self.stdout.write(f"    {count} {'text' if count == 1 else 'texts'}: {sign}")
        if len(stopping) > MAX_SIGNS:
            self.stdout.write(f"    and {len(stopping) - MAX_SIGNS} more signs")
        self.stdout.write("If everybody could read the texts with a sign, repeat the command with --harmless 'SIGN'.")


def _reading_options(options: dict[str, Any]) -> Options:
    """Return what the user chose about reading. Raises ImportRefused."""
    zone = parse_zone(options["timezone"])
    site_url = parse_site_url(options["site_url"])
    types = parse_types(options["types"])
    return Options(
        timezone=zone,
        types=types,
        overdue=options["overdue"],
        shortcodes=options["shortcodes"],
        site_url=site_url,
        keep_emails=options["keep_emails"],
        harmless=frozenset(options["harmless"]),
    )


def _media(counts: Counter[str], *, dry_run: bool) -> str:
    """Return a sentence about images; "" if there are none, or no place to look for them."""
    if not counts["images"] + counts["images_to_fetch"] + counts["images_missing"]:
        return ""
    size = filesizeformat(counts["image_bytes"])
    found = f"{counted(counts['images'], 'media file')} {'found' if dry_run else 'added'} ({size})"
    to_fetch = f", {counts['images_to_fetch']} to fetch" if dry_run else ""
    return f"{found}{to_fetch}, {counts['images_missing']} missing."


def _compared(counts: Counter[str]) -> str:
    """Return a sentence about what a stranger could read on the old site; "" if nothing was compared."""
    phrases = {"whole": "read whole", "part": "in part", "none": "not at all", "unreachable": "not reachable"}
    found = {phrase: counts[f"compared_{outcome}"] for outcome, phrase in phrases.items()}
    texts = counted(sum(found.values()), "text")
    shown = ", ".join(f"{count} {phrase}" for phrase, count in found.items())
    return f"{texts} compared with the old site: {shown}." if any(found.values()) else ""


def _states(counts: Counter[str]) -> str:
    """Return what the new ones are, such as “3 published, 1 draft”."""
    parts = [f"{counts['published']} published", counted(counts["drafts"], "draft")]
    if counts["scheduled"]:
        parts.append(f"{counts['scheduled']} scheduled")
    return ", ".join(parts + [counted(counts[f"{noun}s"], noun) for noun in ("page", "comment") if counts[f"{noun}s"]])
