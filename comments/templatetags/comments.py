"""Comments on the pages of other apps: the section under an article, counts, and the most discussed articles."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django import template
from django.db.models import F
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.models import Article, Version
from articles.presenters.article import ArticleSummary
from comments.models import Thread
from comments.rendering import render_anonymous, render_comments
from comments.thread import parse_cursor
from truthlytics.web.compiled_queries import CompiledObjectQuery

register = template.Library()


@register.simple_tag(takes_context=True)
def comment_thread(context: template.Context, article: ArticleSummary) -> SafeString:
    """The comments section of an article for this reader: at most three queries, for threads of any length.

    Raises Http404 for an invalid `?comments=`.
    """
    request = context["request"]
    cursor = parse_cursor(request.GET.get("comments", ""))
    if not request.user.is_authenticated:
        return render_anonymous(article, cursor, request.access)
    return render_comments(article, cursor, user=request.user, access=request.access, request=request)


@register.simple_tag
def comment_counts(items: Iterable[Version | Article]) -> dict[int, int]:
    """The number of visible comments of each of these articles or versions, by the article's id, in one query."""
    return Thread.objects.counts({_article_id(item) for item in items})


# The longest threads from which the most discussed articles are taken: some articles may be withdrawn.
CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class DiscussedArticle:
    headline: str
    url: str
    count: int
    kind: str


@register.simple_tag
def most_discussed(number: int = 5) -> list[DiscussedArticle]:
    """The published articles with the most comments, newest first among equals, in one query."""
    now = timezone.now()
    return [_discussed(article, article.served(now)) for article in _most_discussed_query(number)(now)]


@cache
def _most_discussed_query(number: int) -> CompiledObjectQuery[Article]:
    # Starting from the longest threads, because a query on articles would read all of them.
    longest = Thread.objects.filter(visible_count__gt=0).order_by("-visible_count", "-article")[:CANDIDATES]
    return CompiledObjectQuery(
        lambda now: (
            Article.objects.listed(now)
            .filter(pk__in=longest.values("article"))
            .annotate(count=F("thread__visible_count"))
            .order_by("-thread__visible_count", "-published_at", "-pk")[:number]
        ),
        "now",
    )


def _discussed(article: Any, version: Version) -> DiscussedArticle:
    return DiscussedArticle(
        headline=version.headline,
        url=f"{article.get_absolute_url()}#comments",
        count=article.count,
        kind=version.kind_label,
    )


def _article_id(item: Version | Article) -> int:
    return item.article_id if isinstance(item, Version) else item.pk
