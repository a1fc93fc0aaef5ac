"""The revenue page: subscribers, monthly recurring revenue, payments and conversions, with CSV files."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from subscriptions import reports
from subscriptions.money import EXPONENTS, Money
from subscriptions.periods import months_before, next_month, start_of
from subscriptions.reports import Conversion, Month
from truthlytics.newsroom.article_lookup import versions_at
from truthlytics.newsroom.charts import Bars
from truthlytics.publication import default_currency
from truthlytics.web.csv_files import csv_response

PERIODS = (6, 12, 24, 60)
DEFAULT_PERIOD = 12
MAX_CONVERSIONS, MAX_EXPORTED = 20, 1000


def paths(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("revenue/", view(partial(page, site=site)), name="revenue"),
        path("revenue/<slug:table>.csv", view(export), name="revenue_csv"),
    ]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page shows: a currency and the last `period` months, of which the current one is not over."""

    currency: str
    period: int
    last: date
    currencies: list[str]

    @property
    def first(self) -> date:
        return months_before(self.last, self.period - 1)

    def months(self) -> list[Month]:
        return reports.months(self.currency, first=self.first, last=self.last)

    def conversions(self, limit: int) -> list[Conversion]:
        start, end = start_of(self.first), start_of(next_month(self.last))
        return reports.conversions(self.currency, start=start, end=end, limit=limit)

    def money(self, minor: int) -> Money:
        return Money(minor, self.currency)

    def decimal(self, minor: int) -> Decimal:
        return Decimal(minor).scaleb(-EXPONENTS[self.currency])


def chosen(request: HttpRequest) -> Choice:
    """Read the choice from the query; anything else becomes the default. Raises PermissionDenied."""
    if not request.user.has_perm("subscriptions.view_revenue"):
        raise PermissionDenied
    currencies = reports.currencies() or [default_currency()]
    usual = default_currency() if default_currency() in currencies else currencies[0]
    currency = request.GET.get("currency", usual)
    periods = {str(period): period for period in PERIODS}
    return Choice(
        currency=currency if currency in currencies else usual,
        period=periods.get(request.GET.get("months", ""), DEFAULT_PERIOD),
        last=timezone.localdate().replace(day=1),
        currencies=currencies,
    )


@require_safe
def page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    choice = chosen(request)
    months = choice.months()
    context = site.each_context(request) | {
        "title": _("Revenue"),
        "choice": choice,
        "periods": PERIODS,
        "query": f"currency={choice.currency}&months={choice.period}",
        "subscribers": reports.subscribers(choice.currency, timezone.now()),
        "charts": _charts(choice, months),
        "months": [_row(choice, month) for month in reversed(months)],
        "totals": _totals(choice, months),
        "conversions": _with_articles(choice, choice.conversions(MAX_CONVERSIONS)),
    }
    return TemplateResponse(request, "admin/revenue.html", context)


@require_safe
def export(request: HttpRequest, table: str) -> HttpResponseBase:
    """Return the months or the articles of the chosen period as CSV, amounts as decimals."""
    choice = chosen(request)
    if table == "months":
        rows = _month_rows(choice)
    elif table == "articles":
        rows = _article_rows(choice)
    else:
        raise Http404("There is no such table.")
    name = f"{table}-{choice.first:%Y-%m}-{choice.last:%Y-%m}-{choice.currency}.csv"
    return csv_response(name, rows)


def _month_rows(choice: Choice) -> list[list[object]]:
    names: list[object] = [
        "month",
        "currency",
        "mrr",
        "new",
        "churned",
        "net",
        "failed_payments",
        "received",
        "refunded",
        "revenue",
    ]
    names += ["tax", "revenue_before_tax"]
    return [names] + [
        [
            f"{month.first:%Y-%m}",
            choice.currency,
            choice.decimal(month.mrr),
            month.new,
            month.churned,
            month.net_subscribers,
            month.failed,
            choice.decimal(month.received),
            choice.decimal(month.refunded),
            choice.decimal(month.revenue),
            choice.decimal(month.tax),
            choice.decimal(month.net_revenue),
        ]
        for month in choice.months()
    ]


def _article_rows(choice: Choice) -> list[list[object]]:
    rows: list[list[object]] = [["path", "orders", "currency", "amount"]]
    for row in choice.conversions(MAX_EXPORTED):
        rows.append([row.path, row.orders, choice.currency, choice.decimal(row.minor)])
    return rows


def _row(choice: Choice, month: Month) -> dict[str, object]:
    amounts = {name: choice.money(getattr(month, name)) for name in ("mrr", "received", "refunded", "revenue", "tax")}
    return amounts | {"month": month}


def _totals(choice: Choice, months: list[Month]) -> dict[str, object]:
    counts = {name: sum(getattr(month, name) for month in months) for name in ("new", "churned", "failed")}
    amounts = {
        name: sum(getattr(month, name) for month in months) for name in ("received", "refunded", "revenue", "tax")
    }
    money = {name: choice.money(minor) for name, minor in amounts.items()}
    mrr = months[-1].mrr
    return counts | money | {"net": counts["new"] - counts["churned"], "mrr": choice.money(mrr)}


def _charts(choice: Choice, months: list[Month]) -> list[dict[str, object]]:
    new, churned = (tuple(getattr(month, name) for month in months) for name in ("new", "churned"))
    return [
        {
            "name": _("Monthly recurring revenue"),
            "bars": Bars(tuple(month.mrr for month in months)),
            "highest": choice.money(max(month.mrr for month in months)),
        },
        {
            "name": _("Revenue"),
            "bars": Bars(tuple(month.revenue for month in months)),
            "highest": choice.money(max(month.revenue for month in months)),
        },
        {
            "name": _("New and churned subscribers"),
            "bars": Bars(new, below=churned),
            "highest": max(new),
            "lowest": max(churned),
        },
    ]


def _with_articles(choice: Choice, rows: list[Conversion]) -> list[dict[str, object]]:
    versions = versions_at((row.path for row in rows), timezone.now())
    return [
        {"path": row.path, "version": versions.get(row.path), "orders": row.orders, "amount": choice.money(row.minor)}
        for row in rows
    ]
