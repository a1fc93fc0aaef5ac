"""The archive: which months there are, and what appeared in one."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.archive import Month, around, years
from articles.metadata import absolute
from articles.models import Article
from articles.structure import breadcrumbs
from truthlytics.web.keyset import Page, first_of_all, page
from truthlytics.web.pages import public_page

from .lists import SIZE, place


@public_page(tags=["listing", "sections"])
@require_safe
def archive(request: ReaderRequest) -> HttpResponse:
    here = reverse("articles:archive")
    context = {
        "years": years(timezone.now()),
        "canonical": absolute(here),
        "structure": [breadcrumbs(("Archive", here))],
    }
    return render(request, "articles/archive.html", context)


@public_page(tags=["listing", "sections"])
@require_safe
def month(request: ReaderRequest, year: int, number: int) -> HttpResponse:
    now, after = timezone.now(), request.GET.get("after", "")
    asked = Month(year, number)
    rows = first_of_all(Article.objects.listed(now), published_at__gte=asked.begins, published_at__lt=asked.ends)
    found = page(rows, after=after, size=SIZE, time="published_at", tie="id")
    if not found.items and not after:
        raise Http404("Nothing appeared in this month.")
    before, following = around(asked, now)
    name = date_format(asked.first, "F Y")
    way = breadcrumbs(("Archive", reverse("articles:archive")), (name, asked.get_absolute_url()))
    context = {
        "month": asked,
        "name": name,
        "before": before,
        "following": following,
        "page": Page([article.as_served(now) for article in found.items], found.after),
        "structure": [way],
    }
    return render(request, "articles/month.html", context | place(asked.get_absolute_url(), after))
