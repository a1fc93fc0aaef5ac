"""The archive: which months there are, and what appeared in one."""

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Article
from articles.presenters.archive import Month, around, years
from articles.seo.jsonld import breadcrumbs
from articles.seo.meta import absolute
from articles.views.lists import LISTED, SIZE, place
from truthlytics.web.cursor_pagination import Page, first_of_all, page
from truthlytics.web.pages import kept_page, public_page


@public_page(tags=LISTED)
@require_safe
def archive(request: ReaderRequest) -> HttpResponse:
    def make() -> dict[str, Any]:
        here = reverse("articles:archive")
        structure = [breadcrumbs(("Archive", here))]
        return {"years": years(timezone.now()), "canonical": absolute(here), "structure": structure}

    return kept_page(request, "articles/archive.html", "archive", make=make, tags=LISTED)


@public_page(tags=LISTED)
@require_safe
def month(request: ReaderRequest, year: int, number: int) -> HttpResponse:
    asked, after = Month(year, number), request.GET.get("after", "")
    key = "month", str(year), str(number), after
    return kept_page(request, "articles/month.html", *key, make=lambda: _month(asked, after), tags=LISTED)


def _month(asked: Month, after: str) -> dict[str, Any]:
    now = timezone.now()
    rows = first_of_all(Article.objects.listed(now), published_at__gte=asked.begins, published_at__lt=asked.ends)
    found = page(rows, after=after, size=SIZE, time="published_at", tie="id")
    if not found.items and not after:
        raise Http404("Nothing appeared in this month.")
    before, following = around(asked, now)
    name = date_format(asked.first, "F Y")
    way = breadcrumbs(("Archive", reverse("articles:archive")), (name, asked.get_absolute_url()))
    return {
        "name": name,
        "before": before,
        "following": following,
        "page": Page([article.as_served(now) for article in found.items], found.after),
        "structure": [way],
    } | place(asked.get_absolute_url(), after)
