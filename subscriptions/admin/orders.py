"""Admin for orders, with an action to mark bank transfers as paid."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from subscriptions.admin.readonly import ReadOnlyTable, billing_text, reader_link
from subscriptions.admin.support import OWN_ACCOUNT, refused_for_oneself
from subscriptions.models import CheckoutFailure, Coupon, Gift, Order, OrderLine, Payment
from subscriptions.models.orders import NUMBER
from subscriptions.providers import ProviderError
from subscriptions.services.sentences import day, payment_state
from subscriptions.services.sync import mark_paid
from subscriptions.transfers import transfer_of
from truthlytics.audit.admin import AuditedAdmin, ReadOnly
from truthlytics.audit.log import log_changes
from truthlytics.web.generic import ModelAdmin, StackedInline
from truthlytics.web.text import split_words
from truthlytics.web.types import Choices
from truthlytics.web.users import user_of

MAX_COUPONS = 50
# Orders that are reported one by one.
MAX_REPORTED = 10
# URL names of an order's page and of the order list.
BOTH_PLACES = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]


class CouponFilter(admin.SimpleListFilter):
    title = _("coupon")
    parameter_name = "coupon"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Order]) -> Choices:
        coupons = Coupon.objects.filter(orders__isnull=False).distinct().order_by("-pk")[:MAX_COUPONS]
        return [("any", _("Any coupon")), *((coupon.code, coupon.code) for coupon in coupons)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        if self.value() is None:
            return queryset
        return queryset.exclude(coupon=None) if self.value() == "any" else queryset.filter(coupon__code=self.value())


class LineInline(ReadOnlyTable):
    model = OrderLine
    fields = ("description", "total")
    readonly_fields = ("total",)
    verbose_name_plural = _("Order lines")


class PaymentInline(ReadOnlyTable):
    model = Payment
    fields = ("link", "state", "provider_ref", "paid_at", "note")
    readonly_fields = ("link", "state")
    verbose_name_plural = _("Payments")

    @admin.display(description=_("amount"))
    def link(self, payment: Payment) -> str:
        url = reverse("admin:subscriptions_payment_change", args=[payment.pk])
        return format_html('<a href="{}">{}</a>', url, payment.money)

    @admin.display(description=_("state"))
    def state(self, payment: Payment) -> str:
        return payment_state(payment)


class FailureInline(ReadOnlyTable):
    """Why the payment could not be started, in the provider's words."""

    model = CheckoutFailure
    fields = ("at", "kind", "message", "solved_at")
    verbose_name_plural = _("Checkouts that failed")


class GiftInline(ReadOnly, StackedInline[Gift, Order]):
    """The gift that the order pays for. The code is left out, because anyone who has it can redeem the gift."""

    model = Gift
    fields = split_words(
        "price giver_name recipient_name recipient_email message deliver_at delivered_at redeem_by redeemed_by "
        "redeemed_at refunded_at"
    )
    verbose_name_plural = _("Gift")


@admin.register(Order)
class OrderAdmin(ReadOnly, AuditedAdmin):
    purpose = _("What readers have ordered. Orders by bank transfer wait here until you mark them as paid.")
    list_display = ("number", "user_email", "total", "kind", "status", "provider", "coupon", "placed_at", "paid_at")
    list_filter = (
        "status",
        "kind",
        ("provider", admin.AllValuesFieldListFilter),
        ("currency", admin.AllValuesFieldListFilter),
        "placed_at",
        CouponFilter,
    )
    list_select_related = ("user", "coupon")
    search_fields = ("number", "user__email", "checkout_ref", "coupon__code")
    fields = split_words(
        "number user_email kind status subtotal discount coupon total tax billing trial_days renewal provider transfer "
        "checkout_ref attempt placed_at paid_at checked_at came_from campaign consent_text agreed_terms "
        "agreed_withdrawal_notice start_text start_agreed_at"
    )
    date_hierarchy = "placed_at"
    list_per_page = 50
    actions = ("mark_as_paid",)
    list_display_links = ("number",)
    readonly_fields = split_words(
        "user_email subtotal discount renewal transfer tax billing agreed_terms agreed_withdrawal_notice"
    )
    # An order's public page is only for its reader.
    view_on_site = False

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        """Also find the order that the reference of a transfer names."""
        found, has_duplicates = super().get_search_results(request, queryset, search_term)
        named = self.model._default_manager.named_in(search_term).values("pk")
        return (found | queryset.filter(pk__in=named)) if NUMBER.search(search_term) else found, has_duplicates

    def get_inlines(self, request: HttpRequest, obj: Order | None) -> Any:
        inlines: list[object] = [LineInline, PaymentInline]
        if obj and CheckoutFailure.objects.filter(order=obj).exists():
            inlines.insert(0, FailureInline)
        if obj and obj.kind == Order.Kind.GIFT:
            inlines.append(GiftInline)
        return inlines

    @admin.display(description=_("reader"), ordering="user__email")
    def user_email(self, order: Order) -> str:
        return reader_link(order.user)

    @admin.display(description=_("subtotal"))
    def subtotal(self, order: Order) -> str:
        return str(order.subtotal)

    @admin.display(description=_("renews"))
    def renewal(self, order: Order) -> str:
        return gettext("yes, the provider charges again for each period") if order.renews else gettext("no")

    @admin.display(description=_("awaited transfer"))
    def transfer(self, order: Order) -> str:
        found = transfer_of(order)
        if found is None:
            return "–"
        values = {"reference": found.reference, "day": day(found.pay_by), "account": found.account.iban}
        if found.instructions:
            return gettext("Reference %(reference)s, by %(day)s") % values
        return gettext("Reference %(reference)s, to %(account)s, by %(day)s") % values

    @admin.display(description=_("tax included"))
    def tax(self, order: Order) -> str:
        return f"{order.tax} ({order.tax_text})" if order.tax_text else str(order.tax)

    @admin.display(description=_("billing details"))
    def billing(self, order: Order) -> str:
        return billing_text(order)

    @admin.display(description=_("discount"))
    def discount(self, order: Order) -> str:
        return str(order.discount)

    @admin.display(description=_("terms agreed to"))
    def agreed_terms(self, order: Order) -> str:
        return render_to_string("admin/subscriptions/order/_agreed_text.html", {"version": order.terms_version})

    @admin.display(description=_("withdrawal notice"))
    def agreed_withdrawal_notice(self, order: Order) -> str:
        return render_to_string("admin/subscriptions/order/_agreed_text.html", {"version": order.withdrawal_version})

    def has_mark_paid_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("subscriptions.change_order")

    @admin.action(description=_("Mark as paid (transfer received)"), permissions=["mark_paid"], location=BOTH_PLACES)
    def mark_as_paid(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse | None:
        """Ask for a confirmation first; then mark each order separately, reporting those that can't be marked."""
        if "confirmed" not in request.POST:
            return self._confirm(request, orders)
        marked: list[Order] = []
        refused = 0
        for pk in orders.values_list("pk", flat=True):
            try:
                # The lock lets the audit log name only the editor who changed the order.
                with transaction.atomic():
                    order = Order.objects.select_for_update().get(pk=pk)
                    if refused_for_oneself(
                        order.user, request.user, gettext("Mark %(order)s as paid.") % {"order": order}
                    ):
                        refused += 1
                        continue
                    with log_changes([order], by=user_of(request), message=gettext("Marked as paid.")):
                        if mark_paid(order=order, by=str(request.user)):
                            marked.append(order)
            except ProviderError as error:
                self.message_user(request, str(error), messages.ERROR)
        surplus = Payment.objects.filter(order__in=orders, status=Payment.Status.SURPLUS).count()
        self._report(request, marked)
        if refused:
            self.message_user(request, OWN_ACCOUNT, messages.ERROR)
        if surplus:
            warning = gettext("Overpayments: %d. Find them in the list of payments and refund them.")
            self.message_user(request, warning % surplus, messages.WARNING)
        return None

    def _confirm(self, request: HttpRequest, orders: QuerySet[Order]) -> HttpResponse:
        """Show amount, access and receipt of each order. The button sends the same action again."""
        rows = list(orders.select_related("user").prefetch_related("lines"))
        awaited = [order for order in rows if order.awaits_transfer]
        selected = [
            (name, value) for name in request.POST if name.endswith("action") for value in request.POST.getlist(name)
        ]
        context = self.admin_site.each_context(request) | {
            "title": gettext("Mark as paid"),
            "opts": self.opts,
            "selected": selected,
            "orders": awaited,
            "others": [order for order in rows if not order.awaits_transfer],
        }
        return TemplateResponse(request, "admin/subscriptions/order/mark_as_paid.html", context)

    def _report(self, request: HttpRequest, marked: list[Order]) -> None:
        """Say what each order has changed; of many, only how many there are."""
        if not marked:
            self.message_user(request, gettext("No order was marked as paid."), messages.INFO)
        elif len(marked) > MAX_REPORTED:
            text = ngettext(
                "%d order marked as paid; invoices sent.", "%d orders marked as paid; invoices sent.", len(marked)
            )
            self.message_user(request, text % len(marked), messages.SUCCESS)
        else:
            for order in marked:
                self.message_user(request, received_sentence(order), messages.SUCCESS)


def received_sentence(order: Order) -> str:
    """Return what a transfer for `order` has brought: money, access and a receipt."""
    received = gettext("%(amount)s received from %(reader)s.") % {"amount": order.total, "reader": order.user}
    payment = order.payments.filter(status=Payment.Status.SUCCEEDED).first()
    if payment is None:
        return gettext("%(received)s It was not owed, so no access was given.") % {"received": received}
    if payment.period_end is None:
        return gettext("%(received)s Invoice sent.") % {"received": received}
    values = {"received": received, "day": day(payment.period_end)}
    return gettext("%(received)s Access until %(day)s; invoice sent.") % values
