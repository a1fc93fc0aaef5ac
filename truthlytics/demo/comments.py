"""Comments of the demo: posted through the services that readers use, then backdated."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from articles.models import Article
from comments.models import Comment, Decision
from comments.services import approve, post_comment, remove
from subscriptions.models import Grant, User
from truthlytics.demo.accounts import confirmed_user

# Of the access that readers have until their subscriptions are loaded.
NOTE = "Demo reader"
NAMESPACE = uuid.UUID("6e0c3b1d-3f0e-4e37-8d4c-2b1f7a5d9c10")


def load_comments(
    content: Mapping[str, Any], accounts: Mapping[str, User], writers: Mapping[str, User], now: datetime
) -> dict[str, User]:
    """Load the readers and their comments; return the readers by key."""
    readers = {reader["key"]: load_reader(reader, now) for reader in content["readers"]}
    users: dict[str, User] = {**accounts, **writers, **readers}
    for thread in content["threads"]:
        load_thread(thread, users, accounts["moderator"], now)
    return readers


def load_reader(fields: Mapping[str, Any], now: datetime) -> User:
    """Create a subscriber without a password, who cannot log in."""
    since = now - timedelta(days=30 * fields["months"])
    user = confirmed_user(f"{fields['key']}@readers.demo.test", fields["name"], since)
    Grant.objects.create(user=user, level=10, starts_at=since, ends_at=now + timedelta(days=200), note=NOTE)
    return user


def load_thread(thread: Mapping[str, Any], users: Mapping[str, User], moderator: User, now: datetime) -> None:
    article = Article.objects.get(slug=thread["article"])
    first_published = article.versions.order_by("number")[0].public_from
    comments: dict[str, Comment] = {}
    for fields in thread["comments"]:
        comment = post_comment(
            article=article,
            author=users[fields["by"]],
            text=fields["text"].strip(),
            key=uuid.uuid5(NAMESPACE, fields["id"]),
            parent=comments.get(fields.get("parent", "")),
        )
        comments[fields["id"]] = comment
        if not fields.get("pending"):
            approve(comments=[comment], by=moderator)
        if reason := fields.get("removed"):
            remove(comments=[comment], by=moderator, reason=reason)
        created_at = min(first_published + timedelta(minutes=fields["minutes"]), now - timedelta(minutes=6))
        approved_at = None if fields.get("pending") else created_at + timedelta(minutes=4)
        Comment.objects.filter(pk=comment.pk).update(created_at=created_at, approved_at=approved_at)
        decided_at = created_at + timedelta(minutes=4)
        Decision.objects.filter(comment=comment).update(created_at=decided_at, told_at=decided_at)
