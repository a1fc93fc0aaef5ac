"""Sitemaps for search engines."""

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
    return HttpResponse(sitemaps.render_index(timezone.now()), content_type=XML)


@public_page()
@conditional_page
@require_safe
def sitemap_pages(request: HttpRequest) -> HttpResponse:
    return HttpResponse(sitemaps.render_static(), content_type=XML)


# Streamed, so there is no cached copy and no ETag. Search engines may cache it for an hour instead.
@public_page(tags=["listing", "sections", "dossiers"], max_age=3600)
@require_safe
def sitemap_part(request: HttpRequest, name: str, number: int) -> Any:
    chunks = sitemaps.render_part(sitemaps.sitemap_sources(timezone.now())[name], number)
    if chunks is None:
        raise Http404("This part of the sitemap does not exist.")
    return StreamingHttpResponse(() if request.method == "HEAD" else chunks, content_type=XML)


@public_page(tags=["listing"])
@conditional_page
@require_safe
def sitemap_news(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    versions = sitemaps.recent_versions(now)
    # Expires when the oldest article drops out of the news period.
    oldest = versions[-1].article.published_at if versions else None
    response = HttpResponse(sitemaps.render_news(versions), content_type=XML)
    return good_until(response, (oldest or now) + sitemaps.NEWS_PERIOD)
