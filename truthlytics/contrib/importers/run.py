"""Import a site: what the command and the page do with the files and options that a person chose."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from truthlytics.contrib.importers.findings import Findings
from truthlytics.contrib.importers.formats import import_formats
from truthlytics.contrib.importers.media.archives import unpacked_media
from truthlytics.contrib.importers.media.folder import MediaFolder
from truthlytics.contrib.importers.media.library import MediaLibrary
from truthlytics.contrib.importers.media.preparing import MediaOfTexts
from truthlytics.contrib.importers.media.web import MediaHosts
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.old_site import ACCEPT, MAX_PAGE, ComparedSource
from truthlytics.contrib.importers.plan import Plan, clear_redirect_cache, make_plan
from truthlytics.contrib.importers.progress import AnotherRun, Progress, end
from truthlytics.contrib.importers.records import Entry, Report
from truthlytics.contrib.importers.sources import Options, Source, UnreadableFile
from truthlytics.contrib.importers.taxonomy import NameHere, Taxonomy
from truthlytics.contrib.importers.writer import Writer
from truthlytics.web.analyze import refresh_statistics

# It looks for images in its archives on its own.
UNPACKS_ITSELF = "ghost"
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
    Files that are not in the export come from the folder `media`, or from the hosts in `fetch`. `credit` is that of
    images without one. `only_media`: only what was missing of articles and pages that were imported before. `kind` is
    the label of articles that have none in the source; `kinds` has those of sections and topics, by lower-case name.
    `compare` is the address of the old site, at which a stranger must be able to read what becomes public here.
    """

    reading: Options = field(default_factory=Options)
    section: str = ""
    authors: Mapping[str, NameHere] = field(default_factory=dict)
    sections: Mapping[str, NameHere] = field(default_factory=dict)
    dry_run: bool = False
    report: Path | None = None
    media: Path | None = None
    fetch: tuple[str, ...] = ()
    credit: str = ""
    only_media: bool = False
    kind: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    compare: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What a run did, or would do. `counts` are those of the writer, `created` counts authors, topics and sections.

    `signs` counts the texts with each sign of an access rule.
    """

    counts: Counter[str]
    created: Counter[str]
    report: Report
    signs: Counter[str]

    @property
    def losses(self) -> int:
        return self.report.counts.total()


def import_site(
    format: str,
    files: Sequence[Path],
    options: RunOptions,
    on_progress: OnProgress = lambda done, total: None,
    run: ImportRun | None = None,
    findings: Findings | None = None,
) -> RunResult:
    """Import `files`, or process them without writing anything in a dry run.

    `run` is the row of an import that this process works at (see `progress`). Without it, a row is made when something
    is to be written. What was imported before is skipped, so this is safe to call again after an interruption. An
    exception of `on_progress` ends the run; the batches before it are stored. Raises ImportRefused if nothing could be
    written. `findings` collects what a dry run finds out.
    """
    try:
        with unpacked_media(() if format == UNPACKS_ITSELF else files) as unpacked:
            exports = unpacked.files or files
            if unpacked.folder is not None and options.media is None:
                options = replace(options, media=unpacked.folder)
            return _import_files(format, exports, options, on_progress, run, findings)
    except UnreadableFile as error:
        raise ImportRefused(str(error)) from error


def _import_files(
    format: str,
    files: Sequence[Path],
    options: RunOptions,
    on_progress: OnProgress,
    run: ImportRun | None,
    findings: Findings | None,
) -> RunResult:
    progress = Progress()
    source, plan = _read(format, files, options, lambda entries: _observed(entries, run, progress, findings))
    # A run that was interrupted continues: what it has counted and reported stays.
    before: Counter[str] = Counter(run.counts) if run is not None and not options.dry_run else Counter()
    before.pop("losses", None)
    report = _open_report(options.report, goes_on=bool(before))
    library = _library(source, plan, options)
    if isinstance(source, ComparedSource) and not before:
        library.counts.update({f"compared_{outcome}": count for outcome, count in source.counts.items()})
    writer = Writer(
        source=source,
        plan=plan,
        taxonomy=Taxonomy(options.authors, options.sections, dry_run=options.dry_run, terms=plan.terms),
        report=report,
        media=MediaOfTexts(library, report, options.only_media),
        format=format,
        file=_names(files),
        section=options.section,
        kind=options.kind,
        kinds=options.kinds,
        dry_run=options.dry_run,
        counts=library.counts,
        # A dry run tells its row how far it is, but writes nothing else.
        run=None if options.dry_run else run,
    )
    _write(writer, library, run, before, progress, on_progress)
    counts = Counter(writer.counts)
    if findings is not None:
        add_samples(findings, writer)
    if counts["new"] and not options.dry_run:
        refresh_statistics()
    return RunResult(counts, writer.taxonomy.created, report, plan.signs)


def _write(
    writer: Writer,
    library: MediaLibrary,
    run: ImportRun | None,
    before: Counter[str],
    progress: Progress,
    on_progress: OnProgress,
) -> None:
    """Write everything, and save the progress to the import’s database row. Closes the report."""
    processed, total, status = 0, len(writer.plan.lines), ImportRun.Status.STOPPED
    columns = dict if writer.dry_run else partial(_written, writer, before)
    # Fetching the files of a batch takes minutes.
    library.on_wait = lambda: progress(run or writer.run, processed, total)
    try:
        for processed in writer.write(writer.source.read()):
            progress(run or writer.run, processed, total, columns)
            on_progress(processed, total)
        status = ImportRun.Status.DONE
    except AnotherRun as error:
        raise ImportRefused(str(error)) from error
    finally:
        writer.report.close()
        _end(writer, before, status, is_own=run is None)


def _observed(
    entries: Iterable[Entry], run: ImportRun | None, progress: Progress, findings: Findings | None
) -> Iterator[Entry]:
    """Yield `entries`, and tell `run` how many there are so far."""
    for number, entry in enumerate(entries if findings is None else findings.observe(entries), start=1):
        progress(run, number, 0)
        yield entry


def _written(writer: Writer, before: Counter[str]) -> dict[str, object]:
    """Return the columns of the run about what was written, `before` this process and by it."""
    counts = before + writer.counts
    # What it wrote before is unchanged now.
    counts["unchanged"] = max(0, writer.counts["unchanged"] - before["new"] - before["updated"])
    created: dict[str, list[int]] = dict(writer.run.created_rows) if writer.run is not None else {}
    for kind, rows in writer.taxonomy.created_rows.items():
        created[kind] = sorted({*created.get(kind, ()), *rows})
    return {"counts": {**counts, "losses": dict(writer.report.counts)}, "created_rows": created}


def _end(writer: Writer, before: Counter[str], status: str, *, is_own: bool) -> None:
    """Store what the run wrote. If it is the process's own, it ends."""
    if writer.run is None or writer.dry_run:
        return
    own = ImportRun.objects.filter(pk=writer.run.pk, process=writer.run.process)
    own.update(**_written(writer, before))
    if is_own:
        end(writer.run, status)


def add_samples(findings: Findings, writer: Writer) -> None:
    """Add the sampled records to `findings`, as they are in the source and as they would be stored."""
    for record in findings.records:
        original = writer.source.with_html(record, lambda code, what: None)
        converted = writer.convert(record, lambda code, what: None)
        title, body = str(converted.fields["headline"]), str(converted.fields["body"])
        findings.add_sample(record, original.body or record.body, title, body, converted.state)


def _read(
    format: str, files: Sequence[Path], options: RunOptions, observe: Callable[[Iterable[Entry]], Iterable[Entry]]
) -> tuple[Source, Plan]:
    """Return the source and the plan of what becomes of it. Raises ImportRefused."""
    clear_redirect_cache()
    try:
        source = import_formats()[format].parser(files, options.reading)
        if options.compare:
            source = ComparedSource(source, options.compare, _hosts_of(options.compare))
        plan = make_plan(observe(source.read()))
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


def _hosts_of(address: str) -> MediaHosts:
    """Return what fetches pages from the host at `address`, with and without “www.”."""
    host = (urlsplit(address).hostname or "").removeprefix("www.")
    return MediaHosts((host, f"www.{host}"), accept=ACCEPT, max_bytes=MAX_PAGE)


def _library(source: Source, plan: Plan, options: RunOptions) -> MediaLibrary:
    """Return what finds the files of the source. Raises ImportRefused."""
    if options.media is not None and not options.media.is_dir():
        raise ImportRefused(f"There is no folder {options.media}.")
    folder = MediaFolder(options.media) if options.media else None
    hosts = MediaHosts(options.fetch) if options.fetch else None
    return MediaLibrary(source, plan, Counter(), folder, hosts, options.dry_run, options.credit)


def _names(files: Sequence[Path]) -> str:
    return ", ".join(path.name for path in files)


def _open_report(path: Path | None, *, goes_on: bool) -> Report:
    try:
        return Report.open(path, goes_on=goes_on)
    except OSError as error:
        raise ImportRefused(f"The report cannot be written to {path}: {error.strerror or error}.") from error
