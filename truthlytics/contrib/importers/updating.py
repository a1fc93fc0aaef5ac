"""Update an article or page that was imported before."""

from django.utils import timezone

from articles.models import Article, Byline, ChangeKind, Page, Redirect
from articles.services.publishing import publish
from truthlytics.contrib.importers.converted import ConvertedRecord
from truthlytics.contrib.importers.creation import NewComments, add_comments, bylines, comment_key
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.plan import item_of
from truthlytics.contrib.importers.records import Record, ReportLoss
from truthlytics.contrib.importers.redirects import existing_redirects


def update(converted: ConvertedRecord, imported: ImportedObject, run: ImportRun, report_loss: ReportLoss) -> None:
    """Store what has changed, and publish it unless it must stay a draft. Call in a transaction."""
    item, record = item_of(imported), converted.record
    changed = imported.written_digest != converted.digest
    same_source = imported.source_digest == record.digest
    is_first = item.published_at is None or item.published_at > timezone.now()
    has_other_date = item.published_at != record.published_at
    _create_redirects(item, record, report_loss)
    if changed:
        for name, value in converted.fields.items():
            setattr(item, name, value)
        if isinstance(item, Article):
            item.section = converted.section
        item.save()
        if isinstance(item, Article):
            item.bylines.all().delete()
            item.topics.set(converted.topics)
            Byline.objects.bulk_create(bylines(item, converted))
    imported.source_digest, imported.written_digest = record.digest, converted.digest
    imported.status, imported.reason = record.status, converted.draft_reason[:300]
    imported.missing_images, imported.run = converted.missing_images, run
    imported.save(update_fields=["source_digest", "written_digest", "status", "reason", "missing_images", "run"])
    if not converted.draft_reason and (changed or (is_first and has_other_date)):
        publish(
            item=item,
            at=record.published_at if is_first else None,
            note=_note(record.source, is_first=is_first, same_source=same_source),
            # No person has read what changed, so the note says all that is known.
            kind=ChangeKind.NOTE,
            essential_checks_only=True,
        )
    if isinstance(item, Article):
        _add_comments(item, record, run)


def _note(source: str, *, is_first: bool, same_source: bool) -> str:
    if is_first:
        return f"Imported from {source}"
    if same_source:
        return f"Images added from {source}"
    return f"Updated from {source}, where it had changed since it was imported"


def _add_comments(article: Article, record: Record, run: ImportRun) -> None:
    ids = {comment_key(record, comment): comment.source_id for comment in record.comments}
    rows = ImportedObject.objects.filter(source=record.source, kind="comment", source_id__in=ids)
    existing = {ids[row.source_id]: row.comment for row in rows.select_related("comment") if row.comment}
    add_comments([NewComments(article, record, existing)], run)


def _create_redirects(item: Article | Page, record: Record, report_loss: ReportLoss) -> None:
    """Redirect the record's old URLs to `item`, except those that redirect to something else."""
    existing = existing_redirects(record.paths, record.target)
    for path in record.paths:
        if path in existing and existing[path] != item.pk:
            report_loss("address", f"{path} already redirects to something else.")
    missing = [path for path in record.paths if path not in existing]
    # Without signals: saving the item invalidates the same pages.
    Redirect.objects.bulk_create(
        Redirect(path=path.path, query=path.query, **{record.target: item}) for path in missing
    )
