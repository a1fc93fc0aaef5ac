"""Comments of the demo: posted through the services that readers use, then backdated."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.utils import timezone

from articles.models import Article
from articles.richtext.anchors import Anchor
from comments.models import Comment, Follow, Notification, Thread
from comments.quotes import ArticleText
from comments.services import post_comment, refresh_quotes
from comments.services.votes import count_changed, toggle_vote
from subscriptions.models import Grant, User
from truthlytics.tools.demo.accounts import confirmed_user
from truthlytics.tools.demo.moderation import moderate
from truthlytics.web.types import Content, JsonObject

# Of the access that readers have until their subscriptions are loaded.
NOTE = "Demo reader"
NAMESPACE = uuid.UUID("6e0c3b1d-3f0e-4e37-8d4c-2b1f7a5d9c10")


def load_comments(
    content: Content, accounts: Mapping[str, User], writers: Mapping[str, User], now: datetime
) -> dict[str, User]:
    """Load the readers and their comments; return the readers by key."""
    readers = {reader["key"]: load_reader(reader, now) for reader in content["readers"]}
    users: dict[str, User] = {**accounts, **writers, **readers}
    for thread in content["threads"]:
        load_thread(thread, users, list(readers.values()), now)
    count_changed(timezone.now())
    subscriber = accounts["subscriber"]
    Follow.objects.create(user=subscriber, article=Article.objects.get(slug=content["follows"]))
    # Only the subscriber is emailed about past comments, so that the demo has such an email.
    Notification.objects.exclude(user=subscriber).delete()
    return readers


def load_reader(fields: Content, now: datetime) -> User:
    """Create a subscriber without a password, who cannot log in."""
    since = now - timedelta(days=30 * fields["months"])
    user = confirmed_user(f"{fields['key']}@readers.demo.test", fields["name"], since)
    Grant.objects.create(user=user, level=10, starts_at=since, ends_at=now + timedelta(days=200), note=NOTE)
    return user


def load_thread(thread: Content, users: Mapping[str, User], voters: list[User], now: datetime) -> None:
    article = Article.objects.get(slug=thread["article"])
    first_published = article.versions.order_by("number")[0].public_from
    comments: dict[str, Comment] = {}
    for fields in thread["comments"]:
        author = users[fields["by"]]
        comment = post_comment(
            article=article,
            author=author,
            text=fields["text"].strip(),
            key=uuid.uuid5(NAMESPACE, fields["id"]),
            parent=comments.get(fields.get("parent", "")),
            **quoted(article, fields),
        )
        comments[fields["id"]] = comment
        created_at = min(first_published + timedelta(minutes=fields["minutes"]), now - timedelta(minutes=6))
        Comment.objects.filter(pk=comment.pk).update(created_at=created_at)
        moderate(comment, fields, users, created_at)
        others = [voter for voter in voters if voter != author]
        for voter in others[: fields.get("helpful", 0)]:
            toggle_vote(comment=comment, user=voter)
    refresh_quotes(article=article, now=now)
    Thread.objects.filter(article=article).update(closed_message=thread.get("closed_message", ""))


def quoted(article: Article, fields: Content) -> JsonObject:
    """Return the passage that the comment quotes, and the version it is from, as `post_comment` takes them."""
    if "quote" not in fields:
        return {}
    versions = article.versions.order_by("-number")
    version = versions.get(number=fields["version"]) if "version" in fields else versions[0]
    passage = ArticleText(version.plain_free, version.plain_all).find(Anchor(fields["quote"]))
    if passage is None:
        raise ValueError(f"“{fields['quote']}” is not in version {version.number} of {article.slug}.")
    return {"passage": passage, "version": version}
