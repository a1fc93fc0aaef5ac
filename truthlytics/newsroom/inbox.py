"""What needs this person now, as far as their role lets them see it. So many queries, however much there is."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.utils import timezone

from articles.models import Article, Byline, Remark
from comments.models import Comment, open_reports
from comments.models.comments import moderates
from subscriptions.models import Order, Payment

# So many of each are shown; the list has the rest.
SHOWN = 6
FRESH = 3
# What a row of the desk never shows, and may be long.
UNSEEN = ("body", "standfirst", "lead_caption", "seo_title", "seo_description")
ACROSS = ("section", "assignee")


def waiting_for(user: AbstractUser, now: datetime) -> dict[str, Any]:
    """The desk's main column: articles, readers' words, readers' money."""
    desk: dict[str, Any] = {"now": now, "today": timezone.localdate(now)}
    if user.has_perm("articles.view_article"):
        desk |= _articles(user, now)
    if moderates(user):
        desk["conversation"] = True
        desk["comments_reported"] = Comment.objects.filter(open_reports()).count()
        desk["comments_waiting"] = Comment.objects.waiting().count()
    if user.has_perm("subscriptions.view_order"):
        desk["money"] = _money()
    return desk


def _articles(user: AbstractUser, now: datetime) -> dict[str, Any]:
    editor = user.has_perm("articles.publish_article")
    may_see = Article.objects.all() if editor else Article.objects.filter(pk__in=_ids(Article.objects.visible_to(user)))
    groups: dict[str, list[Article]] = {"yours": _rows(may_see.to_be_finished_by(user).most_urgent_first())}
    review = may_see.in_review().exclude(pk__in=[article.pk for article in groups["yours"]])
    groups["review"] = _rows(review.most_urgent_first())
    if editor:
        groups["ready"] = _rows(may_see.ready().most_urgent_first())
        groups["scheduled"] = _rows(may_see.filter(upcoming_at__gt=now).order_by("upcoming_at", "pk"))
    _with_bylines(article for rows in groups.values() for article in rows)
    desk: dict[str, Any] = {name: rows[:SHOWN] for name, rows in groups.items()}
    desk["more"] = {name for name, rows in groups.items() if len(rows) > SHOWN}
    desk["may_write"] = user.has_perm("articles.add_article")
    desk["edits"] = editor
    desk["outside"] = _outside(None if editor else may_see)
    if editor:
        public = Article.objects.published(now).order_by("-published_at", "-pk")
        desk["fresh"] = [article.as_served(now) for article in public[:FRESH]]
    return desk


def _outside(may_see: QuerySet[Article] | None) -> list[Remark]:
    said = Remark.objects.unanswered_from_outside().select_related("article")
    if may_see is not None:
        said = said.filter(article__in=_ids(may_see))
    return list(said.defer(*(f"article__{name}" for name in UNSEEN))[:SHOWN])


def _rows(articles: QuerySet[Article]) -> list[Article]:
    return list(articles.select_related(*ACROSS).defer(*UNSEEN)[: SHOWN + 1])


def _ids(articles: QuerySet[Article]) -> QuerySet[Article, Any]:
    return articles.order_by().values("pk")


def _with_bylines(articles: Iterable[Article]) -> None:
    rows = list(articles)
    if rows:
        prefetch_related_objects(rows, Prefetch("bylines", Byline.objects.select_related("author")))


def _money() -> dict[str, Any]:
    """What payments ask somebody to look at: failed while the order is open, or more than anybody owed."""
    asking = Payment.objects.needing_attention().select_related("order__user").order_by("-recorded_at", "-pk")
    return {"asking": list(asking[:SHOWN]), "transfers": Order.objects.awaiting_transfer().count()}
