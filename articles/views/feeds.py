"""Feeds of all articles, and of one section, topic or author, and sitemaps for search engines."""

from collections.abc import Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_safe

from articles.feeds.channel import SIZE, build_channel
from articles.feeds.formats import FORMATS
from articles.models import Article, Author, Section, Topic, Version
from articles.seo import sitemaps
from truthlytics.web.pages import good_until, public_page


@public_page(tags=["listing"])
@conditional_page
@require_safe
def feed(request: HttpRequest, file: str) -> HttpResponse:
    now = timezone.now()
    newest = Article.objects.news().syndicated(now).order_by("-published_at", "-id")[:SIZE]
    return _response(file, None, reverse("articles:front"), (article.as_served(now) for article in newest))


@public_page(tags=["listing", "sections"])
@conditional_page
@require_safe
def section_feed(request: HttpRequest, slug: str, file: str) -> HttpResponse:
    return _feed_of(get_object_or_404(Section, slug=slug), file)


@public_page(tags=["listing"])
@conditional_page
@require_safe
def topic_feed(request: HttpRequest, slug: str, file: str) -> HttpResponse:
    topic = get_object_or_404(Topic.objects.select_related("merged_into"), slug=slug)
    if topic.merged_into is not None:
        return redirect("articles:topic_feed", topic.merged_into.slug, file, permanent=True)
    return _feed_of(topic, file)


@public_page(tags=["listing"])
@conditional_page
@require_safe
def author_feed(request: HttpRequest, slug: str, file: str) -> HttpResponse:
    return _feed_of(get_object_or_404(Author, slug=slug), file)


def _feed_of(place: Section | Topic | Author, file: str) -> HttpResponse:
    newest = place.entries.syndicated(timezone.now()).order_by("-published_at", "-article_id")[:SIZE]
    return _response(file, place, place.get_absolute_url(), (entry.as_listed() for entry in newest))


def _response(
    file: str, place: Section | Topic | Author | None, home: str, versions: Iterable[Version]
) -> HttpResponse:
    serialise, content_type = FORMATS[file]
    return HttpResponse(serialise(build_channel(place, home, file, versions)), content_type=content_type)


XML = "application/xml; charset=utf-8"


@public_page(tags=["listing", "sections", "dossiers"])
@conditional_page
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.render_index(timezone.now()), content_type=XML)


@public_page()
@conditional_page
@require_safe
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.render_static(), content_type=XML)


# Streamed, so there is no cached copy and no ETag. Search engines may cache it for an hour instead.
@public_page(tags=["listing", "sections", "dossiers"], max_age=3600)
@require_safe
def sitemap_part(request: HttpRequest, name: str, number: int) -> Any:
    chunks = sitemaps.render_part(sitemaps.sitemap_sources(timezone.now())[name], number)
    if chunks is None:
        raise Http404("This part of the sitemap does not exist.")
    return StreamingHttpResponse(() if request.method == "HEAD" else chunks, content_type=XML)


@public_page(tags=["listing"])
@conditional_page
@require_safe
def sitemap_news(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    versions = sitemaps.recent_versions(now)
    # Expires when the oldest article drops out of the news period.
    oldest = versions[-1].article.published_at if versions else None
    response = HttpResponse(sitemaps.render_news(versions), content_type=XML)
    return good_until(response, (oldest or now) + sitemaps.NEWS_PERIOD)
