"""The one writer: records of any format become articles and versions."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
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
from truthlytics.importers.bodies import body_of, line_of
from truthlytics.importers.plan import Plan, imported
from truthlytics.importers.records import Loss, Lost, Record, Report
from truthlytics.importers.taxonomy import Names
from truthlytics.models import ImportedObject, ImportRun

# Articles a transaction: an interrupted run loses no more than these, and is simply run again.
BATCH = 25
LONGEST_HEADLINE = 200
LONGEST_STANDFIRST = 600


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a record becomes, worked out before anything is written; `why_draft` is empty if it is published."""

    record: Record
    slug: str
    words: dict[str, Any]
    section: Section
    authors: Sequence[Author]
    topics: Sequence[Topic]
    why_draft: str

    @property
    def written(self) -> str:
        return _digest(self.words, self.section, self.authors, self.topics)


@dataclass
class Writer:
    """Writes records in batches. A dry run works everything out, reports the same and writes nothing.

    `section` is a slug that stands above what records say. `counts`: new, updated, unchanged, published, drafts, words.
    """

    plan: Plan
    names: Names
    report: Report
    format: str
    file: str
    section: str = ""
    dry_run: bool = False
    counts: Counter[str] = field(default_factory=Counter)
    _run: ImportRun | None = None

    def write(self, found: Iterable[Record | Loss]) -> Iterator[int]:
        """Write what `found` gives; yields how many lines are done after each batch."""
        done = 0
        for batch in batched(found, BATCH):
            with nullcontext() if self.dry_run else transaction.atomic():
                self._write(batch)
            done += len(batch)
            yield done
        if self._run is not None:
            self._run.finished_at = timezone.now()
            self._run.counts = {**self.counts, "losses": dict(self.report.counts)}
            self._run.save(update_fields=["finished_at", "counts"])

    def _write(self, batch: Sequence[Record | Loss]) -> None:
        known = imported(each for each in batch if isinstance(each, Record))
        for each in batch:
            if isinstance(each, Loss):
                self.report.add(each)
                continue
            first = self.plan.lines.get((each.source, each.source_id), each.line)
            if first != each.line:
                self.report.of(each)("repeated", f"The same id as on line {first}.")
                continue
            self._one(each, known.get((each.source, each.source_id)))

    def _one(self, record: Record, before: ImportedObject | None) -> None:
        if before is not None and before.source_digest == record.digest:
            self.counts["unchanged"] += 1
            return
        lost = self.report.of(record)
        if before is not None and before.written_digest != written_digest(before.article):
            self.counts["unchanged"] += 1
            lost("edited", "It was edited here since it was imported; its record in the source has changed too.")
            return
        draft = self._draft(record, lost)
        try:
            with nullcontext() if self.dry_run else transaction.atomic():
                if before is None:
                    self._create(draft, lost)
                else:
                    self._update(draft, before)
        except (DatabaseError, NotReadyError) as error:
            lost("refused", str(error))

    def _draft(self, record: Record, lost: Lost) -> Draft:
        for code, what in record.losses:
            lost(code, what)
        headline = _shortened(line_of(record.title, lost), LONGEST_HEADLINE, lost) or "Untitled"
        slug = self.plan.slugs[record.source, record.source_id]
        words = {
            "headline": headline,
            "standfirst": _shortened(line_of(record.standfirst, lost), LONGEST_STANDFIRST, lost),
            "body": body_of(record, partial(self.plan.resolve, record=record), lost),
            "kind": record.kind,
            # What we do not understand must not become public by mistake.
            "required_level": Level.SUPPORTER if record.level is None else record.level,
        }
        authors = self.names.authors(record.authors)
        if self.section:
            section = self.names.section(self.section, slug=self.section)
        else:
            section = self.names.section(record.section)
        why = _why_draft(record, words, authors)
        if why:
            lost("draft", why)
        return Draft(record, slug, words, section, authors, self.names.topics(record.topics), why)

    def _create(self, draft: Draft, lost: Lost) -> None:
        self.counts["new"] += 1
        self._count(draft)
        if self.dry_run:
            self._addresses(None, draft.record, lost)
            return
        article = Article.objects.create(slug=draft.slug, section=draft.section, **draft.words)
        self._attach(article, draft)
        self._addresses(article, draft.record, lost)
        ImportedObject.objects.create(
            source=draft.record.source,
            source_id=draft.record.source_id,
            source_digest=draft.record.digest,
            written_digest=draft.written,
            article=article,
            run=self._this_run(),
        )
        if not draft.why_draft:
            publish(article=article, at=draft.record.published_at, as_found=True)

    def _update(self, draft: Draft, before: ImportedObject) -> None:
        article, record = before.article, draft.record
        lost = self.report.of(record)
        changed = before.written_digest != draft.written
        self.counts["updated" if changed else "unchanged"] += 1
        if article.published_at not in (None, record.published_at):
            lost("date", f"Published here {article.published_at:%Y-%m-%d %H:%M}, which a later version cannot move.")
        if self.dry_run:
            return
        self._addresses(article, record, lost)
        if changed:
            for name, value in draft.words.items():
                setattr(article, name, value)
            article.section = draft.section
            article.save()
            article.bylines.all().delete()
            self._attach(article, draft)
        before.source_digest, before.written_digest, before.run = record.digest, draft.written, self._this_run()
        before.save(update_fields=["source_digest", "written_digest", "run"])
        first = article.published_at is None
        if not draft.why_draft and (changed or first):
            publish(
                article=article,
                at=record.published_at if first else None,
                note="" if first else f"Updated from {record.source}",
                as_found=True,
            )

    def _attach(self, article: Article, draft: Draft) -> None:
        article.topics.set(draft.topics)
        Byline.objects.bulk_create(
            Byline(article=article, author=author, position=position) for position, author in enumerate(draft.authors)
        )

    def _addresses(self, article: Article | None, record: Record, lost: Lost) -> None:
        """Let the old addresses lead to `article`; one that leads to another already stays there."""
        taken = dict(Redirect.objects.filter(path__in=record.paths).values_list("path", "article"))
        for path in record.paths:
            if path not in taken and article is not None:
                Redirect.objects.create(path=path, article=article)
            elif path in taken and (article is None or taken[path] != article.pk):
                lost("address", f"{path} leads to another article already.")

    def _count(self, draft: Draft) -> None:
        self.counts["drafts" if draft.why_draft else "published"] += 1

    def _this_run(self) -> ImportRun:
        if self._run is None:
            self._run = ImportRun.objects.create(format=self.format, file=self.file[:255])
        return self._run


def written_digest(article: Article) -> str:
    """What tells whether somebody edited `article`: of its words and of what it names, not of their names."""
    words = {name: getattr(article, name) for name in ("headline", "standfirst", "body", "kind", "required_level")}
    authors = [byline.author for byline in article.bylines.select_related("author")]
    return _digest(words, article.section, authors, list(article.topics.all()))


def _digest(words: dict[str, Any], section: Section | None, authors: Sequence[Author], topics: Sequence[Topic]) -> str:
    names: list[Any] = [str(section.uuid) if section else "", [str(author.uuid) for author in authors]]
    names.append(sorted(str(topic.uuid) for topic in topics))
    return digest_of(canonical([{**words, "required_level": int(words["required_level"])}, names]))


def _why_draft(record: Record, words: dict[str, Any], authors: Sequence[Author]) -> str:
    if record.level is None:
        return "The access that it asks for is not known here."
    if record.published_at is None:
        return "It has no valid date."
    if not authors:
        return "It names no author (an empty name in --authors stands for those)."
    return "" if words["body"] else "Nothing of its text is left."


def _shortened(text: str, longest: int, lost: Callable[[str, str], None]) -> str:
    if len(text) <= longest:
        return text
    lost("shortened", text)
    return text[: longest - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-") + "…"
