"""Telling readers that an article which they saved, gave to others or commented on was corrected or withdrawn."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from articles.models import ChangeKind, Correction, GiftLink, SavedArticle, Withdrawal
from articles.presenters.corrections import LogEntry, entries_of
from comments.models import Comment
from subscriptions.models import EmailOptIn, SentEmail, User
from truthlytics.contrib.correction_notices.emails import Kind
from truthlytics.publication.mail import send_email, unsubscribe_headers

# Updates, notes and minor edits are on the page of the article only.
KINDS = (ChangeKind.CORRECTION, ChangeKind.CLARIFICATION, ChangeKind.RETRACTION)
# How long the account page mentions a correction, and how late an email may still be sent.
SHOWN_FOR = timedelta(days=30)
SENT_WITHIN = timedelta(days=3)
MAX_SHOWN = 100
EMAIL = "article_corrected"
SALT = "truthlytics.correction_notices"


class Notice(NamedTuple):
    """What readers learn about: `key` identifies the correction or withdrawal of `article_id` among all."""

    key: str
    article_id: int
    entry: LogEntry


def entries_for(user: User, now: datetime) -> list[LogEntry]:
    """Return the corrections and withdrawals since `now - SHOWN_FOR` of articles that `user` knew before.

    The newest first, at most `MAX_SHOWN`. Three queries.
    """
    since = now - SHOWN_FOR
    corrections = Correction.objects.listed(now).filter(
        _is_known(user.pk, "version__article", "version__public_from"), kind__in=KINDS, version__public_from__gt=since
    )
    withdrawals = Withdrawal.objects.listed(now).filter(_is_known(user.pk, "article", "at"), at__gt=since)
    return entries_of(corrections[:MAX_SHOWN], withdrawals[:MAX_SHOWN], now)[:MAX_SHOWN]


def send_due(now: datetime) -> int:
    """Email the readers who want it about each correction and withdrawal of the last days. Returns how many emails.

    Safe to run twice, concurrently or late: a unique key allows one email for each reader and correction, in a
    transaction of its own.
    """
    if not EmailOptIn.objects.filter(kind=Kind.CORRECTIONS).exists():
        return 0
    return sum(_send(choice.user, notice, now) for notice in _notices(now) for choice in list(_choices(notice)))


def _notices(now: datetime) -> Iterator[Notice]:
    """Yield the corrections and withdrawals of the last days that still hold, the oldest first."""
    since = now - SENT_WITHIN
    corrections = list(
        Correction.objects.listed(now).in_effect().filter(kind__in=KINDS, version__public_from__gt=since)
    )
    withdrawals = list(Withdrawal.objects.listed(now).filter(at__gt=since, ended_at=None))
    for entry in reversed(entries_of(corrections, withdrawals, now)):
        yield Notice(entry.id.removeprefix("urn:uuid:"), entry.article_id, entry)


def _choices(notice: Notice) -> QuerySet[EmailOptIn]:
    """Return the choices of those who turned these emails on before, knew the article then, and were not told yet."""
    at = notice.entry.at
    told = SentEmail.objects.filter(user=OuterRef("user"), kind=EMAIL, key__startswith=f"{notice.key}:")
    choices = EmailOptIn.objects.filter(~Exists(told), kind=Kind.CORRECTIONS, since__lte=at)
    choices = choices.filter(_knows(OuterRef("user"), notice.article_id, at))
    return choices.filter(user__is_active=True, user__verified_at__isnull=False).select_related("user").order_by("pk")


def _is_known(user_id: int, article: str, at: str) -> Q:
    """Match rows with an `article` that this user knew at the time in their column `at`."""
    return _knows(user_id, OuterRef(article), OuterRef(at))


def _knows(user: Any, article: Any, at: Any) -> Q:
    """Match what a user saved, gave to others or commented on by the time `at`."""
    saved = SavedArticle.objects.filter(user=user, article=article, saved_at__lte=at)
    given = GiftLink.objects.filter(giver=user, article=article, created_at__lte=at)
    commented = Comment.objects.filter(author=user, article=article, created_at__lte=at)
    return Q(Exists(saved)) | Q(Exists(given)) | Q(Exists(commented))


@transaction.atomic
def _send(reader: User, notice: Notice, now: datetime) -> bool:
    """Email `reader`. Returns False if another process has done so."""
    key = f"{notice.key}:{reader.pk}"
    sent, created = SentEmail.objects.get_or_create(kind=EMAIL, key=key, defaults={"user": reader, "sent_at": now})
    if created:
        stop_url = f"{settings.SITE_URL}{reverse('correction_notices:stop', args=[token_of(reader)])}"
        context = {
            "reader": reader,
            "entry": notice.entry,
            "url": f"{settings.SITE_URL}{notice.entry.url}",
            "changes_url": f"{settings.SITE_URL}{notice.entry.changes_url}" if notice.entry.changes_url else "",
            "stop_url": stop_url,
            "choices_url": f"{settings.SITE_URL}{reverse('subscriptions:emails')}",
        }
        headers = unsubscribe_headers(f"{stop_url}one-click/")
        sent.subject = send_email(EMAIL, to=reader.email, context=context, headers=headers)[:200]
        sent.save(update_fields=["subject"])
    return created


def token_of(reader: User) -> str:
    """Return the signed part of the link that turns these emails off. It does not expire."""
    return signing.dumps(reader.pk, salt=SALT)


def reader_of(token: str) -> User | None:
    """Return whom `token` belongs to; None if it is invalid or the account was deleted."""
    try:
        return User.objects.filter(pk=signing.loads(token, salt=SALT), is_active=True).first()
    except signing.BadSignature:
        return None


def wants_emails(reader: User) -> bool:
    return EmailOptIn.objects.filter(user=reader, kind=Kind.CORRECTIONS).exists()


def stop(reader: User) -> None:
    """Send `reader` no more of these emails. Safe to repeat."""
    EmailOptIn.objects.filter(user=reader, kind=Kind.CORRECTIONS).delete()
