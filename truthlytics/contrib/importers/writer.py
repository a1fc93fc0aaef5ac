"""Store records of any format as articles and pages with their versions, comments and redirects."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from articles.models import Article, Page
from articles.models.pages import REQUIRED_TO_SELL
from articles.services.publishing import NotReadyError, unschedule
from articles.services.standard_pages import STANDARD_PAGES
from truthlytics.contrib.importers.converted import ConvertedRecord, convert, digest_of_item
from truthlytics.contrib.importers.creation import NewRecord, create
from truthlytics.contrib.importers.media.preparing import MediaOfTexts, has_other_access
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.own_pages import own_pages
from truthlytics.contrib.importers.plan import Key, Plan, as_imported, imported_objects, item_of
from truthlytics.contrib.importers.progress import begin, this_process
from truthlytics.contrib.importers.records import Entry, Loss, MediaRecord, Record, Report, ReportLoss, TermRecord
from truthlytics.contrib.importers.redirects import existing_redirects, redirect_terms
from truthlytics.contrib.importers.sources import Source
from truthlytics.contrib.importers.taxonomy import Taxonomy
from truthlytics.contrib.importers.updating import update
from truthlytics.contrib.importers.words import report_freed, report_words

# Records per transaction, and characters of their texts and comments: all that an interrupted run loses.
BATCH_SIZE = 100
BATCH_CHARACTERS = 1_000_000
# Standard pages whose text has legal consequences.
REQUIRED_SLUGS = {page.slug for page in STANDARD_PAGES if page.purpose in REQUIRED_TO_SELL}


@dataclass
class Writer:
    """Writes the records of a source in batches. A dry run processes and reports everything but writes nothing.

    `section` is the slug of a section that overrides those of the records; `kind` and `kinds` are as in `RunOptions`.
    `counts` has the keys new, updated, unchanged, published, scheduled, drafts, pages (of those that are new) and
    comments. `run` is the import’s row; without it one is made when something is to be written, which raises
    AnotherRun if another import is in progress.
    """

    source: Source
    plan: Plan
    taxonomy: Taxonomy
    report: Report
    media: MediaOfTexts
    format: str
    file: str
    section: str = ""
    kind: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    run: ImportRun | None = None

    def write(self, entries: Iterable[Entry]) -> Iterator[int]:
        """Write `entries`; yield the number of processed articles and pages after each batch."""
        processed = 0
        # The plan has the terms.
        for batch in _batches(entry for entry in entries if not isinstance(entry, TermRecord)):
            self.media.prepare(batch, self._current_run)
            with self._transaction():
                self._write_batch(batch)
            processed += sum(isinstance(entry, Record) for entry in batch)
            yield processed
        with self._transaction():
            redirect_terms(self.plan.terms, self.taxonomy, dry_run=self.dry_run)
        if self.run is not None:
            self.run.finished_at = timezone.now()
            self.run.counts = {**self.counts, "losses": dict(self.report.counts)}
            self.run.save(update_fields=["finished_at", "counts"])

    def _transaction(self) -> AbstractContextManager[Any]:
        return nullcontext() if self.dry_run else transaction.atomic()

    def _write_batch(self, batch: Sequence[Entry]) -> None:
        records = [entry for entry in batch if isinstance(entry, Record)]
        imported = imported_objects(records)
        if not self.dry_run and self.run is None and any(self._creates(record, imported) for record in records):
            # Before their authors and topics. Another import may have stored the same until it let this one begin.
            self._current_run()
            imported = imported_objects(records)
        new: list[ConvertedRecord] = []
        for entry in batch:
            if isinstance(entry, Loss):
                self.report.add(entry)
            elif isinstance(entry, MediaRecord):
                self.media.add(entry)
            elif isinstance(entry, Record):
                self._write_first(entry, imported, new)
        self._create(new)

    def _creates(self, record: Record, imported: dict[Key, ImportedObject]) -> bool:
        return record.key not in imported and self.media.is_due(record, None)

    def _write_first(self, record: Record, imported: dict[Key, ImportedObject], new: list[ConvertedRecord]) -> None:
        if self.plan.positions.get(record.key, record.position) == record.position:
            converted = self._write_record(record, imported.get(record.key))
            if converted is not None:
                new.append(converted)
        else:
            self.report.for_record(record)("repeated", f"Same id as line {self.plan.lines[record.key]}.")

    def _write_record(self, record: Record, imported: ImportedObject | None) -> ConvertedRecord | None:
        """Update what `record` was imported as. Return it converted if it was not imported before."""
        if not self.media.is_due(record, imported):
            self.counts["unchanged" if imported is not None else "skipped"] += 1
            return None
        report_loss = self.report.for_record(record)
        same = imported is not None and imported.source_digest == record.digest
        if imported is not None and same and not has_other_access(record, imported):
            report_loss = _only_images(report_loss)  # The others were reported when it was written.
        if imported is not None and imported.written_digest != digest_of_item(item_of(imported)):
            self.counts["unchanged"] += 1
            self._keep_edited(imported, record, report_loss)
            return None
        record = as_imported(record, imported)
        for code, what in record.losses:
            report_loss(code, what)
        converted = self.convert(record, report_loss)
        if imported is not None and imported.article is not None and not converted.fields["kind"]:
            converted.fields["kind"] = imported.article.kind
        if imported is None:
            if converted.draft_reason:
                report_loss("draft", converted.draft_reason)
            return converted
        if converted.draft_reason:
            is_public_here = self._close(item_of(imported), converted.draft_reason, report_loss)
            if is_public_here:
                self.counts["unchanged"] += 1
                return None
        if _is_same(converted, imported):
            self.counts["unchanged"] += 1
            return None
        if not self.dry_run:
            # Before the savepoint, because the records after one that is refused refer to it too.
            self._current_run()
        try:
            with self._transaction():
                self._update(converted, imported, report_loss)
        except (DatabaseError, NotReadyError) as error:
            report_loss("refused", str(error))
        return None

    def convert(self, record: Record, report_loss: ReportLoss) -> ConvertedRecord:
        """Return `record` as it would be stored, and report the differences."""
        original, record = record, self.media.with_html(record, report_loss)
        converted = convert(
            replace(record, kind=self._kind_of(record)),
            self.plan.slugs[record.key],
            self.taxonomy,
            partial(self.plan.resolve, record=record),
            report_loss,
            section=self.section,
            # Readers see every section, so that of drafts and private articles alone is not created.
            creates_section=record.section.casefold() in self.plan.public_sections,
            library=self.media.library,
            template=self._template(record),
        )
        # What is stored in a format of its own is compared as HTML.
        source = record if original.body.lstrip().startswith("{") else original
        report_words(source, converted.fields, report_loss)
        report_freed(source, report_loss)
        return converted

    def _kind_of(self, record: Record) -> str:
        """Return the kind of the article: its own, that of its section or a topic, that of the run, or none."""
        names = (" ".join(name.split()).casefold() for name in (record.section, *record.topics))
        return record.kind or next((self.kinds[name] for name in names if name in self.kinds), self.kind)

    def _template(self, record: Record) -> str:
        """Return why a page stays a draft that takes the place of one that readers must be able to rely on."""
        slug = self.plan.slugs[record.key]
        is_required = record.target == "page" and slug in self.plan.templates and slug in REQUIRED_SLUGS
        return "It took the place of a page that this site needs by law. Check it, then publish it." * is_required

    def _create(self, batch: Sequence[ConvertedRecord]) -> None:
        """Store records that were not imported before: all at once, or one by one if one of them is refused."""
        if not batch:
            return
        new = self._with_redirects(batch)
        for one in new:
            self.counts["new"] += 1
            self.counts[one.converted.state] += 1
            self.counts["pages"] += one.record.target == "page"
            self.counts["comments"] += len(one.record.comments)
        if self.dry_run:
            return
        # Before the savepoints, because the records after one that is refused refer to it too.
        run = self._current_run()
        try:
            create(new, run)
        except (DatabaseError, NotReadyError):
            for one in new:
                try:
                    create([one], run)
                except (DatabaseError, NotReadyError) as error:
                    self.report.for_record(one.record)("refused", str(error))

    def _with_redirects(self, batch: Sequence[ConvertedRecord]) -> list[NewRecord]:
        """Return `batch` with those old URLs of each that redirect to nothing yet. Report the others."""
        taken = set(existing_redirects([path for converted in batch for path in converted.record.paths], "pk"))
        new = []
        for converted in batch:
            report_loss = self.report.for_record(converted.record)
            free = [path for path in dict.fromkeys(converted.record.paths) if path not in taken]
            for path in converted.record.paths:
                if path in taken:
                    report_loss("address", f"{path} already redirects to something else.")
                elif not path.query and path.path in own_pages():
                    report_loss("address", f"{path} is a page of this site itself.")
            taken.update(free)
            new.append(NewRecord(converted, free))
        return new

    def _update(self, converted: ConvertedRecord, imported: ImportedObject, report_loss: ReportLoss) -> None:
        item, record = item_of(imported), converted.record
        self.counts["updated" if imported.written_digest != converted.digest else "unchanged"] += 1
        published_at = item.published_at
        is_first = published_at is None or published_at > timezone.now()
        has_other_date = published_at != record.published_at
        if isinstance(item, Article) and not is_first and has_other_date and not converted.draft_reason:
            date = f"{published_at:%Y-%m-%d %H:%M}"
            report_loss("date", f"Published here at {date}, which a later version cannot change.")
        if self.dry_run:
            return
        update(converted, imported, self._current_run(), report_loss)

    def _keep_edited(self, imported: ImportedObject, record: Record, report_loss: ReportLoss) -> None:
        item = item_of(imported)
        if imported.source_digest == record.digest and not has_other_access(record, imported):
            if self.convert(record, lambda code, what: None).missing_images < imported.missing_images:
                report_loss("edited", "Edited here since the last import, so that its images were not inserted.")
            return
        if not record.is_public and item.state() in {"scheduled", "published", "changing"}:
            self._close(item, record.reason or "It is not public in the source.", report_loss)
        report_loss("edited", "Edited here since the last import, and changed in the source too.")

    def _close(self, item: Article | Page, reason: str, report_loss: ReportLoss) -> bool:
        """Unschedule `item`, which must not become public, and report it. Return whether it is public already.

        What readers can see stays as it is: to withdraw it is for the newsroom to decide.
        """
        if item.state() in {"published", "changing"}:
            report_loss("public", f"{reason} If it must not be public here either, withdraw it.")
            return True
        is_scheduled = item.scheduled_version() is not None
        report_loss("draft", f"{reason} It is no longer scheduled." if is_scheduled else reason)
        if is_scheduled and not self.dry_run:
            unschedule(item=item)
        return False

    def _current_run(self) -> ImportRun:
        if self.run is None:
            run = ImportRun(format=self.format, file=self.file[:255])
            begin(run, ImportRun.Status.IMPORTING, process=this_process())
            self.run = run
        return self.run


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """Yield as many entries at a time as one transaction takes. It locks a database on SQLite for about a second."""
    batch: list[Entry] = []
    size = 0
    for entry in entries:
        batch.append(entry)
        if isinstance(entry, Record):
            size += len(entry.body) + sum(len(comment.text) for comment in entry.comments)
        if len(batch) == BATCH_SIZE or size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _is_same(converted: ConvertedRecord, imported: ImportedObject) -> bool:
    """Return whether looking for missing images again has changed nothing."""
    same_source = imported.source_digest == converted.record.digest
    same_text = imported.written_digest == converted.digest and not has_other_access(converted.record, imported)
    return same_source and same_text and imported.missing_images == converted.missing_images


def _only_images(report_loss: ReportLoss) -> ReportLoss:
    def report(code: str, what: str) -> None:
        if code in {"image", "edited", "refused"}:
            report_loss(code, what)

    return report
