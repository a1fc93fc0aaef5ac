"""What other pages show of the conversation: the thread, the counts, the most discussed."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from django import template
from django.contrib.auth.models import AnonymousUser
from django.db.models import F
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.utils import timezone
from django.utils.safestring import SafeString

from articles.access import Access
from articles.models import Article, Kind, Version
from comments.models import Thread
from comments.rendering import SOMEBODY, Discussable, draw, is_like_others, tags
from comments.thread import cursor
from truthlytics.web.alike import Fill, Likeness, filled
from truthlytics.web.compiled_queries import CompiledObjectQuery
from truthlytics.web.fragment_tag import PERSONAL
from truthlytics.web.fragments import fragment, is_keeping

register = template.Library()


@register.simple_tag(takes_context=True)
def comment_thread(context: template.Context, piece: Discussable) -> SafeString:
    """The conversation under an article for this reader: at most three queries, for threads of any length.

    Whoever has nothing of their own in it gets what is kept for everybody like them. Raises Http404 for `?comments=`
    junk.
    """
    request = context["request"]
    after = cursor(request.GET.get("comments", ""))
    if not request.user.is_authenticated:
        made = partial(draw, piece, after, user=AnonymousUser(), access=request.access)
        return fragment("thread", piece.pk, after, make=made, tags=tags(piece))
    return draw(piece, after, user=request.user, access=request.access, request=request)


class AlikeNode(template.Node):
    def __init__(self, nodelist: NodeList, piece: FilterExpression) -> None:
        self.nodelist, self.piece = nodelist, piece

    def render(self, context: template.Context) -> SafeString:
        request, piece = context["request"], self.piece.resolve(context)
        if not is_keeping() or not is_like_others(piece, request):
            return self.nodelist.render(context)
        access = request.access
        key = ("page", piece.pk, piece.version, access.level, access.may_comment, access.reason)
        return filled(fragment(*key, make=partial(self.draw, context, access), tags=tags(piece)), request)

    def draw(self, context: template.Context, access: Access) -> tuple[str | Fill, ...]:
        likeness = Likeness(SOMEBODY, access)
        with context.push(PERSONAL | {"request": likeness, "user": likeness.user, "personal": True}):
            return likeness.parts(self.nodelist.render(context))


@register.tag
def alike(parser: Parser, token: Token) -> AlikeNode:
    """`{% alike piece %}…{% endalike %}`: the page of an article for readers who are logged in.

    It is kept once for all who may do the same and have nothing of their own on it; their name and their token are
    put in for each. Whoever has something of their own, staff, and strangers get the body as it stands.
    """
    _, piece = token.split_contents()
    nodelist = parser.parse(("endalike",))
    parser.delete_first_token()
    return AlikeNode(nodelist, parser.compile_filter(piece))


@register.simple_tag
def comment_counts(items: Iterable[Version | Article]) -> dict[int, int]:
    """How many comments each of these articles (or versions) shows, by the article's id: one query."""
    return Thread.objects.counts({_article_id(item) for item in items})


# Of so many conversations the most discussed pieces are chosen: some may be withdrawn.
LONGEST = 50


@dataclass(frozen=True, slots=True)
class Discussed:
    headline: str
    url: str
    count: int
    kind: str


@register.simple_tag
def most_discussed(number: int = 5) -> list[Discussed]:
    """The published articles with the most comments, newest first among equals, in one query.

    They are chosen among the longest conversations: a database that began with the articles would read all of them.
    """
    now = timezone.now()
    return [_discussed(article, article.served(now)) for article in _most(number)(now)]


@cache
def _most(number: int) -> CompiledObjectQuery[Article]:
    longest = Thread.objects.filter(visible_count__gt=0).order_by("-visible_count", "-article")[:LONGEST]
    return CompiledObjectQuery(
        lambda now: (
            Article.objects.listed(now)
            .filter(pk__in=longest.values("article"))
            .annotate(count=F("thread__visible_count"))
            .order_by("-thread__visible_count", "-published_at", "-pk")[:number]
        ),
        "now",
    )


def _discussed(article: Any, version: Version) -> Discussed:
    return Discussed(
        headline=version.headline,
        url=f"{article.get_absolute_url()}#comments",
        count=article.count,
        kind=str(Kind(version.kind).label),
    )


def _article_id(item: Version | Article) -> int:
    return item.article_id if isinstance(item, Version) else item.pk
