"""Emails to moderators about comments and appeals that wait for a decision."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from articles.models import Article
from comments.models import Appeal, ModeratorEmails
from comments.models.queue import Tab, in_queue, queue_counts
from comments.text import excerpt
from truthlytics.publication.mail import send_email
from truthlytics.web.users import User

Frequency = ModeratorEmails.Frequency
# The time between two emails to a moderator.
BETWEEN_EMAILS = {Frequency.AT_ONCE: timedelta(minutes=1), Frequency.HOURLY: timedelta(hours=1)}
# Moderators are reminded of what still waits after this time.
REMIND_AFTER = timedelta(days=1)
MAX_TEXTS = 5
EXCERPT_LENGTH = 240


def send_due(now: datetime) -> int:
    """Email the moderators about new comments and appeals, as often as each has chosen. Returns how many.

    Safe to run twice, concurrently or late.
    """
    counts = queue_counts()
    if not counts[Tab.ALL] and not counts["appeals"]:
        return 0
    moderators = ModelBackend().with_perm("comments.moderate_comment")
    return sum(_send(moderator, counts, now) for moderator in moderators.filter(is_staff=True).order_by("pk"))


@transaction.atomic
def _send(moderator: User, counts: dict[str, int], now: datetime) -> bool:
    """Email a moderator, unless it is too early, there is nothing new, or they have turned these emails off."""
    ModeratorEmails.objects.get_or_create(user=moderator)
    choice = ModeratorEmails.objects.select_for_update().get(user=moderator)
    if choice.frequency == Frequency.NEVER:
        return False
    last = choice.last_sent_at
    if last is not None:
        if now < last + BETWEEN_EMAILS[Frequency(choice.frequency)]:
            return False
        if now < last + REMIND_AFTER and not _has_new(last):
            return False
    choice.last_sent_at = now
    choice.save(update_fields=["last_sent_at"])
    context = {"reader": moderator, **_context(counts, now)}
    send_email("comment_queue", to=moderator.email, context=context, language=moderator.newsroom_language)
    return True


def _has_new(since: datetime) -> bool:
    written_or_reported = Q(created_at__gt=since) | Q(edited_at__gt=since) | Q(reports__created_at__gt=since)
    appeals = Appeal.objects.filter(answered_at=None, created_at__gt=since)
    return in_queue().filter(written_or_reported).exists() or appeals.exists()


def _context(counts: dict[str, int], now: datetime) -> dict[str, object]:
    first = list(in_queue().select_related("author")[:MAX_TEXTS])
    articles = Article.objects.listed(now).filter(pk__in={comment.article_id for comment in first})
    headlines = {article.pk: article.as_served(now).headline for article in articles}
    return {
        "waiting": counts[Tab.NEW] + counts[Tab.HELD],
        "reported": counts[Tab.REPORTED],
        "appeals": counts["appeals"],
        "first": [
            {
                "name": comment.writer_name,
                "headline": headlines.get(comment.article_id, ""),
                "text": excerpt(comment.text, EXCERPT_LENGTH),
                "reported": comment.is_visible,
                # Called by the template, in the language of the email.
                "reason": comment.get_hold_display,
            }
            for comment in first
        ],
        "url": f"{settings.SITE_URL}{reverse('admin:comments_queue')}",
        "choices_url": f"{settings.SITE_URL}{reverse('subscriptions:emails')}",
    }
