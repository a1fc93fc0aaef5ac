"""Comments on the pages of other apps: the section under an article, counts, and the most discussed articles."""

from collections.abc import Collection, Iterable
from functools import partial
from typing import NamedTuple

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.models import Article, Version
from articles.presenters.article import ArticleSummary
from comments.forms import ModeratorEmailsForm
from comments.models import ModeratorEmails, Thread
from comments.models.comments import can_moderate
from comments.rendering import picked_comments, render_anonymous, render_comments
from comments.selection import parse_cursor
from comments.services.claiming import count_claimable
from truthlytics.web.fragments import fragment
from truthlytics.web.users import User

register = template.Library()


@register.simple_tag(takes_context=True)
def comment_thread(context: template.Context, article: ArticleSummary) -> SafeString:
    """The comments section of an article for this reader: at most six queries, for threads of any length.

    Raises Http404 for an invalid `?comments=` or `?sort=`.
    """
    request = context["request"]
    cursor = parse_cursor(request.GET)
    if not request.user.is_authenticated:
        return render_anonymous(article, cursor, request.access)
    return render_comments(article, cursor, user=request.user, access=request.access, request=request)


@register.inclusion_tag("comments/_claimable.html", takes_context=True)
def claimable_comments(context: template.Context) -> dict[str, object]:
    """A notice about imported comments that the reader can claim; nothing if there are none. One query."""
    user = context["request"].user
    return {"number": count_claimable(user), "user": user, "csrf_token": context.get("csrf_token")}


@register.simple_tag
def picks_beside(article: ArticleSummary) -> SafeString:
    """The editors' picks that are shown beside the text. For readers with access to all of it."""
    beside = [pick for pick in picked_comments(article) if pick.is_beside]
    return render_to_string("comments/_picks_beside.html", {"picks": beside}) if beside else SafeString()


@register.simple_tag
def comment_counts(items: Iterable[Version | Article]) -> dict[int, int]:
    """The number of visible comments of each of these articles or versions, by the article's id, in one query."""
    return Thread.objects.counts({_article_id(item) for item in items})


# The longest threads from which the most discussed articles are taken: some articles may be withdrawn.
CANDIDATES = 20


class DiscussedArticle(NamedTuple):
    pk: int
    headline: str
    url: str
    kind: str
    comments: int = 0


@register.simple_tag
def most_discussed(number: int = 5) -> list[DiscussedArticle]:
    """The published news with the most comments, newest first among equals. One query, or two after a change."""
    # Starting from the longest threads, because a query on articles would read all of them.
    open_threads = Thread.objects.filter(visible_count__gt=0, is_off=False)
    longest = open_threads.order_by("-visible_count", "-article").values_list("article", "visible_count")[:CANDIDATES]
    counts = dict(longest)
    # A new comment changes the counts, but rarely which articles these are.
    tags = ["sections", *(f"teaser:{pk}" for pk in counts)]
    articles = fragment("discussed", *sorted(counts), make=partial(_discussed, counts.keys()), tags=tags)
    found = [article._replace(comments=counts[article.pk]) for article in articles]
    return sorted(found, key=lambda article: article.comments, reverse=True)[:number]


def _discussed(ids: Collection[int]) -> tuple[DiscussedArticle, ...]:
    """Return those of the articles that are published, newest first."""
    now = timezone.now()
    articles = Article.objects.news().listed(now).filter(pk__in=ids).order_by("-published_at", "-pk")
    versions = [article.as_served(now) for article in articles]
    return tuple(
        DiscussedArticle(
            pk=version.article_id,
            headline=version.headline,
            url=f"{version.article.get_absolute_url()}#comments",
            kind=version.kind_label,
        )
        for version in versions
    )


def _article_id(item: Version | Article) -> int:
    return item.article_id if isinstance(item, Version) else item.pk


@register.inclusion_tag("comments/_moderator_emails.html", takes_context=True)
def moderator_emails(context: template.Context, user: User) -> dict[str, object]:
    """The form with which a moderator chooses how often to be emailed; nothing for other users."""
    if not can_moderate(user):
        return {"form": None}
    row = ModeratorEmails.objects.filter(user=user).first() or ModeratorEmails(user=user)
    return {"form": ModeratorEmailsForm(instance=row), "csrf_token": context.get("csrf_token")}
