"""A yardstick: the article page as a plain Django view, with the ORM, one template and no cache.

It shows the same data as the real page to an anonymous visitor. `manage.py bench reading` measures both in one run.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import RequestContext, Template
from django.test.utils import override_settings
from django.urls import include, path
from django.utils import timezone

from articles.media.html import ResponsiveImage
from articles.models import Article, DossierVersionArticle, Section, TopicEntry, Version
from articles.presenters.article import table_of_contents
from articles.presenters.menus import served_menus
from articles.presenters.related import RELATED
from articles.seo.jsonld import article_breadcrumbs, news_article
from articles.seo.meta import absolute_url, meta_description, social_lead_image
from comments.models import Comment, Thread
from comments.thread import FIRST_PAGE_SIZE

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
template: Template | None = None


def article(request: HttpRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now), slug=slug)
    version = article.as_served(now)
    lead = version.head["lead"]
    context = {
        "publication": settings.PUBLICATION,
        "sections": Section.objects.in_masthead(),
        "menus": served_menus(now),
        "article": article,
        "version": version,
        "version_log": article.version_log(now),
        "canonical": absolute_url(article.get_absolute_url()),
        "description": meta_description(version),
        "picture": social_lead_image(version),
        "structure": [news_article(article, version), article_breadcrumbs(version)],
        "lead": ResponsiveImage.from_json(lead) if lead else None,
        "contents": table_of_contents(version.free_html),
        "related": related(version, now),
        "in_dossier": DossierVersionArticle.objects.filter(article=article).exists(),
        "thread": Thread.objects.filter(article=article).first(),
        "comments": Comment.objects.filter(article=article).visible().with_authors().order_by("path")[:FIRST_PAGE_SIZE],
    }
    global template
    template = template or Template(Path(__file__).with_name("plain_article.html").read_text(encoding="utf-8"))
    return HttpResponse(template.render(RequestContext(request, context)))


def related(version: Version, now: Any) -> Any:
    """The articles that share the most topics, the newest first among equals."""
    topics = [topic["slug"] for topic in version.head["topics"]]
    entries = TopicEntry.objects.served(now).filter(topic__slug__in=topics).exclude(article=version.article_id)
    shared = (
        entries.values("version")
        .annotate(topics=Count("pk"), newest=Max("published_at"))
        .order_by("-topics", "-newest")
    )
    return Version.objects.in_lists().filter(pk__in=[row["version"] for row in shared[:RELATED]])


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
