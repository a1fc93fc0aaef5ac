"""What other pages show of the conversation: the thread, the counts, the most discussed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import template
from django.db.models import F
from django.utils import timezone

from articles.models import Article, Kind, Version
from comments.forms import blank_form
from comments.gate import closed_sentence, why_not
from comments.models import Conversation
from comments.models.comments import moderates
from comments.thread import ThreadPage, cursor, page

register = template.Library()


@register.inclusion_tag("comments/_thread.html", takes_context=True)
def comment_thread(context: template.Context, article: Article, version: Version) -> dict[str, Any]:
    """The conversation under `article` for this reader: at most two queries, for threads of any length.

    For a visitor without a session the bytes are the same for everybody. Raises Http404 for `?comments=` junk.
    """
    request = context["request"]
    after = cursor(request.GET.get("comments", ""))
    now = timezone.now()
    conversation = Conversation.objects.filter(article=article.pk).first()
    refusal = why_not(version, request.access, conversation, now)
    form = None if refusal else blank_form(article, request.session)
    user = request.user
    bylines = {byline["slug"] for byline in version.head.get("bylines", ()) if byline.get("slug")}
    return {
        "article": article,
        "count": conversation.visible_count if conversation else 0,
        "page": page(article.pk, user, after, bylines) if conversation else ThreadPage([], ""),
        "closed": closed_sentence(conversation) if conversation and not conversation.is_open(now) else "",
        "refusal": refusal,
        "form": form,
        "parent": form.parent_comment() if form else None,
        "user": user,
        "sees_waiting": moderates(user),
        "request": request,
    }


@register.simple_tag
def comment_counts(items: Iterable[Version | Article]) -> dict[int, int]:
    """How many comments each of these articles (or versions) shows, by the article's id: one query."""
    return Conversation.objects.counts({_article_id(item) for item in items})


@dataclass(frozen=True, slots=True)
class Discussed:
    headline: str
    url: str
    count: int
    kind: str


@register.simple_tag
def most_discussed(number: int = 5) -> list[Discussed]:
    """The published articles with the most comments, newest first among equals, in one query."""
    now = timezone.now()
    found = (
        Article.objects.listed(now)
        .filter(conversation__visible_count__gt=0)
        .annotate(count=F("conversation__visible_count"))
        .order_by("-conversation__visible_count", "-published_at", "-pk")[:number]
    )
    return [_discussed(article, article.served(now)) for article in found]


def _discussed(article: Any, version: Version) -> Discussed:
    return Discussed(
        headline=version.headline,
        url=f"{article.get_absolute_url()}#comments",
        count=article.count,
        kind=str(Kind(version.kind).label),
    )


def _article_id(item: Version | Article) -> int:
    return item.article_id if isinstance(item, Version) else item.pk
