"""The page of all corrections."""

from functools import partial

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Purpose
from articles.presenters.corrections import by_month, count_names, log_page, report_figures, year_counts
from articles.seo.jsonld import breadcrumbs, policies
from articles.views.lists import LISTED, page_position
from truthlytics.web.cursor_pagination import Page
from truthlytics.web.fragments import once
from truthlytics.web.pages import cached_page, public_page

SIZE = 30
TAGS = (*LISTED, "error-reports")


@public_page(tags=TAGS)
@require_safe
def corrections(request: ReaderRequest) -> HttpResponse:
    after = request.GET.get("after", "")

    def make() -> dict[str, object]:
        now = timezone.now()
        found = log_page(now, after=after, size=SIZE)
        here = reverse("articles:corrections")
        return {
            "months": by_month(found.items),
            "page": Page([], found.after),
            "years": year_counts(now),
            "report_figures": once(partial(report_figures, now)),
            "count_names": count_names(),
            "policy_url": policies().get(Purpose.CORRECTIONS, ""),
            "structure": [breadcrumbs((_("Corrections"), here))],
        } | page_position(here, after)

    return cached_page(request, "articles/corrections.html", "corrections", after, make=make, tags=TAGS)
