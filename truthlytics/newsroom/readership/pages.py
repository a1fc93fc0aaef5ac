"""The statistics of all articles and of an author, by period, with CSV files."""

from dataclasses import dataclass
from functools import partial

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from articles.models import Author, ReadCount
from truthlytics.newsroom.readership import access, article_page, dashboard, exports, sources
from truthlytics.newsroom.readership.forms import PeriodForm
from truthlytics.newsroom.readership.hours import hour_lines
from truthlytics.newsroom.readership.kept import kept
from truthlytics.newsroom.readership.periods import Period, Unit
from truthlytics.newsroom.readership.report import Report, charts, report
from truthlytics.statistics import source_figures
from truthlytics.statistics.figures import ReadArticle, most_read, with_articles
from truthlytics.statistics.models import ReadSource, SourceDay
from truthlytics.statistics.source_figures import Sources
from truthlytics.web.csv_files import csv_response
from truthlytics.web.types import AnyRows
from truthlytics.web.users import user_of

MAX_MOST_READ, MAX_EXPORTED = 20, 5000
TEMPLATE = "admin/statistics/page.html"


def paths(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("statistics/", view(partial(page, site=site)), name="statistics"),
        path("statistics/<slug:table>.csv", view(partial(export, site=site)), name="statistics_csv"),
        path("statistics/authors/<int:pk>/", view(partial(author_page, site=site)), name="statistics_author"),
        path(
            "statistics/authors/<int:pk>/<slug:table>.csv",
            view(partial(author_export, site=site)),
            name="statistics_author_csv",
        ),
        *article_page.paths(site),
        *dashboard.paths(site),
    ]


@dataclass(frozen=True, slots=True)
class Scope:
    """What a page is about: all articles, or those of `author`."""

    author: Author | None = None

    @property
    def key(self) -> int:
        return self.author.pk if self.author else 0

    @property
    def url(self) -> str:
        return reverse("admin:statistics_author", args=[self.author.pk]) if self.author else reverse("admin:statistics")

    @property
    def reads(self) -> QuerySet[ReadCount]:
        rows = ReadCount.objects.all()
        return rows.filter(article__bylines__author=self.author) if self.author else rows

    @property
    def sources(self) -> AnyRows:
        if self.author is None:
            return SourceDay.objects.all()
        return ReadSource.objects.filter(article__bylines__author=self.author)

    def most_read(self, period: Period, number: int) -> list[ReadArticle]:
        make = partial(most_read, self.reads, period.first, period.last, number)
        return with_articles(kept(period, "articles", self.key, number, make=make))

    def sources_of(self, period: Period, number: int) -> Sources | None:
        """Return where people came from; None if that is not known of these days."""
        if not sources.are_known(period, timezone.localdate(), by_article=self.author is not None):
            return None
        make = partial(source_figures.sources, self.sources, period.first, period.last, number)
        return kept(period, "sources", self.key, number, make=make)


@require_safe
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    return _page(request, site, _all_articles(request))


@require_safe
def export(request: HttpRequest, table: str, site: AdminSite) -> HttpResponseBase:
    return _export(request, site, _all_articles(request), table)


@require_safe
def author_page(request: HttpRequest, pk: int, site: AdminSite) -> HttpResponse:
    return _page(request, site, _author_or_404(request, pk))


@require_safe
def author_export(request: HttpRequest, pk: int, table: str, site: AdminSite) -> HttpResponseBase:
    return _export(request, site, _author_or_404(request, pk), table)


def _all_articles(request: HttpRequest) -> Scope:
    if not access.may_see_all(user_of(request)):
        raise PermissionDenied
    return Scope()


def _author_or_404(request: HttpRequest, pk: int) -> Scope:
    return Scope(get_object_or_404(access.visible_authors(user_of(request)), pk=pk))


def _page(request: HttpRequest, site: AdminSite, scope: Scope) -> HttpResponse:
    form = PeriodForm.of(request.GET, timezone.localdate())
    context = site.each_context(request) | {"title": _("Statistics"), "form": form, "scope": scope}
    if form.is_valid():
        context |= _period_context(request, scope, form)
    return TemplateResponse(request, TEMPLATE, context, status=422 if form.errors else 200)


def _period_context(request: HttpRequest, scope: Scope, form: PeriodForm) -> dict[str, object]:
    """Return what the page shows of the chosen period."""
    today, period = timezone.localdate(), form.chosen()
    shown = _report(scope, period)
    context: dict[str, object] = {
        "period": period,
        "report": shown,
        "charts": charts(shown.lines),
        "query": period.query,
        "later": period.after if period.after.first <= today else None,
        "sees_all": access.may_see_all(user_of(request)),
    }
    if not shown.is_kept:
        return context
    context["most_read"] = scope.most_read(period, MAX_MOST_READ)
    context["sources"] = scope.sources_of(period, source_figures.MAX_NAMES)
    if scope.author is None:
        if request.user.has_perm(access.SUBSCRIBERS):
            context["orders"] = sources.orders(period.first, period.last)
        if form.shows_not_counted:
            context["left_out"] = sources.left_out(period.first, period.last)
    return context


def _report(scope: Scope, period: Period) -> Report:
    """Return the report, with the hours of a day as its lines: those of single authors are not stored."""
    lines = hour_lines(period.first) if period.unit == Unit.DAY and scope.author is None else None
    return report(scope.reads, period, timezone.now(), lines, scope.key)


def _export(request: HttpRequest, site: AdminSite, scope: Scope, table: str) -> HttpResponseBase:
    """Return a table of the page as CSV; the page with its errors if the period is not valid."""
    if table not in exports.TABLES or (table in exports.OF_ALL and scope.author is not None):
        raise Http404("There is no such table.")
    form = PeriodForm.of(request.GET, timezone.localdate())
    if not form.is_valid():
        return _page(request, site, scope)
    period = form.chosen()
    shown = _report(scope, period)
    if not shown.is_kept:
        rows = exports.figures(shown)
    elif table == "articles":
        rows = exports.articles(scope.most_read(period, MAX_EXPORTED))
    elif table == "sources":
        rows = exports.sources(scope.sources_of(period, MAX_EXPORTED))
    elif table == "not-counted":
        rows = exports.left_out(sources.left_out(period.first, period.last))
    else:
        rows = exports.figures(shown)
    return csv_response(f"{table}-{period.file_name}.csv", rows)
