"""Feeds of all articles, and of one section, topic or author."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_safe

from articles.feeds.channel import SIZE, build_channel
from articles.feeds.formats import FORMATS
from articles.models import Article, Author, Section, Topic, Version
from truthlytics.web.pages import public_page


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
