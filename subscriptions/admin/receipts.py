"""Admin for receipts with credit notes, and for refunds. Both are read-only."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Q
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from subscriptions.admin.payment_lists import (
    CountryFilter,
    PaymentListAdmin,
    PaymentProviderFilter,
    RefundMonthFilter,
    StoredMonthFilter,
    find_receipts,
    find_refunds,
)
from subscriptions.admin.readonly import reader_link
from subscriptions.models import Payment, Receipt, Refund
from subscriptions.tax import as_percent
from truthlytics.publication.countries import country_name
from truthlytics.web.text import split_words
from truthlytics.web.types import JsonObject


def code_of(year: int | None, number: int | None) -> str:
    """Return the number of a receipt as printed, "" without one."""
    return "" if year is None or number is None else Receipt(year=year, number=number).code


def payment_link(payment: Payment) -> str:
    url = reverse("admin:subscriptions_payment_change", args=[payment.pk])
    return format_html('<a href="{}">{}</a>', url, payment.provider_ref)


@admin.register(Receipt)
class ReceiptAdmin(PaymentListAdmin):
    purpose = _("The invoices, and the credit notes that correct them.")
    list_display = split_words(
        "code issued_at kind_and_reason original reader in_country net_amount rate tax_amount amount"
    )
    list_filter = (StoredMonthFilter, "kind", CountryFilter, PaymentProviderFilter)
    list_select_related = ("payment__user", "corrects")
    fields = split_words(
        "document issued_at kind_and_reason original reader in_country net_amount rate tax_amount amount tax_note "
        "method to_payment"
    )
    readonly_fields = tuple(name for name in fields if name not in ("issued_at", "tax_note"))
    view_on_site = False
    csv_order = ("year", "number")
    csv_extra = ("year", "corrects__year")
    csv_computed = ("net_minor",)
    csv_columns: ClassVar[dict[str, str]] = {
        "number": "number", "date": "issued_at", "kind": "kind", "reason": "reason",
        "original_receipt": "corrects__number", "country": "country", "net": "net_minor", "rate": "tax_rate",
        "tax_kind": "tax_kind", "tax": "tax_minor", "gross": "gross_minor", "currency": "currency",
        "method": "payment__method", "provider": "payment__provider", "order": "payment__order__number",
        "payment_reference": "payment__provider_ref", "invoice_reference": "payment__invoice_ref",
        "refund_reference": "refund__provider_ref",
    }  # fmt: skip

    def find(self, term: str) -> Q:
        return find_receipts(term)

    def csv_row(self, row: JsonObject) -> list[object]:
        row["net_minor"] = row["gross_minor"] - row["tax_minor"]
        row["number"] = code_of(row["year"], row["number"])
        row["corrects__number"] = code_of(row["corrects__year"], row["corrects__number"])
        return super().csv_row(row)

    @admin.display(description=_("number"))
    def code(self, receipt: Receipt) -> str:
        return receipt.code

    @admin.display(description=_("document"))
    def document(self, receipt: Receipt) -> str:
        return format_html('<a href="{}">{}</a>', receipt.payment.get_absolute_url(), receipt.title)

    @admin.display(description=_("kind"))
    def kind_and_reason(self, receipt: Receipt) -> str:
        kind = str(receipt.get_kind_display())
        return f"{kind}: {receipt.get_reason_display()}" if receipt.reason else kind

    @admin.display(description=_("original invoice"))
    def original(self, receipt: Receipt) -> str:
        return receipt.corrects.code if receipt.corrects else "–"

    @admin.display(description=_("reader"))
    def reader(self, receipt: Receipt) -> str:
        return reader_link(receipt.payment.user)

    @admin.display(description=_("country"))
    def in_country(self, receipt: Receipt) -> str:
        return country_name(receipt.country) or "–"

    @admin.display(description=_("net"))
    def net_amount(self, receipt: Receipt) -> str:
        return str(receipt.net)

    @admin.display(description=_("rate"))
    def rate(self, receipt: Receipt) -> str:
        return "–" if receipt.tax_rate is None else as_percent(receipt.tax_rate)

    @admin.display(description=_("tax"))
    def tax_amount(self, receipt: Receipt) -> str:
        return str(receipt.tax)

    @admin.display(description=_("amount"))
    def amount(self, receipt: Receipt) -> str:
        return str(receipt.gross)

    @admin.display(description=_("payment method"))
    def method(self, receipt: Receipt) -> str:
        return receipt.payment.method or "–"

    @admin.display(description=_("payment"))
    def to_payment(self, receipt: Receipt) -> str:
        return payment_link(receipt.payment)


@admin.register(Refund)
class RefundAdmin(PaymentListAdmin):
    purpose = _("What was paid back to readers, or will be. Refunds start on the page of the payment.")
    list_display = ("amount", "state", "reader", "requested_at", "done_at", "credit_note", "reason", "by")
    list_filter = (RefundMonthFilter, "status", PaymentProviderFilter)
    list_select_related = ("payment__user", "receipt")
    change_form_template = "admin/subscriptions/refund/change_form.html"
    fields = split_words("amount state reader to_payment provider_ref credit_note reason by requested_at done_at error")
    readonly_fields = ("amount", "state", "reader", "to_payment", "credit_note")
    view_on_site = False
    csv_order = ("requested_at", "pk")
    csv_extra = ("receipt__year", "receipt__corrects__year")
    csv_columns: ClassVar[dict[str, str]] = {
        "requested": "requested_at", "done": "done_at", "state": "status", "amount": "minor",
        "currency": "payment__currency", "credit_note": "receipt__number",
        "original_receipt": "receipt__corrects__number", "reason": "reason", "by": "by",
        "method": "payment__method", "provider": "payment__provider",
        "refund_reference": "provider_ref", "payment_reference": "payment__provider_ref",
    }  # fmt: skip

    def find(self, term: str) -> Q:
        return find_refunds(term)

    def csv_row(self, row: JsonObject) -> list[object]:
        row["receipt__number"] = code_of(row["receipt__year"], row["receipt__number"])
        row["receipt__corrects__number"] = code_of(row["receipt__corrects__year"], row["receipt__corrects__number"])
        return super().csv_row(row)

    @admin.display(description=_("amount"))
    def amount(self, refund: Refund) -> str:
        return str(refund.money)

    @admin.display(description=_("state"))
    def state(self, refund: Refund) -> str:
        return gettext("To be transferred") if refund.awaits_transfer else str(refund.get_status_display())

    @admin.display(description=_("reader"))
    def reader(self, refund: Refund) -> str:
        return reader_link(refund.payment.user)

    @admin.display(description=_("payment"))
    def to_payment(self, refund: Refund) -> str:
        return payment_link(refund.payment)

    @admin.display(description=_("credit note"))
    def credit_note(self, refund: Refund) -> str:
        return refund.receipt.code if hasattr(refund, "receipt") else "–"
