"""Import a site: what the command and the page do with the files and options that a person chose."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from truthlytics.importers.formats import READERS
from truthlytics.importers.media.folder import MediaFolder
from truthlytics.importers.media.library import MediaLibrary
from truthlytics.importers.media.preparing import MediaOfTexts
from truthlytics.importers.media.web import MediaHosts, valid_host
from truthlytics.importers.plan import Plan, clear_redirect_cache, make_plan
from truthlytics.importers.progress import AnotherRun, Progress, end
from truthlytics.importers.records import Report
from truthlytics.importers.sources import Options, Source, UnreadableFile
from truthlytics.importers.taxonomy import NameHere, Taxonomy, read_name_map
from truthlytics.importers.writer import Writer
from truthlytics.models import ImportRun
from truthlytics.web.analyze import refresh_statistics

_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE)
# Called after each batch with the number of processed articles and pages, and that of all.
OnProgress = Callable[[int, int], None]


class ImportRefused(Exception):
    """Nothing was written. The message is a sentence for the user."""


class SectionRequired(ImportRefused):
    """Some articles have no section, and none was given for them."""


class AuthorRequired(ImportRefused):
    """The format has no names of authors, and none was given for the empty name."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What a person chose for one run. `section` is the slug of the section of every article, "" for their own.

    `authors` and `sections` map lower-case names in the source to names here. `report` is where every loss is written.
    Files that are not in the export come from the folder `media`, or from the hosts in `fetch`. `only_media`: only what
    was missing of articles and pages that were imported before.
    """

    reading: Options = field(default_factory=Options)
    section: str = ""
    authors: Mapping[str, NameHere] = field(default_factory=dict)
    sections: Mapping[str, NameHere] = field(default_factory=dict)
    dry_run: bool = False
    report: Path | None = None
    media: Path | None = None
    fetch: tuple[str, ...] = ()
    only_media: bool = False


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did, or would do. `counts` are those of the writer, `created` counts authors, topics and sections."""

    counts: Counter[str]
    created: Counter[str]
    report: Report

    @property
    def losses(self) -> int:
        return self.report.counts.total()


def import_site(
    format: str,
    files: Sequence[Path],
    options: RunOptions,
    on_progress: OnProgress = lambda done, total: None,
    run: ImportRun | None = None,
) -> RunResult:
    """Import `files`, or process them without writing anything in a dry run.

    `run` is the row of an import that this process works at (see `progress`). Without it, a row is made when something
    is to be written. What was imported before is skipped, so this is safe to call again after an interruption. An
    exception of `on_progress` ends the run; the batches before it are stored. Raises ImportRefused if nothing could be
    written.
    """
    source, plan = _read(format, files, options)
    library = _library(source, plan, options)
    report, progress = _open_report(options.report), Progress()
    writer = Writer(
        source=source,
        plan=plan,
        taxonomy=Taxonomy(options.authors, options.sections, dry_run=options.dry_run, terms=plan.terms),
        report=report,
        media=MediaOfTexts(library, report, options.only_media),
        format=format,
        file=_names(files),
        section=options.section,
        dry_run=options.dry_run,
        counts=library.counts,
        run=run,
    )
    processed, status = 0, ImportRun.Status.STOPPED
    # Fetching the files of a batch takes minutes.
    library.on_wait = lambda: progress(writer.run, processed, len(plan.lines))
    try:
        for processed in writer.write(source.read()):
            progress(writer.run, processed, len(plan.lines))
            on_progress(processed, len(plan.lines))
        status = ImportRun.Status.DONE
    except AnotherRun as error:
        raise ImportRefused(str(error)) from error
    finally:
        report.close()
        if run is None and writer.run is not None:
            end(writer.run, status)
    if writer.counts["new"] and not options.dry_run:
        refresh_statistics()
    return RunResult(writer.counts, writer.taxonomy.created, report)


def _read(format: str, files: Sequence[Path], options: RunOptions) -> tuple[Source, Plan]:
    """Return the source and the plan of what becomes of it. Raises ImportRefused."""
    clear_redirect_cache()
    try:
        source = READERS[format].reader(files, options.reading)
        plan = make_plan(source.read())
    except UnreadableFile as error:
        raise ImportRefused(str(error)) from error
    except OSError as error:
        names = error.filename or _names(files)
        raise ImportRefused(f"{names} cannot be read: {error.strerror or error}.") from error
    if plan.sectionless and not options.section and "" not in options.sections:
        raise SectionRequired(f"{plan.sectionless} of {len(plan.lines)} articles in {_names(files)} have no section.")
    if not source.has_authors and "" not in options.authors and plan.lines:
        raise AuthorRequired(f"{_names(files)} has no names of authors.")
    return source, plan


def _library(source: Source, plan: Plan, options: RunOptions) -> MediaLibrary:
    """Return what finds the files of the source. Raises ImportRefused."""
    if options.media is not None and not options.media.is_dir():
        raise ImportRefused(f"There is no folder {options.media}.")
    folder = MediaFolder(options.media) if options.media else None
    hosts = MediaHosts(options.fetch) if options.fetch else None
    return MediaLibrary(source, plan, Counter(), folder, hosts, options.dry_run)


def _names(files: Sequence[Path]) -> str:
    return ", ".join(path.name for path in files)


def parse_zone(name: str) -> ZoneInfo | None:
    """Return the time zone with this name, None for "". Raises ImportRefused."""
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ImportRefused(f"There is no time zone “{name}”.") from error


def parse_site_url(text: str) -> str:
    """Return the scheme and host of the address of the old site, "" for "". Raises ImportRefused."""
    address = text.strip()
    if not address:
        return ""
    try:
        parts = urlsplit(address if "://" in address else f"https://{address}")
        host = parts.hostname or ""
    except ValueError:
        host = ""
    if parts.scheme not in {"http", "https"} or not _HOST.fullmatch(host):
        raise ImportRefused(f"The address of the old site must be such as https://example.org, not “{address[:80]}”.")
    return f"{parts.scheme}://{host}"


def read_names(path: Path | None) -> dict[str, NameHere]:
    """Return the map of names in the CSV file `path`. Raises ImportRefused."""
    try:
        return read_name_map(path) if path else {}
    except OSError as error:
        raise ImportRefused(f"{path} cannot be read: {error.strerror or error}.") from error
    except ValueError as error:
        raise ImportRefused(str(error)) from error


def parse_host(text: str) -> str:
    """Return the name of a host to fetch from, such as `example.org` or `*.example.org`. Raises ImportRefused."""
    try:
        return valid_host(text)
    except ValueError as error:
        raise ImportRefused(f"“{text}” is not the name of a host, such as example.org or *.example.org.") from error


def _open_report(path: Path | None) -> Report:
    try:
        return Report.open(path)
    except OSError as error:
        raise ImportRefused(f"The report cannot be written to {path}: {error.strerror or error}.") from error
