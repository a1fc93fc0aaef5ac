"""The accounts: monthly statements, closing a month, and the check of receipts, payments and providers."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import partial

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from subscriptions.models import Receipt, Statement
from subscriptions.money import EXPONENTS, Money
from subscriptions.periods import month_of
from subscriptions.providers import all_providers
from subscriptions.services import accounts_check, statements
from subscriptions.services.statements import CannotClose, CurrencyFigures, Line
from subscriptions.tax import Kind, as_percent
from truthlytics.audit.log import AuditEntry, log_action
from truthlytics.publication.countries import country_name
from truthlytics.web.csv_files import csv_response
from truthlytics.web.users import user_of

VIEW, CLOSE = "subscriptions.view_statement", "subscriptions.add_statement"
OPEN_KINDS = {
    "orders": gettext_lazy("Orders that await a bank transfer"),
    "refunds": gettext_lazy("Refunds that are not made yet"),
    "surplus": gettext_lazy("Payments that were not owed and are not refunded yet"),
    "chargebacks": gettext_lazy("Chargebacks that are not decided"),
}
# The parts of a statement, by the reason of the credit notes; "" are receipts.
PARTS = {
    "": gettext_lazy("Sales"),
    Receipt.Reason.REFUND: gettext_lazy("Credit notes for refunds"),
    Receipt.Reason.CHARGEBACK: gettext_lazy("Credit notes for lost chargebacks"),
    Receipt.Reason.CANCELLATION: gettext_lazy("Invoices cancelled, to be issued again"),
}
CSV_COLUMNS = ["month", "currency", "section", "reason", "country", "rate", "tax_kind", "number", "net", "tax", "gross"]


def paths(site: AdminSite) -> list[URLPattern]:
    view = site.admin_view
    return [
        path("accounts/", view(partial(overview, site=site)), name="accounts"),
        path("accounts/<slug:period>/", view(partial(statement, site=site)), name="accounts_month"),
        path("accounts/<slug:period>/close/", view(partial(close, site=site)), name="accounts_close"),
        path("accounts/<slug:period>/check/", view(partial(check, site=site)), name="accounts_check"),
        path("accounts/<slug:period>/statement.csv", view(export), name="accounts_csv"),
    ]


def _checked(request: HttpRequest, period: str) -> date:
    """Return the month that begins on that of the address. Raises PermissionDenied and Http404."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    month = month_of(period)
    if month is None or month not in statements.months():
        raise Http404("There is no such month.")
    return month


@require_safe
def overview(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """List the months with what they add up to, and whether they are closed."""
    if not request.user.has_perm(VIEW):
        raise PermissionDenied
    sums: dict[date, list[dict[str, object]]] = {}
    rows = Receipt.objects.order_by().values("month", "currency").annotate(number=Count("pk"), sum=Sum("gross_minor"))
    for row in sorted(rows, key=lambda row: str(row["currency"])):
        amounts = {"number": row["number"], "total": Money(row["sum"], row["currency"])}
        sums.setdefault(row["month"], []).append(amounts)
    closed = {statement.month: statement for statement in Statement.objects.defer("content")}
    following = statements.next_to_close()
    context = site.each_context(request) | {
        "title": _("Accounts"),
        "months": [
            {"first": month, "sums": sums.get(month, []), "statement": closed.get(month)}
            for month in statements.months()
        ],
        "following": following if following and not statements.why_not(following) else None,
    }
    return TemplateResponse(request, "admin/accounts/months.html", context)


@require_safe
def statement(request: HttpRequest, period: str, site: AdminSite) -> HttpResponse:
    month = _checked(request, period)
    figures, closed = statements.statement_of(month)
    context = site.each_context(request) | {
        "title": _("Statement of %(month)s") % {"month": date_format(month, "YEAR_MONTH_FORMAT")},
        "month": month,
        "figures": figures,
        "closed": closed,
        "currencies": [_currency(currency) for currency in figures.currencies],
        "refusal": "" if closed else statements.why_not(month),
        "may_close": request.user.has_perm(CLOSE),
    }
    return TemplateResponse(request, "admin/accounts/statement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, period: str, site: AdminSite) -> HttpResponse:
    """Say what closing a month does, which cannot be undone; POST closes it."""
    month = _checked(request, period)
    if not request.user.has_perm(CLOSE):
        raise PermissionDenied
    figures, closed = statements.statement_of(month)
    if request.method != "POST":
        context = site.each_context(request) | {
            "title": _("Close this month"),
            "month": month,
            "figures": figures,
            "closed": closed,
            "refusal": "" if closed else statements.why_not(month),
        }
        return TemplateResponse(request, "admin/accounts/close.html", context)
    try:
        made = statements.close(month=month, by=str(user_of(request)))
    except CannotClose as refusal:
        messages.error(request, str(refusal))
    else:
        if closed is None:
            log_action(by=user_of(request), row=made, action=AuditEntry.Action.ADDED)
        name = date_format(month, "YEAR_MONTH_FORMAT")
        messages.success(request, _("%(month)s is closed. Its statement does not change any more.") % {"month": name})
    return redirect("admin:accounts_month", period)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, period: str, site: AdminSite) -> HttpResponse:
    """List what differs in our own records of the month; on POST, also what the providers say."""
    month = _checked(request, period)
    asked = request.method == "POST"
    context = site.each_context(request) | {
        "title": _("Check of %(month)s") % {"month": date_format(month, "YEAR_MONTH_FORMAT")},
        "month": month,
        "differences": list(accounts_check.differences(month)),
        "asked": asked,
        "at_providers": list(accounts_check.provider_differences(month)) if asked else [],
    }
    return TemplateResponse(request, "admin/accounts/check.html", context)


@require_safe
def export(request: HttpRequest, period: str) -> HttpResponseBase:
    """Return the statement as CSV. Of a closed month, it is always the same bytes."""
    month = _checked(request, period)
    figures, _closed = statements.statement_of(month)
    rows: list[list[object]] = [[*CSV_COLUMNS]]
    rows += [row for currency in figures.currencies for row in _csv_rows(f"{month:%Y-%m}", currency)]
    return csv_response(f"statement-{month:%Y-%m}.csv", rows)


def _csv_rows(month: str, figures: CurrencyFigures) -> Iterator[list[object]]:
    def decimal(minor: int) -> Decimal:
        return Decimal(minor).scaleb(-EXPONENTS[figures.currency])

    start = [month, figures.currency]
    for line in figures.lines:
        rate = "" if line.rate is None else Decimal(line.rate).scaleb(-2)
        amounts = [decimal(line.net), decimal(line.tax), decimal(line.gross)]
        yield [*start, line.kind, line.reason, line.country, rate, line.tax_kind, line.number, *amounts]
    for row in figures.received:
        yield [*start, "received", row.provider, "", "", "", row.number, "", "", decimal(row.gross)]
    for item in figures.open:
        yield [*start, "open", item.kind, "", "", "", item.number, "", "", decimal(item.minor)]


def _currency(figures: CurrencyFigures) -> dict[str, object]:
    """Return the figures of a currency as the page shows them."""
    labels = {provider.code: provider.label for provider in all_providers()}
    parts = [
        _part(figures, name, [line for line in figures.lines if line.reason == reason])
        for reason, name in PARTS.items()
    ]
    return {
        "currency": figures.currency,
        "parts": [part for part in parts if part["lines"]],
        "total": _sums(figures, figures.lines),
        "received": [
            {"name": labels.get(row.provider, row.provider), "number": row.number, "amount": figures.money(row.gross)}
            for row in figures.received
        ],
        "open": [
            {"name": OPEN_KINDS[item.kind], "number": item.number, "amount": figures.money(item.minor)}
            for item in figures.open
        ],
    }


def _part(figures: CurrencyFigures, name: object, lines: list[Line]) -> dict[str, object]:
    return {
        "name": name,
        "lines": [
            _sums(figures, [line]) | {"country": country_name(line.country), "rate": _rate(line)} for line in lines
        ],
        "total": _sums(figures, lines),
    }


def _sums(figures: CurrencyFigures, lines: Sequence[Line]) -> dict[str, object]:
    sums = {name: figures.money(sum(getattr(line, name) for line in lines)) for name in ("net", "tax", "gross")}
    return sums | {"number": sum(line.number for line in lines)}


def _rate(line: Line) -> str:
    """Return the rate of a line, or why there is none."""
    if line.rate is not None and line.tax_kind != Kind.REVERSE_CHARGE:
        return as_percent(line.rate)
    return str(Kind(line.tax_kind).label) if line.tax_kind else ""
