"""Admin for withdrawals and cancellations that readers declared, with one click for the refund of a withdrawal."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.admin.readonly import reader_link
from subscriptions.admin.support import own_account_page, row_for_action
from subscriptions.models import Declaration, Order
from subscriptions.services import refunds, withdrawals
from truthlytics.audit.admin import AuditedAdmin, ReadOnly

CHANGE, REFUND = "subscriptions.change_declaration", "subscriptions.refund_payment"


class OrderForm(forms.Form):
    number = forms.CharField(
        label=_("Order number"), max_length=20, help_text=_("The order that the reader has withdrawn from.")
    )

    def clean_number(self) -> Order:
        order = Order.objects.filter(number=self.cleaned_data["number"].strip()).select_related("user").first()
        if order is None:
            raise forms.ValidationError(gettext("There is no order with this number."))
        return order


class WaitingFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("To do")), ("done", _("Done"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Declaration]) -> QuerySet[Declaration]:
        if self.value() is None:
            return queryset
        return queryset.filter(handled_at__isnull=self.value() == "waiting")


@admin.register(Declaration)
class DeclarationAdmin(ReadOnly, AuditedAdmin):
    purpose = _("Withdrawals and cancellations that readers have declared. Refunds of withdrawals wait here for you.")
    list_display = ("declared_at", "kind", "name", "email", "contract", "state")
    list_filter = ("kind", WaitingFilter, "declared_at")
    search_fields = ("name", "email", "contract", "order__number")
    fields = (
        "kind", "declared_at", "name", "email", "contract", "reason", "ends_on", "in_account", "reader", "order_link",
        "refund_due", "deducts_use", "confirmed_at", "note", "state",
    )  # fmt: skip
    readonly_fields = ("reader", "order_link", "refund_due", "state")
    change_form_template = "admin/subscriptions/declaration/change_form.html"
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER

    def get_urls(self) -> list[URLPattern]:
        pages = {"refund": refund, "assignment": assign, "done": mark_done}
        own = [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(partial(view, admin=self)),
                name=f"subscriptions_declaration_{name}",
            )
            for name, view in pages.items()
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        declaration: Declaration | None = self.get_object(request, object_id)
        due = withdrawals.refunds_due(declaration) if declaration is not None else []
        return super().change_view(request, object_id, form_url, {"due": due} | (extra_context or {}))

    @admin.display(description=_("reader"))
    def reader(self, declaration: Declaration) -> str:
        return reader_link(declaration.user) if declaration.user else gettext("not known")

    @admin.display(description=_("order"))
    def order_link(self, declaration: Declaration) -> str:
        if declaration.order is None:
            return "–"
        url = reverse("admin:subscriptions_order_change", args=[declaration.order.pk])
        return format_html('<a href="{}">{}</a>', url, declaration.order.number)

    @admin.display(description=_("to refund"))
    def refund_due(self, declaration: Declaration) -> str:
        return ", ".join(str(due.amount) for due in withdrawals.refunds_due(declaration)) or gettext("nothing")

    @admin.display(description=_("state"), ordering="handled_at")
    def state(self, declaration: Declaration) -> str:
        if declaration.handled_at is None:
            return gettext("To do")
        day = timezone.localtime(declaration.handled_at)
        return gettext("Done on %(day)s by %(by)s") % {"day": f"{day:%-d %b %Y}", "by": declaration.handled_by}


@require_POST
def refund(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Pay back what the withdrawal gives back."""
    declaration: Declaration = row_for_action(admin, request, pk, REFUND)
    back = redirect("admin:subscriptions_declaration_change", pk)
    if declaration.user is not None:
        refusal = own_account_page(admin, request, declaration.user, gettext("Refund"), back=declaration)
        if refusal is not None:
            return refusal
    try:
        made = withdrawals.refund(declaration=declaration, by=str(request.user))
    except refunds.CannotRefund as error:
        admin.message_user(request, str(error), messages.ERROR)
        return back
    for row in made:
        admin.log_change(request, declaration, f"Refund of {row.money}: {row.status}.")
        if row.status == row.Status.FAILED:
            admin.message_user(request, gettext("The provider refused the refund: %s") % row.error, messages.ERROR)
        elif row.awaits_transfer:
            text = gettext("%(amount)s has to be transferred. Mark the refund as transferred on the payment’s page.")
            admin.message_user(request, text % {"amount": row.money}, messages.WARNING)
        else:
            admin.message_user(request, gettext("%(amount)s is refunded.") % {"amount": row.money}, messages.SUCCESS)
    return back


@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Say which order a withdrawal is about; it then has the same effect as one that was recognised."""
    declaration: Declaration = row_for_action(admin, request, pk, CHANGE)
    is_open = declaration.is_withdrawal and declaration.order is None
    form = OrderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and is_open and form.is_valid():
        order: Order = form.cleaned_data["number"]
        refusal = own_account_page(admin, request, order.user, gettext("Withdrawal"), back=declaration)
        if refusal is not None:
            return refusal
        try:
            made = withdrawals.withdraw(order=order, now=timezone.now(), declaration=declaration, accepts_late=True)
        except withdrawals.CannotWithdraw as error:
            form.add_error("number", str(error))
        else:
            if made.pk != declaration.pk:
                form.add_error("number", gettext("The reader has already withdrawn from this order."))
            else:
                admin.log_change(request, declaration, f"Withdrawal from order {order.number}.")
                admin.message_user(request, gettext("The withdrawal has ended the contract."), messages.SUCCESS)
                return redirect("admin:subscriptions_declaration_change", pk)
    context = admin.admin_site.each_context(request) | {
        "title": gettext("Choose the order"), "declaration": declaration, "form": form if is_open else None,
    }  # fmt: skip
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/subscriptions/declaration/assignment.html", context, status=status)


@require_POST
def mark_done(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Close a declaration that was answered in another way."""
    declaration: Declaration = row_for_action(admin, request, pk, CHANGE)
    waiting = Declaration.objects.waiting().filter(pk=pk)
    if waiting.update(handled_at=timezone.now(), handled_by=str(request.user)[:60]):
        admin.log_change(request, declaration, "Marked as done.")
        admin.message_user(request, gettext("The declaration is marked as done."), messages.SUCCESS)
    return redirect("admin:subscriptions_declaration_change", pk)
