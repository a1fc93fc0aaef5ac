"""Emails to readers about replies, mentions and followed articles: bundled, at most one an hour for each reader."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from articles.access import Access, Level, decide
from articles.models import Article, Version
from comments.models import Comment, Mute, Notification, Suspension
from comments.models.decisions import UNDO_WINDOW
from comments.models.notifications import NotificationQuerySet
from comments.services.muting import KINDS, Emails
from comments.services.notifications import KEPT_FOR
from comments.text import excerpt, own_words
from truthlytics.publication.mail import send_email, unsubscribe_headers
from truthlytics.web.users import User

BETWEEN_EMAILS = timedelta(hours=1)
# How long delivery is retried: later, the comments may have been removed.
LIFETIME = timedelta(hours=6)
# Comments in one email; the others follow in the next one. Their texts are shown up to this length.
MAX_COMMENTS = 30
EXCERPT_LENGTH = 240

AccessFor = Callable[[Any, datetime], Access]


@dataclass(frozen=True, slots=True)
class CommentItem:
    kind: str
    name: str
    text: str
    url: str


@dataclass(slots=True)
class ArticleItem:
    """An article in an email, with the new comments on it."""

    version: Version
    url: str
    mute_url: str
    comments: list[CommentItem] = field(default_factory=list)


def send_due(now: datetime, *, access_for: AccessFor) -> int:
    """Email the readers with due notifications who got no such email in the last hour. Returns how many.

    `access_for` returns the access of a user. Safe to run twice, concurrently or late: there is a transaction for each
    reader, so that one failure does not affect the others.
    """
    recent = Notification.objects.sent_since(now - BETWEEN_EMAILS).filter(user=OuterRef("user"))
    due = _unsent(now).exclude(Exists(recent)).order_by("user").values_list("user", flat=True).distinct()
    return sum(_send(pk, now, access_for) for pk in list(due))


def delete_old(now: datetime) -> int:
    """Delete notifications older than `KEPT_FOR`. Returns how many."""
    return Notification.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]


def _unsent(now: datetime) -> NotificationQuerySet:
    """The due notifications, except those about approvals that can still be undone."""
    return Notification.objects.unsent(now - UNDO_WINDOW)


@transaction.atomic
def _send(user_id: int, now: datetime, access_for: AccessFor) -> bool:
    """Email a reader about due notifications. Returns False if there are none that they want and may read.

    Locks the reader, so that concurrent runs do not send the same email. (SQLite has only one writer at a time.)
    """
    reader: Any = get_user_model()._default_manager.select_for_update(no_key=True).get(pk=user_id)
    own = Notification.objects.filter(user=reader)
    if own.sent_since(now - BETWEEN_EMAILS).exists():
        return False
    due = list(
        _unsent(now).filter(user=reader).select_related("comment__author").order_by("created_at", "pk")[:MAX_COMMENTS]
    )
    wanted = _wanted(reader, due, now)
    versions = _readable(reader, {notification.comment.article_id for notification in wanted}, now, access_for)
    sent = [notification for notification in wanted if notification.comment.article_id in versions]
    ids = [notification.pk for notification in sent]
    own.filter(pk__in=[notification.pk for notification in due]).exclude(pk__in=ids).update(dropped_at=now)
    if not sent:
        return False
    own.filter(pk__in=ids).update(sent_at=now)
    _send_email(reader, sent, versions)
    return True


def _wanted(reader: User, due: Iterable[Notification], now: datetime) -> list[Notification]:
    """Return those of `due` that the reader has not turned off, about visible comments by others."""
    if not (reader.is_active and reader.verified_at) or Suspension.objects.in_force(now).filter(user=reader).exists():
        return []
    off = set(reader.email_opt_outs.values_list("kind", flat=True))
    articles = {notification.comment.article_id for notification in due}
    muted = set(Mute.objects.filter(user=reader, article__in=articles).values_list("article", flat=True))
    return [
        notification
        for notification in due
        if notification.kind not in off
        and notification.comment.article_id not in muted
        and notification.comment.is_visible
        and notification.comment.author_id != reader.pk
    ]


def _readable(reader: User, articles: Collection[int], now: datetime, access_for: AccessFor) -> dict[int, Version]:
    """Return, by article id, the versions that the reader may read in full, of `articles` with comments turned on."""
    shown = Article.objects.listed(now).filter(pk__in=articles).exclude(thread__is_off=True)
    found = {article.pk: article.as_served(now) for article in shown}
    if all(version.required_level == Level.EVERYONE for version in found.values()):
        return found
    access = access_for(reader, now)
    return {pk: version for pk, version in found.items() if decide(version, access).allowed}


def _send_email(reader: User, sent: list[Notification], versions: dict[int, Version]) -> None:
    kinds = sorted({notification.kind for notification in sent}, key=KINDS.index)
    all_emails = Emails(reader.pk, KINDS)
    context = {
        "reader": reader,
        "articles": _article_items(reader, sent, versions),
        "number": len(sent),
        "mute_kinds": {kind: _mute_url(Emails(reader.pk, (kind,))) for kind in kinds},
        "mute_all_url": _mute_url(all_emails),
        "choices_url": f"{settings.SITE_URL}{reverse('subscriptions:emails')}",
    }
    headers = unsubscribe_headers(f"{settings.SITE_URL}{reverse('comments:mute_at_once', args=[all_emails.token])}")
    send_email("comment_news", to=reader.email, context=context, lifetime=LIFETIME, headers=headers)


def _article_items(reader: User, sent: list[Notification], versions: dict[int, Version]) -> list[ArticleItem]:
    articles: dict[int, ArticleItem] = {}
    for notification in sent:
        comment = notification.comment
        if (pk := comment.article_id) not in articles:
            version = versions[pk]
            url = f"{settings.SITE_URL}{version.article.get_absolute_url()}"
            articles[pk] = ArticleItem(version, url, _mute_url(Emails(reader.pk, article_id=pk)))
        articles[pk].comments.append(_comment_item(comment, notification.kind))
    return list(articles.values())


def _comment_item(comment: Comment, kind: str) -> CommentItem:
    name = comment.writer_name
    # Without quotations, which may be of gated text.
    text = excerpt(own_words(comment.text), EXCERPT_LENGTH)
    return CommentItem(kind, name, text, f"{settings.SITE_URL}{comment.get_absolute_url()}")


def _mute_url(emails: Emails) -> str:
    return f"{settings.SITE_URL}{reverse('comments:mute', args=[emails.token])}"
