"""Lists of what is published: the front page, everything by date, and the same by section, topic and author."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.front import IN_A_ROW, LATEST, SECONDS, arrange
from articles.models import Article, Author, Section, Topic, Version
from articles.models.versions import EntryQuerySet
from truthlytics.web.keyset import Page, page
from truthlytics.web.pages import public_page

SIZE = 20


@public_page(tags=["listing", "sections", "comments"])
@require_safe
def front(request: ReaderRequest) -> HttpResponse:
    now = timezone.now()
    newest = Article.objects.listed(now).order_by("-published_at", "-id")[: LATEST + SECONDS + 2]
    latest = [article.as_served(now) for article in newest]
    sections = list(Section.objects.in_masthead().with_newest(IN_A_ROW + SECONDS + 2, now))
    versions = Version.objects.listed({pk for section in sections for pk in section.newest})
    by_section = {section: [versions[pk] for pk in section.newest if pk in versions] for section in sections}
    context = {"front": arrange(latest, by_section), "masthead_sections": sections}
    return render(request, "articles/front.html", context)


@public_page(tags=["listing", "sections"])
@require_safe
def latest(request: ReaderRequest) -> HttpResponse:
    now = timezone.now()
    after = request.GET.get("after", "")
    found = page(Article.objects.listed(now), after=after, size=SIZE, time="published_at", tie="id")
    versions = Page([article.as_served(now) for article in found.items], found.after)
    return render(request, "articles/latest.html", {"page": versions, "after": after, "current_section": "latest"})


@public_page(tags=["listing", "sections"])
@require_safe
def section(request: ReaderRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Section, slug=slug)
    context = _with_plate(_list(request, found.entries.served(), timezone.now()))
    return render(request, "articles/section.html", context | {"section": found, "current_section": slug})


@public_page(tags=["listing", "sections"])
@require_safe
def topic(request: ReaderRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Topic, slug=slug)
    context = _with_plate(_list(request, found.entries.served(), timezone.now()))
    return render(request, "articles/topic.html", context | {"topic": found})


@public_page(tags=["listing", "sections"])
@require_safe
def author(request: ReaderRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Author.objects.with_portrait(), slug=slug)
    context = _list(request, found.entries.served(), timezone.now()) | {"author": found}
    return render(request, "articles/author.html", context)


def _list(request: ReaderRequest, entries: EntryQuerySet, now: datetime) -> dict[str, Any]:
    after = request.GET.get("after", "")
    found = page(entries, after=after, size=SIZE, time="published_at", tie="article_id")
    return {"page": Page(list(_versions(found.items)), found.after), "after": after}


def _with_plate(context: dict[str, Any]) -> dict[str, Any]:
    """The newest piece with a picture stands beside the list, and then not in it too."""
    items = context["page"].items
    plate = next((version for version in items if version.head["lead"]), None) if len(items) > 1 else None
    rest = [version for version in items if version is not plate]
    return context | {"plate": plate, "page": Page(rest, context["page"].after)}


def _versions(entries: Iterable[Any]) -> Iterable[Version]:
    for entry in entries:
        entry.version.article = entry.article
        yield entry.version
