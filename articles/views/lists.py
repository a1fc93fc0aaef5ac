"""Lists of what is published: the front page, everything by date, and the same by section, topic, author and series."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.front import Stock, arrange, stock
from articles.layout import Layout
from articles.metadata import absolute
from articles.models import Article, Author, Section, Series, Topic, layout_served
from articles.structure import breadcrumbs, organisation, person, series_of_parts, website
from truthlytics.web.keyset import Page, page, rising
from truthlytics.web.pages import public_page

SIZE = 20


@public_page(tags=["front", "listing", "sections", "comments"])
@require_safe
def front(request: ReaderRequest) -> HttpResponse:
    now = timezone.now()
    layout = layout_served(now)
    return render(request, "articles/front.html", front_context(stock(layout, now), layout))


def front_context(found: Stock, layout: Layout) -> dict[str, Any]:
    """What the template of the front page draws."""
    return {
        "front": arrange(found, layout),
        "masthead_sections": found.sections,
        "canonical": absolute(reverse("articles:front")),
        "structure": [organisation(), website()],
    }


@public_page(tags=["listing", "sections"])
@require_safe
def latest(request: ReaderRequest) -> HttpResponse:
    now = timezone.now()
    after = request.GET.get("after", "")
    found = page(Article.objects.listed(now), after=after, size=SIZE, time="published_at", tie="id")
    versions = Page([article.as_served(now) for article in found.items], found.after)
    here = reverse("articles:latest")
    context = {"page": versions, "current_section": "latest", "structure": [breadcrumbs(("Latest", here))]}
    return render(request, "articles/latest.html", context | place(here, after))


@public_page(tags=["listing", "sections"])
@require_safe
def section(request: ReaderRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Section, slug=slug)
    context = {"section": found, "current_section": slug, "structure": [_way(found)]}
    return render(request, "articles/section.html", context | _with_plate(_list(request, found)))


@public_page(tags=["listing", "sections"])
@require_safe
def topic(request: ReaderRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Topic, slug=slug)
    context = {"topic": found, "structure": [_way(found)]}
    return render(request, "articles/topic.html", context | _with_plate(_list(request, found)))


@public_page(tags=["listing", "sections", "pictures"])
@require_safe
def author(request: ReaderRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Author.objects.with_portrait(), slug=slug)
    context = {"author": found, "structure": [person(found), _way(found)]}
    return render(request, "articles/author.html", context | _list(request, found))


@public_page(tags=["listing", "sections"])
@require_safe
def series(request: ReaderRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Series, slug=slug)
    after = request.GET.get("after", "")
    served = found.entries.served(timezone.now())
    parts = rising(served, after=after, size=SIZE, number="part", tie="article_id")
    for entry in parts.items:
        entry.as_listed()
    context = {"series": found, "page": parts, "structure": [series_of_parts(found), _way(found)]}
    return render(request, "articles/series.html", context | place(found.get_absolute_url(), after))


def _list(request: ReaderRequest, home: Section | Topic | Author) -> dict[str, Any]:
    after = request.GET.get("after", "")
    found = page(home.entries.served(timezone.now()), after=after, size=SIZE, time="published_at", tie="article_id")
    versions = Page([entry.as_listed() for entry in found.items], found.after)
    return {"page": versions} | place(home.get_absolute_url(), after)


def _with_plate(context: dict[str, Any]) -> dict[str, Any]:
    """The newest piece with a picture stands beside the list, and then not in it too."""
    items = context["page"].items
    plate = next((version for version in items if version.head["lead"]), None) if len(items) > 1 else None
    rest = [version for version in items if version is not plate]
    return context | {"plate": plate, "page": Page(rest, context["page"].after)}


def place(path: str, after: str) -> dict[str, str]:
    """Where in a list this page stands, and the one address that search engines shall know it by."""
    query = f"?{urlencode({'after': after})}" if after else ""
    return {"after": after, "canonical": absolute(path) + query}


def _way(place: Section | Topic | Author | Series) -> dict[str, Any]:
    return breadcrumbs((place.name, place.get_absolute_url()))
