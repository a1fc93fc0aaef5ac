"""The statistics of one article since its publication, with a CSV file."""

from datetime import date
from functools import partial

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.models import Article, ReadCount
from truthlytics.newsroom.readership import access, exports, sources
from truthlytics.newsroom.readership.hours import first_hour_lines
from truthlytics.newsroom.readership.report import Life, charts, life
from truthlytics.statistics import source_figures
from truthlytics.web.csv_files import csv_response
from truthlytics.web.users import user_of

TEMPLATE = "admin/statistics/article.html"


def paths(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("statistics/articles/<int:pk>/", view(partial(page, site=site)), name="statistics_article"),
        path("statistics/articles/<int:pk>.csv", view(export), name="statistics_article_csv"),
    ]


@require_safe
def page(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    article, today = _article_or_404(request, pk), timezone.localdate()
    shown = _life(article, today)
    user, hours = user_of(request), first_hour_lines(article, timezone.now())
    context = site.each_context(request) | {
        "title": _("Statistics"),
        "subtitle": str(article),
        "article": article,
        "authors": access.visible_authors(user).filter(bylines__article=article).order_by("bylines__position"),
        "life": shown,
        "hours": hours,
        "hour_charts": charts(hours, "-hours"),
        "day_charts": charts(shown.days, "-days"),
        "month_charts": charts(shown.months, "-months"),
        "sources": source_figures.sources(article.read_sources.all(), date.min, today),
        "gifts": sources.gifts_of(article),
        "sees_all": access.may_see_all(user),
        "may_open": Article.objects.visible_to(user).filter(pk=pk).exists(),
    }
    if user.has_perm(access.SUBSCRIBERS):
        context["orders"] = sources.orders_of(article)
    return TemplateResponse(request, TEMPLATE, context)


@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return the days of the article as CSV, and the months of which no days are stored."""
    article = _article_or_404(request, pk)
    return csv_response(f"article-{article.slug}.csv", exports.life(_life(article, timezone.localdate())))


def _article_or_404(request: HttpRequest, pk: int) -> Article:
    articles = access.visible_articles(user_of(request)).only("headline", "slug", "published_at", "live", "upcoming")
    return get_object_or_404(articles.exclude(published_at=None), pk=pk)


def _life(article: Article, today: date) -> Life:
    published = timezone.localdate(article.published_at)
    return life(ReadCount.objects.filter(article=article), min(published, today), today)
