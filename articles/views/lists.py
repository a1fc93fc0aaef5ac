"""Lists of what is published: the front page, everything by date, and the same by section, topic, author and series."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.homepage.placement import fetch_candidates
from articles.models import Article, Author, Section, Series, Topic, layout_served
from articles.presenters.homepage import homepage_context, month_record
from articles.seo.jsonld import breadcrumbs, creative_work_series, person
from articles.seo.meta import absolute_url
from truthlytics.web.cursor_pagination import Page, page, page_ascending
from truthlytics.web.fragments import fragment
from truthlytics.web.pages import cached_page, public_page
from truthlytics.web.types import TemplateContext

SIZE = 20
LISTED = ("listing", "sections")
PICTURED = (*LISTED, "pictures")
CHOSEN = (*LISTED, "front")
FRONT = (*CHOSEN, "comments")


@public_page(tags=FRONT)
@require_safe
def front(request: ReaderRequest) -> HttpResponse:
    now = timezone.now()

    def choose() -> dict[str, object]:
        layout = fragment("layout", make=lambda: layout_served(now), tags=["front"])
        return homepage_context(fetch_candidates(layout, now), layout)

    def make() -> dict[str, object]:
        # A new comment changes the counts and the most discussed articles, but not which articles are placed where.
        context = fragment("front articles", make=choose, tags=CHOSEN)
        return context | {"record": month_record(now) if context["shows_record"] else None}

    return cached_page(request, "articles/front.html", "front", make=make, tags=FRONT)


@public_page(tags=LISTED)
@require_safe
def latest(request: ReaderRequest) -> HttpResponse:
    now, after = timezone.now(), request.GET.get("after", "")

    def make() -> dict[str, object]:
        found = page(
            Article.objects.all(), after=after, size=SIZE, time="published_at", tie="id",
            then=lambda rows: rows.listed(now),
        )  # fmt: skip
        versions = Page([article.as_served(now) for article in found.items], found.after)
        here = reverse("articles:latest")
        return {"page": versions, "structure": [breadcrumbs((_("Latest"), here))]} | page_position(here, after)

    key = "latest", after
    return cached_page(request, "articles/latest.html", *key, make=make, tags=LISTED, current_section="latest")


@public_page(tags=LISTED)
@require_safe
def section(request: ReaderRequest, slug: str) -> HttpResponse:
    after = request.GET.get("after", "")

    def make() -> dict[str, object]:
        found = get_object_or_404(Section, slug=slug)
        return {"section": found, "structure": [_breadcrumbs(found)]} | _with_featured(_list(found, after))

    key = "section", slug, after
    return cached_page(request, "articles/section.html", *key, make=make, tags=LISTED, current_section=slug)


@public_page(tags=LISTED)
@require_safe
def topic(request: ReaderRequest, slug: str) -> HttpResponse:
    if (survivor := merged_into(slug)) != slug:
        return redirect("articles:topic", survivor, permanent=True)
    after = request.GET.get("after", "")

    def make() -> dict[str, object]:
        found = get_object_or_404(Topic, slug=slug)
        return {"topic": found, "structure": [_breadcrumbs(found)]} | _with_featured(_list(found, after))

    return cached_page(request, "articles/topic.html", "topic", slug, after, make=make, tags=LISTED)


@public_page(tags=PICTURED)
@require_safe
def author(request: ReaderRequest, slug: str) -> HttpResponse:
    after = request.GET.get("after", "")

    def make() -> dict[str, object]:
        found = get_object_or_404(Author.objects.with_portrait(), slug=slug)
        return {"author": found, "structure": [person(found), _breadcrumbs(found)]} | _list(found, after)

    return cached_page(request, "articles/author.html", "author", slug, after, make=make, tags=PICTURED)


@public_page(tags=LISTED)
@require_safe
def series(request: ReaderRequest, slug: str) -> HttpResponse:
    after = request.GET.get("after", "")

    def make() -> dict[str, object]:
        found = get_object_or_404(Series, slug=slug)
        served = found.entries.served(timezone.now())
        parts = page_ascending(served, after=after, size=SIZE, number="part", tie="article_id")
        for entry in parts.items:
            entry.as_listed()
        context = {"series": found, "page": parts, "structure": [creative_work_series(found), _breadcrumbs(found)]}
        return context | page_position(found.get_absolute_url(), after)

    return cached_page(request, "articles/series.html", "series", slug, after, make=make, tags=LISTED)


def merged_into(slug: str) -> str:
    """Return the slug of the topic that the one at `slug` was merged into, or its own. Raises Http404."""
    topics = Topic.objects.select_related("merged_into")
    return fragment("topic", slug, make=lambda: get_object_or_404(topics, slug=slug).survivor.slug, tags=LISTED)


def _list(parent: Section | Topic | Author, after: str) -> TemplateContext:
    now = timezone.now()
    entries = page(
        parent.entries.all(), after=after, size=SIZE, time="published_at", tie="article_id",
        then=lambda rows: rows.served(now),
    )  # fmt: skip
    versions = Page([entry.as_listed() for entry in entries.items], entries.after)
    return {"page": versions} | page_position(parent.get_absolute_url(), after)


def _with_featured(context: TemplateContext) -> TemplateContext:
    """Show the newest article with an image beside the list instead of in it."""
    items = context["page"].items
    featured = next((version for version in items if version.head["lead"]), None) if len(items) > 1 else None
    rest = [version for version in items if version is not featured]
    return context | {"featured": featured, "page": Page(rest, context["page"].after)}


def page_position(path: str, after: str) -> dict[str, str]:
    """The cursor of this page of a list, and its canonical URL."""
    query = f"?{urlencode({'after': after})}" if after else ""
    return {"after": after, "canonical": absolute_url(path) + query}


def _breadcrumbs(parent: Section | Topic | Author | Series) -> dict[str, object]:
    return breadcrumbs((parent.name, parent.get_absolute_url()))
