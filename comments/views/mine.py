"""The comments that a reader has written."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

from django.contrib.auth.decorators import login_required
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest, decide
from articles.models import Article, Version
from comments.models import Comment, Decision
from comments.permissions import suspension_refusal
from comments.quotes import Quotation, quotation_of
from comments.text import excerpt
from truthlytics.web.cursor_pagination import page
from truthlytics.web.users import User

SIZE = 30
# The latest replies shown under each comment.
REPLIES = 3
EXCERPT_LENGTH = 120


class Reply(NamedTuple):
    """A reply and the beginning of its text."""

    comment: Comment
    excerpt: str


@dataclass(frozen=True, slots=True)
class OwnComment:
    """A comment with the version it is shown under, None if that is not public, and its latest replies."""

    comment: Comment
    version: Version | None
    quotation: Quotation | None = None
    replies: list["Reply"] = field(default_factory=list)
    more_replies: int = 0
    # The id of the decision that removed it, if the reader can appeal against it.
    decision: int | None = None

    @property
    def edit_requested(self) -> bool:
        return self.comment.is_waiting and self.comment.edit_requested_at is not None


@require_safe
@login_required
def mine(request: ReaderRequest) -> HttpResponse:
    """List the reader's own comments with their state and replies, the latest first. Five queries for any number."""
    now, after = timezone.now(), request.GET.get("after", "")
    own = Comment.objects.filter(author=request.user).with_quote_level()
    found = page(own, after=after, size=SIZE, time="created_at", tie="id")
    published = Article.objects.listed(now).filter(pk__in={comment.article_id for comment in found.items})
    versions = {article.pk: article.as_served(now) for article in published}
    replies = _latest_replies([comment.pk for comment in found.items if comment.article_id in versions], request.user)
    removed = [comment.pk for comment in found.items if comment.is_removed and not comment.is_deleted_by_author]
    decisions = Decision.objects.newest_appealable(request.user, removed, now) if removed else {}
    items = [
        _own_comment(
            request,
            comment,
            versions.get(comment.article_id),
            replies.get(comment.pk, []),
            decisions.get(comment.pk),
        )
        for comment in found.items
    ]
    context = {
        "page": found,
        "after": after,
        "items": items,
        "reader": request.user,
        "suspended": suspension_refusal(request.user),
    }
    return render(request, "comments/mine.html", context)


def _own_comment(
    request: ReaderRequest, comment: Comment, version: Version | None, replies: list[Any], decision: int | None
) -> OwnComment:
    quotation = None
    if version is not None and not comment.is_removed:
        quotation = quotation_of(
            comment,
            version.article.slug,
            required_level=version.required_level,
            may_read=decide(version, request.access).allowed,
        )
    more = replies[0].number_of_replies - len(replies) if replies else 0
    shown = [Reply(reply, excerpt(reply.text, EXCERPT_LENGTH)) for reply in replies]
    return OwnComment(comment, version, quotation, shown, more, decision)


def _latest_replies(comment_ids: Iterable[int], reader: User) -> dict[int, list[Comment]]:
    """Return the latest visible replies of others to each of these comments, the newest first. One query."""
    replies = (
        Comment.objects.visible()
        .on_published()
        .filter(parent__in=list(comment_ids))
        .exclude(author=reader)
        .select_related("author")
        .annotate(
            rank=Window(RowNumber(), partition_by=[F("parent")], order_by=["-created_at", "-pk"]),
            number_of_replies=Window(Count("pk"), partition_by=[F("parent")]),
        )
        .filter(rank__lte=REPLIES)
        .order_by("parent", "rank")
    )
    return {parent: list(group) for parent, group in groupby(replies, key=lambda reply: reply.parent_id or 0)}
