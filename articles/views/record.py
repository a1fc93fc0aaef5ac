"""The newest digests of the record, so that anyone can keep copies."""

from datetime import date
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_safe

from articles.presenters.record import newest_digests, versions_of_month
from truthlytics.transparency.views import TAG as LOG_TAG
from truthlytics.web.canonical_json import canonical
from truthlytics.web.fragments import fragment
from truthlytics.web.pages import public_page

TAGS = ("listing", "pages", "dossiers", LOG_TAG)


@public_page(tags=TAGS)
@conditional_page
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    text = fragment("record", make=partial(newest_digests, timezone.now()), tags=TAGS)
    return HttpResponse(text, content_type="application/json")


@public_page(tags=TAGS)
@conditional_page
@require_safe
def record_part(request: HttpRequest, year: int, month: int, part: int) -> HttpResponse:
    """Answer with a part of the versions that appeared in a month, which record.json counts."""
    try:
        versions = versions_of_month(date(year, month, 1), part, timezone.now()) if part else []
    except ValueError as error:
        raise Http404("There is no such month.") from error
    if not versions:
        raise Http404("There is no such part.")
    text = canonical({"month": f"{year:04}-{month:02}", "part": part, "versions": versions})
    return HttpResponse(text, content_type="application/json")
