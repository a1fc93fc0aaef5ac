"""The sitemaps of the site, as search engines fetch them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_safe

from articles import sitemaps
from truthlytics.web.pages import public_page

XML = "application/xml; charset=utf-8"


@public_page(tags=["listing", "sections"])
@conditional_page
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.index(timezone.now()), content_type=XML)


@public_page()
@conditional_page
@require_safe
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.pages(), content_type=XML)


@public_page(tags=["listing", "sections"])
@require_safe
def sitemap_part(request: HttpRequest, kind: str, number: int) -> Any:
    pieces = sitemaps.part(sitemaps.kinds(timezone.now())[kind], number)
    if pieces is None:
        raise Http404("There is no such part of the sitemap.")
    return StreamingHttpResponse(() if request.method == "HEAD" else pieces, content_type=XML)


@public_page(tags=["listing"])
@conditional_page
@require_safe
def sitemap_news(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.news(timezone.now()), content_type=XML)
