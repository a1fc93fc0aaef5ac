"""Admin for payments: what needs attention, refunds and chargebacks."""

from typing import ClassVar

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from subscriptions.admin import money_actions
from subscriptions.admin.payment_lists import (
    CountryFilter,
    PaymentListAdmin,
    ProviderFilter,
    StoredMonthFilter,
    find_payments,
)
from subscriptions.admin.readonly import billing_text, reader_link
from subscriptions.admin.support import can_be_refunded
from subscriptions.models import Payment, Refund
from subscriptions.providers import provider_label
from subscriptions.services.sentences import payment_state
from truthlytics.web.dates import local_date
from truthlytics.web.option_filters import OptionFilter
from truthlytics.web.text import split_words


class AttentionFilter(OptionFilter):
    title = _("attention")
    parameter_name = "attention"
    options = {
        "needed": (_("Needs attention"), lambda payments: payments.needing_attention()),
        "surplus": (_("Not owed, to be refunded"), Q(status=Payment.Status.SURPLUS)),
        "dispute": (_("Chargebacks"), Q(dispute__in=Payment.Dispute.values)),
        "transfer": (
            _("Refund to be transferred"),
            lambda payments: payments.filter(pk__in=Refund.objects.awaiting_transfer().values("payment")),
        ),
        "refunded": (_("Refunded in full or part"), Q(refunded_minor__gt=0)),
    }


@admin.register(Payment)
class PaymentAdmin(PaymentListAdmin):
    purpose = _("What readers have paid, with refunds and chargebacks.")
    list_display = ("amount", "reader_email", "state", "description", "order", "way", "recorded_at", "note")
    list_filter = (
        AttentionFilter,
        StoredMonthFilter,
        "status",
        ProviderFilter,
        CountryFilter,
        ("currency", admin.AllValuesFieldListFilter),
    )
    fields = split_words(
        "reader amount state description period order subscription provider provider_ref invoice method tax billing "
        "recorded_at paid_at note"
    )
    readonly_fields = ("reader", "amount", "state", "period", "invoice", "tax", "billing")
    list_select_related = ("order", "user")
    # Not every payment has a receipt.
    view_on_site = False
    csv_order = ("recorded_at", "pk")
    csv_columns: ClassVar[dict[str, str]] = {
        "recorded": "recorded_at", "paid": "paid_at", "state": "status", "chargeback": "dispute",
        "chargeback_opened": "disputed_at",
        "order": "order__number", "country": "country", "rate": "tax_rate", "tax_kind": "tax_kind",
        "tax": "tax_minor", "amount": "minor",
        "refunded": "refunded_minor", "currency": "currency", "method": "method", "provider": "provider",
        "payment_reference": "provider_ref", "invoice_reference": "invoice_ref",
    }  # fmt: skip

    def find(self, term: str) -> Q:
        return find_payments(term)

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("<int:pk>/refund/", money_actions.refund, "refund"),
            self.view_path("<int:pk>/receipt/", money_actions.reissue, "reissue"),
            self.view_path("<int:pk>/refunds/<int:refund>/transferred/", money_actions.mark_transferred, "transferred"),
            self.view_path("<int:pk>/refunds/<int:refund>/withdrawal/", money_actions.withdraw_refund, "withdraw"),
            *super().get_urls(),
        ]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show the receipt and the refunds, with buttons for those that an editor transfers."""
        payment: Payment | None = self.get_object(request, object_id)
        context: dict[str, object] = {}
        if payment is not None:
            context = {
                "refunds": list(payment.refunds.select_related("payment")),
                "receipt": payment.receipts.originals().first(),
                "receipts": list(payment.receipts.order_by("year", "number")),
                "can_refund": can_be_refunded(payment),
            }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    @admin.display(description=_("amount"), ordering="minor")
    def amount(self, payment: Payment) -> str:
        return str(payment.money)

    @admin.display(description=_("reader"))
    def reader_email(self, payment: Payment) -> str:
        return payment.user.email

    @admin.display(description=_("reader"))
    def reader(self, payment: Payment) -> str:
        return reader_link(payment.user)

    @admin.display(description=_("state"), ordering="status")
    def state(self, payment: Payment) -> str:
        return payment_state(payment)

    @admin.display(description=_("payment method"))
    def way(self, payment: Payment) -> str:
        return provider_label(payment.provider)

    @admin.display(description=_("period"))
    def period(self, payment: Payment) -> str:
        if payment.period_start is None or payment.period_end is None:
            return "–"
        return f"{local_date(payment.period_start, 'j M Y')} – {local_date(payment.period_end, 'j M Y')}"

    @admin.display(description=_("tax included"))
    def tax(self, payment: Payment) -> str:
        return f"{payment.tax} ({payment.tax_text})" if payment.tax_text else str(payment.tax)

    @admin.display(description=_("billing details"))
    def billing(self, payment: Payment) -> str:
        return billing_text(payment)

    @admin.display(description=_("the provider’s invoice"))
    def invoice(self, payment: Payment) -> str:
        if payment.invoice_url:
            return format_html('<a href="{}" rel="noreferrer">{}</a>', payment.invoice_url, payment.invoice_ref)
        return payment.invoice_ref or "–"
