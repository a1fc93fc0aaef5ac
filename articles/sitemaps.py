"""Every public address for search engines. What is not served yet does not stand in it."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sitemaps.views import sitemap as sitemap_view
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.models import Article, Section, Version
from truthlytics.web.pages import public_page


class OurSitemap(Sitemap):
    """Addresses under SITE_URL, whatever host was asked."""

    protocol = urlsplit(settings.SITE_URL).scheme

    def get_domain(self, site: Any = None) -> str:
        return urlsplit(settings.SITE_URL).netloc


class ArticleSitemap(OurSitemap):
    limit = 40_000

    def items(self) -> Any:
        # A list: Django's paginator would count an unordered queryset again.
        now = timezone.now()
        newest = Article.objects.listed(now).order_by("-published_at", "-id")[: self.limit]
        return [article.as_served(now) for article in newest]

    def location(self, item: Version) -> str:
        return item.article.get_absolute_url()

    def lastmod(self, item: Version) -> datetime:
        return item.public_from


class PlaceSitemap(OurSitemap):
    def items(self) -> list[str]:
        places = [reverse("articles:front"), reverse("articles:latest")]
        return places + [section.get_absolute_url() for section in Section.objects.in_masthead()]

    def location(self, item: str) -> str:
        return item


@public_page(tags=["listing", "sections"])
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    response = sitemap_view(request, sitemaps={"places": PlaceSitemap, "articles": ArticleSitemap})
    return response.render()
