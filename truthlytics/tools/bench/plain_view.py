# ruff: noqa: E402
"""A yardstick: the article page as a tight, plain Django view, with the ORM, one template and no cache.

It shows the same data as the real page: text, image, version history, related articles and comments; for a reader who
is logged in also the gated text, the own name, the own votes and the form for a comment. `as_peers` shows what the
pages of other systems do: title, byline, text, tags and twenty comments. Needs no code of the site but its models.
Served with the settings in `plain_settings.py`.
"""

import django

django.setup()  # The models of all apps are needed below.

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import Context, Template
from django.template.context_processors import csrf
from django.urls import include, path
from django.utils import timezone

from articles.media.html import ResponsiveImage
from articles.models import Article, Author, Section, TopicEntry, Version
from articles.presenters.article import table_of_contents
from comments.models import Comment, Thread, Vote
from subscriptions.models import Grant
from truthlytics.publication import get_publication

RELATED, FIRST_PAGE_SIZE = 3, 20
RELATED_COLUMNS = (
    "published_at", "article__slug", "version__headline", "version__kind", "version__head", "version__words_all",
)  # fmt: skip
COMMENT_COLUMNS = ("pk", "html", "created_at", "author__display_name", "author__is_staff", "author__member_since")
ARTICLE_COLUMNS = (
    "slug", "published_at", "live__article", "live__number", "live__public_from", "live__headline", "live__kind",
    "live__standfirst", "live__free_html", "live__free_notes", "live__words_all", "live__head", "live__required_level",
)  # fmt: skip
PEERS_COLUMNS = ("published_at", "live__headline", "live__standfirst", "live__free_html")


def article(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    articles = Article.objects.filter(published_at__lte=now, withdrawn_at=None).select_related("live")
    article: Any = get_object_or_404(articles.only(*ARTICLE_COLUMNS), slug=slug)
    version, head = article.live, article.live.head
    url = f"{settings.SITE_URL}/articles/{slug}/"
    topics = [topic["slug"] for topic in head["topics"]]
    entries = TopicEntry.objects.filter(topic__slug__in=topics, published_at__lte=now).exclude(article=article)
    visible = Comment.objects.filter(article=article, status="visible").order_by("path")
    comments = list(visible.values(*COMMENT_COLUMNS)[:FIRST_PAGE_SIZE])
    context = {
        "publication": get_publication(),
        "sections": Section.objects.order_by("position").values("name", "slug"),
        "article": article,
        "version": version,
        "head": head,
        "changes": Version.objects.filter(article=article, public_from__lte=now).values("public_from", "note"),
        "url": url,
        "lead": ResponsiveImage.from_json(head["lead"]) if head["lead"] else None,
        "contents": table_of_contents(version.free_html),
        "structured_data": json.dumps({
            "@context": "https://schema.org", "@type": "NewsArticle", "url": url, "headline": version.headline,
            "description": version.standfirst, "datePublished": article.published_at.isoformat(),
            "dateModified": version.public_from.isoformat(), "author": [byline["name"] for byline in head["bylines"]],
        }),
        "related": entries.order_by("-published_at").values(*RELATED_COLUMNS)[:RELATED],
        "count": Thread.objects.filter(article=article).values_list("visible_count", flat=True).first() or 0,
        "comments": comments,
    }  # fmt: skip
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        grants = Grant.objects.filter(user=request.user, starts_at__lte=now, ends_at__gt=now)
        level = grants.aggregate(level=Max("level"))["level"] or 0
        if version.required_level and level >= version.required_level:
            context["gated"] = Version.objects.filter(pk=version.pk).values_list("paid_html", flat=True).get()
        votes = Vote.objects.filter(user=request.user, comment__in=[comment["pk"] for comment in comments])
        context |= {"user": request.user, "voted": set(votes.values_list("comment", flat=True)), **csrf(request)}
    return HttpResponse(template("plain_article.html").render(Context(context)))


def as_peers(request: HttpRequest, slug: str) -> HttpResponse:
    articles = Article.objects.filter(published_at__lte=timezone.now(), withdrawn_at=None).select_related("live")
    article = get_object_or_404(articles.only(*PEERS_COLUMNS), slug=slug)
    comments = Comment.objects.filter(article=article, status="visible").order_by("path")
    context = {
        "article": article,
        "authors": Author.objects.filter(bylines__article=article).values("name", "slug"),
        "topics": article.topics.values("name", "slug"),
        "comments": comments.values("pk", "html", "created_at", "author__display_name")[:FIRST_PAGE_SIZE],
    }
    return HttpResponse(template("peers_article.html").render(Context(context)))


@cache
def template(name: str) -> Template:
    return Template(Path(__file__).with_name(name).read_text(encoding="utf-8"))


urlpatterns = [
    path("articles/<slug:slug>/", article),
    path("peers/articles/<slug:slug>/", as_peers),
    path("", include("truthlytics.urls")),
]
application = WSGIHandler()
