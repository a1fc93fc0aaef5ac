"""Notifications of readers about a new comment, or one that mentions them. `notification_emails` sends the emails."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.utils import timezone

from comments.models import Comment, Follow, Notification
from comments.text import own_words

Kind = Notification.Kind

# There are no emails about comments that become visible later than this after they were written. Notifications are kept
# for longer, so that a comment that is removed and restored in this time does not lead to a second email.
MAX_AGE = timedelta(days=30)
KEPT_FOR = MAX_AGE + timedelta(days=1)


def create_notifications(comment: Comment) -> None:
    """Store which readers are to be emailed about `comment`. Call it in the transaction that makes it visible.

    Safe to call again, after an edit or a removal that was undone: each reader gets one email about a comment. At most
    five queries for any number of followers.
    """
    now = timezone.now()
    if comment.created_at < now - MAX_AGE:
        return
    Notification.objects.bulk_create(
        [
            Notification(user_id=pk, comment=comment, kind=kind, created_at=now)
            for pk, kind in _recipients(comment).items()
        ],
        update_conflicts=True,
        unique_fields=["user", "comment"],
        # Notifications dropped while the comment was not visible are due again. `sent_at` is kept.
        update_fields=["kind", "dropped_at"],
    )


def _recipients(comment: Comment) -> dict[int, str]:
    """Return the users to email about `comment`, each with the most personal kind that they have not turned off."""
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


MAX_MENTIONS = 10
_AT = re.compile(r"(?<!\w)@")


def mentioned_ids(comment: Comment) -> list[int]:
    """Return the users that `comment` mentions, in order, at most ten. No query unless it contains an @.

    The longest name counts: “@Ann Lee” mentions Ann Lee, not Ann. Case is ignored, but similar names are different.
    All writers who share a name are mentioned. Quoted lines are ignored.
    """
    text = own_words(comment.text)
    places = [match.end() for match in _AT.finditer(text)]
    if not places:
        return []
    writers = _writers(comment.article_id)
    length = max(map(len, writers), default=0)
    found: dict[int, None] = {}
    for place in places:
        found |= dict.fromkeys(_longest_name(text[place : place + length + 1], writers))
        found.pop(comment.author_id or 0, None)
        if len(found) >= MAX_MENTIONS:
            break
    return list(found)[:MAX_MENTIONS]


def _writers(article_id: int) -> Mapping[str, Sequence[int]]:
    """The users with visible comments on the article, by casefolded name."""
    visible = Comment.objects.visible().filter(article=article_id).exclude(author=None)
    writers: dict[str, list[int]] = {}
    for pk, name in visible.order_by().values_list("author", "author__display_name").distinct():
        if name:
            writers.setdefault(name.casefold(), []).append(pk)
    return writers


def _longest_name(text: str, writers: Mapping[str, Sequence[int]]) -> Sequence[int]:
    """Return the users with the longest name that `text` begins with. The name must end at a word boundary."""
    for end in range(len(text), 0, -1):
        if not _continues_word(text[end : end + 1]) and (found := writers.get(text[:end].casefold())):
            return found
    return ()


def _continues_word(character: str) -> bool:
    return character == "_" or (bool(character) and unicodedata.category(character)[0] in "LNM")
