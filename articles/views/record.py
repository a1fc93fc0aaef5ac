"""The newest digests of the record, so that anyone can keep copies."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_safe

from articles.presenters.record import newest_digests
from truthlytics.transparency.views import TAG as LOG_TAG
from truthlytics.web.fragments import fragment
from truthlytics.web.pages import public_page

TAGS = ("listing", "pages", "dossiers", LOG_TAG)


@public_page(tags=TAGS)
@conditional_page
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    text = fragment("record", make=partial(newest_digests, timezone.now()), tags=TAGS)
    return HttpResponse(text, content_type="application/json")
