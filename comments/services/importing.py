"""Comments imported from another site, by people without an account here."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from articles.models import Article
from comments.models import Comment, ImportedEmail, Thread
from comments.text import render

Status = Comment.Status
MAX_NAME_LENGTH = 80
MAX_EMAIL_LENGTH = 254


@dataclass(frozen=True, slots=True)
class NewComment:
    """A comment of another site. `text` is cleaned (see `comments.text.clean`); `parent` is the key of another one.

    `email` is stored if it is an address, so that its owner can claim the comment; "" for none.
    """

    key: str
    parent: str
    name: str
    text: str
    written_at: datetime
    is_visible: bool
    email: str = ""


@dataclass(frozen=True, slots=True)
class ImportedThread:
    """New comments of an article, parents before their replies, and by key those that were imported before."""

    article: Article
    comments: Sequence[NewComment]
    existing: Mapping[str, Comment] = field(default_factory=dict)


@transaction.atomic
def import_threads(threads: Sequence[ImportedThread]) -> list[dict[str, Comment]]:
    """Add comments with their names, times and tree. Return the new ones of each thread by key.

    Comments that are not visible wait for a moderator. No one is notified. The caller invalidates the pages of the
    articles, because this sends no signals.
    """
    rows = [{comment.key: _row(thread.article, comment) for comment in thread.comments} for thread in threads]
    new = [row for own in rows for row in own.values()]
    if not new:
        return rows
    Comment.objects.bulk_create(new)
    for thread, own in zip(threads, rows, strict=True):
        known = {**thread.existing, **own}
        for comment in thread.comments:
            row = own[comment.key]
            row.parent = known.get(comment.parent)
            row.set_path(row.parent)
    _keep_emails(threads, rows)
    Comment.objects.bulk_update(new, ["parent", "path"], batch_size=200)
    Thread.objects.bulk_create([Thread(article=thread.article) for thread in threads], ignore_conflicts=True)
    articles: defaultdict[int, list[int]] = defaultdict(list)
    for thread in threads:
        articles[sum(comment.is_visible for comment in thread.comments)].append(thread.article.pk)
    for visible, ids in articles.items():
        Thread.objects.count_changes(ids, visible)
    return rows


def _keep_emails(threads: Sequence[ImportedThread], rows: Sequence[Mapping[str, Comment]]) -> None:
    ImportedEmail.objects.bulk_create(
        ImportedEmail(comment=own[comment.key], email=email)
        for thread, own in zip(threads, rows, strict=True)
        for comment in thread.comments
        if (email := _valid_email(comment.email))
    )


def _valid_email(text: str) -> str:
    """Return an address in lower case, "" for anything else."""
    email = text.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        return ""
    return email if len(email) <= MAX_EMAIL_LENGTH else ""


def _row(article: Article, comment: NewComment) -> Comment:
    visible = comment.is_visible
    return Comment(
        article=article,
        imported_name=comment.name[:MAX_NAME_LENGTH],
        text=comment.text,
        html=render(comment.text),
        status=Status.VISIBLE if visible else Status.WAITING,
        hold="" if visible else Comment.Hold.IMPORTED,
        created_at=comment.written_at,
        approved_at=timezone.now() if visible else None,
    )
