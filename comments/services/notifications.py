"""Whom readers' emails about a comment go to. `notification_emails` sends them."""

from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

from comments.models import Comment, Follow, Notification
from comments.services.mentions import mentioned_ids

Kind = Notification.Kind

# Comments that become visible later than this after they were written are no news. Notifications are kept for longer,
# so that a comment that is removed and restored in this time is not reported twice.
NEWS_FOR = timedelta(days=30)
KEPT_FOR = NEWS_FOR + timedelta(days=1)


def comment_shown(comment: Comment) -> None:
    """Note who is to be emailed about `comment`, which has just become visible. Call it in that transaction.

    Safe to call again, after an edit or a removal that was undone: everybody gets one email about it. At most five
    queries, for any number of followers.
    """
    now = timezone.now()
    if comment.created_at < now - NEWS_FOR:
        return
    Notification.objects.bulk_create(
        [
            Notification(user_id=pk, comment=comment, kind=kind, created_at=now)
            for pk, kind in _recipients(comment).items()
        ],
        update_conflicts=True,
        unique_fields=["user", "comment"],
        # Those that were dropped because the comment was not visible are due again; those sent stay sent.
        update_fields=["kind", "dropped_at"],
    )


def _recipients(comment: Comment) -> dict[int, str]:
    """Return who hears of `comment`, with the most personal of the reasons that they have not turned off."""
    personal: list[tuple[int, str]] = [(pk, Kind.MENTION) for pk in mentioned_ids(comment)]
    if comment.parent is not None and comment.parent.author_id is not None:
        personal.append((comment.parent.author_id, Kind.REPLY))
    refused = set()
    if personal:
        off = get_user_model()._default_manager.filter(email_opt_outs__kind__in=[Kind.REPLY, Kind.MENTION])
        off = off.filter(pk__in=[pk for pk, _kind in personal])
        refused = set(off.values_list("pk", "email_opt_outs__kind"))
    followers = Follow.objects.filter(article=comment.article_id).exclude(user__email_opt_outs__kind=Kind.FOLLOWED)
    kinds: dict[int, str] = dict.fromkeys(followers.values_list("user", flat=True), Kind.FOLLOWED)
    kinds |= {pk: kind for pk, kind in personal if (pk, kind) not in refused}
    kinds.pop(comment.author_id or 0, None)
    return kinds
