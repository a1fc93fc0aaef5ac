"""What the lists of payments, refunds and receipts share: filters, search, speed with very many rows, and CSV."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from subscriptions.forms.amounts import as_decimal
from subscriptions.models import Order, Payment, Receipt, ReceiptSeries, Refund, User
from subscriptions.periods import month_of, next_month, start_of
from subscriptions.providers import all_providers
from truthlytics.audit.admin import AuditedAdmin, ReadOnly
from truthlytics.publication.countries import country_name
from truthlytics.web.csv_files import csv_response
from truthlytics.web.generic import ModelAdmin
from truthlytics.web.long_lists import JoinedKeyPaginator, SelectFilter
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import AnyRows, JsonObject

MAX_SEARCH_LENGTH, MAX_FOUND = 200, 500
RECEIPT_NUMBER = re.compile(r"(?:r-)?(?:(\d{4})-)?0*(\d{1,9})", re.IGNORECASE)
# Rows that are fetched at once for a file.
CHUNK = 2000


class MonthFilter(SelectFilter):
    """The months from that of the oldest row on. Subclasses name the column with the date of a row."""

    title = _("month")
    parameter_name = "month"
    column = ""

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        oldest = model_admin.model._default_manager.exclude(**{self.column: None})
        found = oldest.order_by(self.column).values_list(self.column, flat=True).first()
        first = timezone.localdate(found) if isinstance(found, datetime) else found
        month = (first or timezone.localdate()).replace(day=1)
        months = []
        while month <= timezone.localdate():
            months.append((f"{month:%Y-%m}", date_format(month, "YEAR_MONTH_FORMAT")))
            month = next_month(month)
        return months[::-1]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        month = month_of(self.value())
        return queryset if month is None else self.within(queryset, month)

    def within(self, queryset: AnyRows, month: date) -> AnyRows:
        return queryset.filter(**{self.column: month})


class StoredMonthFilter(MonthFilter):
    """The months of rows that store their month."""

    column = "month"


class RefundMonthFilter(MonthFilter):
    """The month in which a refund was made or, until then, requested."""

    column = "requested_at"

    def within(self, queryset: AnyRows, month: date) -> AnyRows:
        span = (start_of(month), start_of(next_month(month)))
        made = Q(done_at__gte=span[0], done_at__lt=span[1])
        return queryset.filter(made | Q(done_at=None, requested_at__gte=span[0], requested_at__lt=span[1]))


class CountryFilter(SelectFilter):
    title = _("country")
    parameter_name = "country"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        codes = model_admin.model._default_manager.order_by("country").values_list("country", flat=True).distinct()
        return sorted(((code, country_name(code)) for code in codes if code), key=lambda choice: choice[1])

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        return queryset.filter(country=self.value()) if self.value() else queryset


class ProviderFilter(admin.SimpleListFilter):
    """The way of payment, by the provider through which it went."""

    title = _("payment method")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, str]]:
        return [(provider.code, provider.label) for provider in all_providers()]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        return queryset.filter(provider=self.value()) if self.value() else queryset


class PaymentProviderFilter(ProviderFilter):
    """The provider of a row's payment, looked up by key: a join would begin with all payments of the provider."""

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        paid = Payment.objects.filter(pk=OuterRef("payment_id"), provider=self.value())
        return queryset.filter(Exists(paid)) if self.value() else queryset


def find_payments(term: str) -> Q:
    """Find payments by name, email or company of the reader, number of the order or receipt, or reference.

    Every part is a query of its own that an index answers, as one with all of them would read every row.
    """
    return Q(pk__in=_payments(term))


def find_refunds(term: str) -> Q:
    return Q(provider_ref=term) | Q(payment__in=_payments(term))


def find_receipts(term: str) -> Q:
    return Q(pk__in=list(_numbered(term).values_list("pk", flat=True))) | Q(payment__in=_payments(term))


def _numbered(term: str) -> QuerySet[Receipt]:
    """Receipts by number: "R-2026-00042", "2026-42" or "42", of any year."""
    match = RECEIPT_NUMBER.fullmatch(term)
    if match is None:
        return Receipt.objects.none()
    years = [match[1]] if match[1] else list(ReceiptSeries.objects.values_list("year", flat=True))
    return Receipt.objects.filter(year__in=years, number=match[2])


def _payments(term: str) -> set[int]:
    users = User.objects.filter(Q(email__icontains=term) | Q(display_name__icontains=term)).order_by("-pk")
    codes = [provider.code for provider in all_providers()]
    orders = Order.objects.filter(number=term.upper()).values("pk")
    refunds = Refund.objects.filter(provider_ref=term).values("payment")
    found: set[int] = set()
    for where in (
        Q(user__in=list(users.values_list("pk", flat=True)[:MAX_FOUND])),
        Q(provider__in=codes, provider_ref=term),
        Q(invoice_ref=term),
        Q(order__in=orders),
        Q(pk__in=refunds),
        Q(company__gt="", company__icontains=term),
    ):
        # Without an order, for which the whole table would be read.
        found |= set(Payment.objects.filter(where).order_by().values_list("pk", flat=True)[:MAX_FOUND])
    return found | set(_numbered(term).values_list("payment", flat=True))


class PaymentListAdmin(ReadOnly, AuditedAdmin):
    """Base of read-only lists of money. `csv/` sends the rows of the list, as filtered, oldest first."""

    show_full_result_count = False
    paginator = JoinedKeyPaginator
    list_per_page = 50
    # Shows the field; `get_search_results` looks.
    search_fields = ("pk",)
    change_list_template = "admin/subscriptions/ledger_list.html"
    # Columns of the file and where they come from. Those that end with "_minor" or are `minor` become decimals.
    csv_columns: ClassVar[dict[str, str]]
    csv_order: tuple[str, ...]
    # Columns that only `csv_row` reads, and those that it adds itself.
    csv_extra: tuple[str, ...] = ()
    csv_computed: tuple[str, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("csv/", require_safe(_csv_file), "csv"), *super().get_urls()]

    def get_search_results(self, request: HttpRequest, queryset: AnyRows, search_term: str) -> tuple[AnyRows, bool]:
        term = strip_control_characters(search_term[:MAX_SEARCH_LENGTH]).strip()
        return (queryset.filter(self.find(term)) if term else queryset), False

    def find(self, term: str) -> Q:
        """Return the condition for the rows that a search finds."""
        raise NotImplementedError

    def csv_row(self, row: JsonObject) -> list[object]:
        """Return the cells of a row; `row` has the values of `csv_columns` by where they come from."""
        currency = next(row[source] for source in self.csv_columns.values() if source.endswith("currency"))
        return [_cell(source, row[source], currency) for source in self.csv_columns.values()]


def _cell(source: str, value: object, currency: str) -> object:
    """Return a value as in all of our files: decimal amounts, rates in percent, days in the publication's time zone."""
    if isinstance(value, datetime):
        return timezone.localdate(value).isoformat()
    if isinstance(value, int) and (source.endswith("_minor") or source == "minor"):
        return as_decimal(value, currency)
    if isinstance(value, int) and source == "tax_rate":
        return as_decimal(value, "EUR")  # Basis points have two decimals, too.
    return value


def _csv_file(request: HttpRequest, admin: PaymentListAdmin) -> HttpResponseBase:
    changelist_url = reverse(f"admin:subscriptions_{admin.opts.model_name}_changelist")
    if not admin.has_view_permission(request):
        return admin.changelist_view(request)  # Refuses as the list does.
    try:
        changelist = admin.get_changelist_instance(request)
    except IncorrectLookupParameters:
        return redirect(changelist_url)
    rows = changelist.get_queryset(request).order_by(*admin.csv_order).select_related(None)
    columns = [name for name in (*admin.csv_columns.values(), *admin.csv_extra) if name not in admin.csv_computed]

    def cells() -> Iterator[list[object]]:
        yield list(admin.csv_columns)
        for row in rows.values(*columns).iterator(chunk_size=CHUNK):
            yield admin.csv_row(row)

    return csv_response(f"{admin.opts.verbose_name_plural}-{timezone.localdate():%Y-%m-%d}.csv", cells())
