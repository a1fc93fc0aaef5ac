"""The archive: the list of months, and the articles of one month."""

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Article
from articles.presenters.archive import ArchiveMonth, adjacent_months, years
from articles.seo.jsonld import breadcrumbs
from articles.seo.meta import absolute_url
from articles.views.lists import LISTED, SIZE, page_position
from truthlytics.web.cursor_pagination import Page, page
from truthlytics.web.pages import cached_page, public_page
from truthlytics.web.types import TemplateContext


@public_page(tags=LISTED)
@require_safe
def archive(request: ReaderRequest) -> HttpResponse:
    def make() -> dict[str, object]:
        url = reverse("articles:archive")
        structure = [breadcrumbs((_("Archive"), url))]
        return {"years": years(timezone.now()), "canonical": absolute_url(url), "structure": structure}

    return cached_page(request, "articles/archive.html", "archive", make=make, tags=LISTED)


@public_page(tags=LISTED)
@require_safe
def month(request: ReaderRequest, year: int, number: int) -> HttpResponse:
    after = request.GET.get("after", "")
    key = "month", str(year), str(number), after
    return cached_page(
        request,
        "articles/month.html",
        *key,
        make=lambda: _month_context(ArchiveMonth(year, number), after),
        tags=LISTED,
    )


def _month_context(month: ArchiveMonth, after: str) -> TemplateContext:
    now = timezone.now()
    in_month = Article.objects.filter(published_at__gte=month.start, published_at__lt=month.end)
    articles = page(in_month, after=after, size=SIZE, time="published_at", tie="id", then=lambda rows: rows.listed(now))
    if not articles.items and not after:
        raise Http404("No articles were published in this month.")
    before, following = adjacent_months(month, now)
    name = date_format(month.first_day, "YEAR_MONTH_FORMAT")
    return {
        "name": name,
        "before": before,
        "following": following,
        "page": Page([article.as_served(now) for article in articles.items], articles.after),
        "structure": [breadcrumbs((_("Archive"), reverse("articles:archive")), (name, month.get_absolute_url()))],
    } | page_position(month.get_absolute_url(), after)
