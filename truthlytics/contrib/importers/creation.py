"""Store new records, many at once: articles and pages with their versions, redirects and comments."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from articles.models import Article, Byline, ImageUsage, Page, Redirect
from articles.services.publishing import FirstPublication, publish, publish_first_versions
from articles.services.standard_pages import untouched_standard_pages
from comments.models import Comment, Thread
from comments.services.importing import ImportedThread, NewComment, import_threads
from truthlytics.cache.invalidation import invalidate
from truthlytics.contrib.importers.converted import ConvertedRecord
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.records import CommentRecord, OldPath, Record


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record that was not imported before. `paths` are those of its old URLs that are to redirect to it."""

    converted: ConvertedRecord
    paths: Sequence[OldPath]

    @property
    def record(self) -> Record:
        return self.converted.record

    @property
    def note(self) -> str:
        return f"Imported from {self.record.source}"


@dataclass(frozen=True, slots=True)
class NewComments:
    """The comments of a record. `existing` are those that were imported before, by their ids in the source."""

    article: Article
    record: Record
    existing: Mapping[str, Comment]

    @property
    def missing(self) -> list[CommentRecord]:
        return [comment for comment in self.record.comments if comment.source_id not in self.existing]


@transaction.atomic
def create(new: Sequence[NewRecord], run: ImportRun) -> None:
    """Store `new`. The number of queries does not grow with that of the articles.

    Raises DatabaseError or NotReadyError if one of them is refused; then none is stored.
    """
    articles = _create_articles([one for one in new if one.record.target == "article"])
    pages = [(one, _create_page(one)) for one in new if one.record.target == "page"]
    items: list[tuple[NewRecord, Article | Page]] = sorted(
        [*articles, *pages], key=lambda item: item[0].record.position
    )
    # Without signals: publishing invalidates the same pages.
    Redirect.objects.bulk_create(
        Redirect(path=path.path, query=path.query, **{one.record.target: item})
        for one, item in items
        for path in one.paths
    )
    ImportedObject.objects.bulk_create(
        ImportedObject(
            source=one.record.source,
            kind=one.record.origin,
            source_id=one.record.source_id,
            source_digest=one.record.digest,
            written_digest=one.converted.digest,
            status=one.record.status,
            reason=one.converted.draft_reason[:300],
            missing_images=one.converted.missing_images,
            run=run,
            **{one.record.target: item},
        )
        for one, item in items
    )
    publish_first_versions(
        [
            FirstPublication(article, one.record.published_at, one.note)
            for one, article in articles
            if not one.converted.draft_reason
        ]
    )
    for one, page in pages:
        if not one.converted.draft_reason:
            publish(item=page, at=one.record.published_at, note=one.note, essential_checks_only=True)
    add_comments([NewComments(article, one.record, {}) for one, article in articles], run)


def _create_articles(new: Sequence[NewRecord]) -> list[tuple[NewRecord, Article]]:
    articles = Article.objects.bulk_create(
        Article(slug=one.converted.slug, section=one.converted.section, **one.converted.fields) for one in new
    )
    ImageUsage.add_for_new(articles)
    pairs = list(zip(new, articles, strict=True))
    tagged = Article.topics.through
    tagged.objects.bulk_create(
        tagged(article=article, topic=topic) for one, article in pairs for topic in one.converted.topics
    )
    Byline.objects.bulk_create(byline for one, article in pairs for byline in bylines(article, one.converted))
    return pairs


def bylines(article: Article, converted: ConvertedRecord) -> list[Byline]:
    """Return the unsaved bylines of `article`."""
    return [
        Byline(article=article, author=author, position=position) for position, author in enumerate(converted.authors)
    ]


def _create_page(new: NewRecord) -> Page:
    """Store a new page, in the place of a standard page with its slug that no one has edited."""
    slug, fields = new.converted.slug, new.converted.fields
    page: Page | None = untouched_standard_pages().filter(slug=slug).select_for_update(of=("self",)).first()
    if page is None:
        page = Page.objects.create(slug=slug, **fields)
    else:
        for name, value in fields.items():
            setattr(page, name, value)
        page.save()
    return page


def add_comments(wanted: Sequence[NewComments], run: ImportRun) -> None:
    """Add the comments that were not imported before. Those that were are left as moderators have them."""
    closed = [Thread(article=one.article, closes_at=timezone.now()) for one in wanted if not one.record.comments_open]
    Thread.objects.bulk_create(closed, ignore_conflicts=True)
    commented = [one for one in wanted if one.missing]
    added = import_threads(
        [
            ImportedThread(one.article, [_new_comment(comment) for comment in one.missing], one.existing)
            for one in commented
        ]
    )
    ImportedObject.objects.bulk_create(
        ImportedObject(
            source=one.record.source,
            kind="comment",
            source_id=comment_key(one.record, comment),
            status=comment.status,
            comment=rows[comment.source_id],
            run=run,
        )
        for one, rows in zip(commented, added, strict=True)
        for comment in one.missing
    )
    changed = {one.article.pk for one in commented} | {thread.article_id for thread in closed}
    if changed:
        invalidate(*(f"thread:{pk}" for pk in sorted(changed)), "comments", "clock")


def comment_key(record: Record, comment: CommentRecord) -> str:
    """Return the id under which a comment is stored. Some exports use an id of a comment twice."""
    return f"{record.origin} {record.source_id}: {comment.source_id}"[-500:]


def _new_comment(comment: CommentRecord) -> NewComment:
    return NewComment(
        key=comment.source_id,
        parent=comment.parent,
        name=comment.name,
        text=comment.text,
        written_at=comment.written_at,
        is_visible=comment.status == "visible",
        email=comment.email,
    )
