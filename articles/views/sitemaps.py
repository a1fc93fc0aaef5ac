"""The sitemaps of the site, as search engines fetch them."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_safe

from articles.seo import sitemaps
from truthlytics.web.pages import good_until, public_page

XML = "application/xml; charset=utf-8"


@public_page(tags=["listing", "sections", "dossiers"])
@conditional_page
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.index(timezone.now()), content_type=XML)


@public_page()
@conditional_page
@require_safe
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.pages(), content_type=XML)


# Sent as it is read, so we keep no copy and know no digest to ask again with: a search engine's may be an hour old.
@public_page(tags=["listing", "sections", "dossiers"], max_age=3600)
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
    now = timezone.now()
    versions = sitemaps.recent(now)
    # The oldest of them ends being news without anybody doing anything.
    first_to_go = versions[-1].article.published_at if versions else None
    response = HttpResponse(sitemaps.news(versions), content_type=XML)
    return good_until(response, (first_to_go or now) + sitemaps.NEWS_FOR)
