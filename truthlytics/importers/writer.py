"""Store records of any format as articles and versions."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

from articles.access import Level
from articles.integrity import canonical, digest_of
from articles.models import Article, Author, Byline, Redirect, Section, Topic
from articles.services.publishing import NotReadyError, publish
from truthlytics.importers.bodies import convert_body, convert_line
from truthlytics.importers.plan import Plan, imported_objects
from truthlytics.importers.records import Loss, Record, Report, ReportLoss
from truthlytics.importers.taxonomy import Taxonomy
from truthlytics.models import ImportedObject, ImportRun

# Articles per transaction: all that an interrupted run loses.
BATCH_SIZE = 25
MAX_HEADLINE_LENGTH = 200
MAX_STANDFIRST_LENGTH = 600


@dataclass(frozen=True, slots=True)
class ConvertedRecord:
    """A record converted to an article's fields. `draft_reason` is empty if it can be published."""

    record: Record
    slug: str
    fields: dict[str, Any]
    section: Section
    authors: Sequence[Author]
    topics: Sequence[Topic]
    draft_reason: str

    @property
    def digest(self) -> str:
        return _digest(self.fields, self.section, self.authors, self.topics)


@dataclass
class Writer:
    """Writes records in batches. A dry run processes and reports everything but writes nothing.

    `section` is the slug of a section that overrides those of the records. `counts` has the keys new, updated,
    unchanged, published and drafts.
    """

    plan: Plan
    taxonomy: Taxonomy
    report: Report
    format: str
    file: str
    section: str = ""
    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    _run: ImportRun | None = None

    def write(self, entries: Iterable[Record | Loss]) -> Iterator[int]:
        """Write `entries`; yield the number of processed lines after each batch."""
        processed = 0
        for batch in batched(entries, BATCH_SIZE):
            with self._transaction():
                self._write_batch(batch)
            processed += len(batch)
            yield processed
        if self._run is not None:
            self._run.finished_at = timezone.now()
            self._run.counts = {**self.counts, "losses": dict(self.report.counts)}
            self._run.save(update_fields=["finished_at", "counts"])

    def _transaction(self) -> AbstractContextManager[Any]:
        return nullcontext() if self.dry_run else transaction.atomic()

    def _write_batch(self, batch: Sequence[Record | Loss]) -> None:
        imported = imported_objects(entry for entry in batch if isinstance(entry, Record))
        for entry in batch:
            if isinstance(entry, Loss):
                self.report.add(entry)
                continue
            first_line = self.plan.lines.get(entry.key, entry.line)
            if first_line != entry.line:
                self.report.for_record(entry)("repeated", f"Same id as line {first_line}.")
                continue
            self._write_record(entry, imported.get(entry.key))

    def _write_record(self, record: Record, imported: ImportedObject | None) -> None:
        if imported is not None and imported.source_digest == record.digest:
            self.counts["unchanged"] += 1
            return
        report_loss = self.report.for_record(record)
        if imported is not None and imported.written_digest != article_digest(imported.article):
            self.counts["unchanged"] += 1
            report_loss("edited", "Edited here since the last import, and changed in the source too.")
            return
        converted = self._convert(record, report_loss)
        try:
            with self._transaction():
                if imported is None:
                    self._create(converted, report_loss)
                else:
                    self._update(converted, imported, report_loss)
        except (DatabaseError, NotReadyError) as error:
            report_loss("refused", str(error))

    def _convert(self, record: Record, report_loss: ReportLoss) -> ConvertedRecord:
        for code, what in record.losses:
            report_loss(code, what)
        headline = _truncated(convert_line(record.title, report_loss), MAX_HEADLINE_LENGTH, report_loss)
        standfirst = _truncated(convert_line(record.standfirst, report_loss), MAX_STANDFIRST_LENGTH, report_loss)
        fields = {
            "headline": headline or "Untitled",
            "standfirst": standfirst,
            "body": convert_body(record, partial(self.plan.resolve, record=record), report_loss),
            "kind": record.kind,
            # The highest level if the access is unknown, so that nothing becomes public by mistake.
            "required_level": Level.SUPPORTER if record.level is None else record.level,
        }
        authors = self.taxonomy.authors(record.authors)
        if self.section:
            section = self.taxonomy.section(self.section, slug=self.section)
        else:
            section = self.taxonomy.section(record.section)
        topics = self.taxonomy.topics(record.topics)
        draft_reason = _draft_reason(record, fields, authors)
        if draft_reason:
            report_loss("draft", draft_reason)
        slug = self.plan.slugs[record.key]
        return ConvertedRecord(record, slug, fields, section, authors, topics, draft_reason)

    def _create(self, converted: ConvertedRecord, report_loss: ReportLoss) -> None:
        self.counts["new"] += 1
        self.counts["drafts" if converted.draft_reason else "published"] += 1
        if self.dry_run:
            self._create_redirects(None, converted.record, report_loss)
            return
        article = Article.objects.create(slug=converted.slug, section=converted.section, **converted.fields)
        self._set_relations(article, converted)
        self._create_redirects(article, converted.record, report_loss)
        ImportedObject.objects.create(
            source=converted.record.source,
            source_id=converted.record.source_id,
            source_digest=converted.record.digest,
            written_digest=converted.digest,
            article=article,
            run=self._current_run(),
        )
        if not converted.draft_reason:
            publish(item=article, at=converted.record.published_at, essential_checks_only=True)

    def _update(self, converted: ConvertedRecord, imported: ImportedObject, report_loss: ReportLoss) -> None:
        article, record = imported.article, converted.record
        changed = imported.written_digest != converted.digest
        self.counts["updated" if changed else "unchanged"] += 1
        if article.published_at not in (None, record.published_at):
            date = f"{article.published_at:%Y-%m-%d %H:%M}"
            report_loss("date", f"Published here at {date}, which a later version cannot change.")
        if self.dry_run:
            return
        self._create_redirects(article, record, report_loss)
        if changed:
            for name, value in converted.fields.items():
                setattr(article, name, value)
            article.section = converted.section
            article.save()
            article.bylines.all().delete()
            self._set_relations(article, converted)
        imported.source_digest, imported.written_digest = record.digest, converted.digest
        imported.run = self._current_run()
        imported.save(update_fields=["source_digest", "written_digest", "run"])
        is_first = article.published_at is None
        if not converted.draft_reason and (changed or is_first):
            publish(
                item=article,
                at=record.published_at if is_first else None,
                note="" if is_first else f"Updated from {record.source}",
                essential_checks_only=True,
            )

    def _set_relations(self, article: Article, converted: ConvertedRecord) -> None:
        article.topics.set(converted.topics)
        Byline.objects.bulk_create(
            Byline(article=article, author=author, position=position)
            for position, author in enumerate(converted.authors)
        )

    def _create_redirects(self, article: Article | None, record: Record, report_loss: ReportLoss) -> None:
        """Redirect the record's old URLs to `article`, except those that redirect to another article."""
        existing = dict(Redirect.objects.filter(path__in=record.paths).values_list("path", "article"))
        for path in record.paths:
            if path not in existing and article is not None:
                Redirect.objects.create(path=path, article=article)
            elif path in existing and (article is None or existing[path] != article.pk):
                report_loss("address", f"{path} already redirects to another article.")

    def _current_run(self) -> ImportRun:
        if self._run is None:
            self._run = ImportRun.objects.create(format=self.format, file=self.file[:255])
        return self._run


def article_digest(article: Article) -> str:
    """Return a digest of the article's text and relations, to detect edits."""
    fields = {name: getattr(article, name) for name in ("headline", "standfirst", "body", "kind", "required_level")}
    authors = [byline.author for byline in article.bylines.select_related("author")]
    return _digest(fields, article.section, authors, list(article.topics.all()))


def _digest(fields: dict[str, Any], section: Section | None, authors: Sequence[Author], topics: Sequence[Topic]) -> str:
    # UUIDs, so that renaming an author or a topic doesn't count as an edit.
    relations: list[Any] = [str(section.uuid) if section else "", [str(author.uuid) for author in authors]]
    relations.append(sorted(str(topic.uuid) for topic in topics))
    return digest_of(canonical([{**fields, "required_level": int(fields["required_level"])}, relations]))


def _draft_reason(record: Record, fields: dict[str, object], authors: Sequence[Author]) -> str:
    if record.level is None:
        return "Its access level is unknown."
    if record.published_at is None:
        return "It has no valid date."
    if not authors:
        return "It has no author. To assign one, add a line with an empty name to the --authors file."
    return "" if fields["body"] else "Nothing of its text could be imported."


def _truncated(text: str, max_length: int, report_loss: ReportLoss) -> str:
    if len(text) <= max_length:
        return text
    report_loss("shortened", text)
    return text[: max_length - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
