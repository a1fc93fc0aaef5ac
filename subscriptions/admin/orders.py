"""Admin for orders and payments, with an action to mark bank transfers as paid."""

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from subscriptions.admin.readonly import ReadOnly, reader_link
from subscriptions.models import Order, OrderLine, Payment
from subscriptions.providers import ProviderError
from subscriptions.services.sync import mark_paid
from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import log_changes

# URL names of an order's page and of the order list.
BOTH_PLACES = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]


class LineInline(ReadOnly, admin.StackedInline):
    model = OrderLine
    fields = ("description", "total")
    readonly_fields = ("total",)
    verbose_name_plural = _("Order lines")


class PaymentInline(ReadOnly, admin.StackedInline):
    model = Payment
    fields = ("amount", "status", "provider", "provider_ref", "paid_at", "note")
    readonly_fields = ("amount",)

    @admin.display
    def amount(self, payment: Payment) -> str:
        return str(payment.money)


@admin.register(Order)
class OrderAdmin(ReadOnly, AuditedAdmin):
    list_display = ("number", "user_email", "total", "status", "provider", "placed_at", "paid_at")
    list_filter = ("status", "provider", ("currency", admin.AllValuesFieldListFilter), "placed_at")
    list_select_related = ("user",)
    search_fields = ("number", "user__email", "checkout_ref")
    fields = (
        "number",
        "user_email",
        "total",
        "status",
        "provider",
        "checkout_ref",
        "placed_at",
        "paid_at",
        "consent_text",
    )
    date_hierarchy = "placed_at"
    inlines = (LineInline, PaymentInline)
    actions = ("mark_as_paid",)
    list_display_links = ("number",)
    readonly_fields = ("user_email",)
    # An order's public page is only for its reader.
    view_on_site = False

    @admin.display(description=_("reader"), ordering="user__email")
    def user_email(self, order: Order) -> str:
        return reader_link(order.user)

    def has_mark_paid_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("subscriptions.change_order")

    @admin.action(description=_("Mark as paid (transfer received)"), permissions=["mark_paid"], location=BOTH_PLACES)
    def mark_as_paid(self, request: HttpRequest, orders: QuerySet[Order]) -> None:
        """Mark each order separately, reporting those that can't be marked."""
        written = 0
        for pk in orders.values_list("pk", flat=True):
            try:
                # The lock lets the audit log name only the editor who changed the order.
                with transaction.atomic():
                    order = Order.objects.select_for_update().get(pk=pk)
                    with log_changes([order], by=request.user, message="Marked as paid."):
                        written += mark_paid(order=order, by=str(request.user))
            except ProviderError as error:
                self.message_user(request, str(error), messages.ERROR)
        surplus = Payment.objects.filter(order__in=orders, status=Payment.Status.SURPLUS).count()
        message = ngettext("%d order marked as paid.", "%d orders marked as paid.", written) % written
        self.message_user(request, message, messages.SUCCESS if written else messages.INFO)
        if surplus:
            warning = gettext("Payments not owed: %d. Find them in the list of payments and refund them.")
            self.message_user(request, warning % surplus, messages.WARNING)


@admin.register(Payment)
class PaymentAdmin(ReadOnly, AuditedAdmin):
    list_display = ("amount", "order", "status", "provider", "provider_ref", "paid_at", "note")
    list_filter = ("status", "provider", "currency")
    fields = ("amount", "order", "status", "provider", "provider_ref", "recorded_at", "paid_at", "note")
    readonly_fields = ("amount",)
    list_select_related = ("order",)
    search_fields = ("order__number", "order__user__email", "provider_ref")

    @admin.display(ordering="minor")
    def amount(self, payment: Payment) -> str:
        return str(payment.money)
