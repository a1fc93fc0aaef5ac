"""A yardstick: the article page as a tight, plain Django view, with the ORM, one template and no cache.

It shows an anonymous visitor the same data as the real page: text, image, version history, related articles and
comments. `manage.py bench reading` measures both in one run.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import Context, Template
from django.test.utils import override_settings
from django.urls import include, path
from django.utils import timezone

from articles.media.html import ResponsiveImage
from articles.models import Article, Section, TopicEntry, Version
from articles.presenters.article import table_of_contents
from articles.presenters.related import RELATED
from comments.models import Comment, Thread
from comments.selection import FIRST_PAGE_SIZE
from truthlytics.publication import get_publication

# What the page shows of each row, so that no model instances are created for lists.
RELATED_COLUMNS = (
    "published_at",
    "article__slug",
    "version__headline",
    "version__kind",
    "version__head",
    "version__words_all",
)
COMMENT_COLUMNS = (
    "pk", "html", "created_at", "author__display_name", "author__is_staff", "author__member_since",
)  # fmt: skip
ARTICLE_COLUMNS = (
    "slug", "published_at", "live__article", "live__number", "live__public_from", "live__headline",
    "live__kind", "live__standfirst", "live__free_html", "live__free_notes", "live__words_all", "live__head",
)  # fmt: skip
MIDDLEWARE = [
    "truthlytics.bench.plain_view.use_plain_urls",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]


def article(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    articles = Article.objects.filter(published_at__lte=now, withdrawn_at=None).select_related("live")
    article: Any = get_object_or_404(articles.only(*ARTICLE_COLUMNS), slug=slug)
    version, head = article.live, article.live.head
    url = f"{settings.SITE_URL}/articles/{slug}/"
    topics = [topic["slug"] for topic in head["topics"]]
    entries = TopicEntry.objects.filter(topic__slug__in=topics, published_at__lte=now).exclude(article=article)
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
        "comments": Comment.objects.filter(article=article, status="visible")
        .order_by("path")
        .values(*COMMENT_COLUMNS)[:FIRST_PAGE_SIZE],
    }  # fmt: skip
    return HttpResponse(template().render(Context(context)))


@cache
def template() -> Template:
    return Template(Path(__file__).with_name("plain_article.html").read_text(encoding="utf-8"))


def use_plain_urls(get_response: Any) -> Any:
    """Middleware that serves requests with the URLs of this module."""

    def middleware(request: Any) -> Any:
        request.urlconf = __name__
        return get_response(request)

    return middleware


def plain_handler() -> WSGIHandler:
    with override_settings(MIDDLEWARE=MIDDLEWARE):
        return WSGIHandler()


urlpatterns = [path("articles/<slug:slug>/", article), path("", include("truthlytics.urls"))]
