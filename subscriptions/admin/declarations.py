"""Admin for withdrawals and cancellations that readers declared, with one click for the refund of a withdrawal."""

from collections.abc import Sequence

from django import forms
from django.contrib import admin, messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.admin.money_actions import outcome_of, refund_note
from subscriptions.admin.readonly import reader_link
from subscriptions.admin.support import action_page, own_account_page, row_for_action
from subscriptions.models import Declaration, Order, User, notice
from subscriptions.services import declarations, refunds, withdrawals
from subscriptions.services.sentences import state_sentence
from truthlytics.audit.admin import AuditedAdmin, ReadOnly
from truthlytics.web.dates import local_date
from truthlytics.web.option_filters import OptionFilter
from truthlytics.web.text import split_words

CHANGE, REFUND = "subscriptions.change_declaration", "subscriptions.refund_payment"


class OrderForm(forms.Form):
    found = forms.CharField(
        label=_("Order number"), max_length=40, help_text=_("The order that the reader has withdrawn from.")
    )

    def clean_found(self) -> Order:
        text = self.cleaned_data["found"].strip()
        order = Order.objects.referred_to(text) or Order.objects.filter(number=text).select_related("user").first()
        if order is None:
            raise forms.ValidationError(gettext("There is no order with this number."))
        return order


class AccountForm(forms.Form):
    found = forms.EmailField(
        label=_("Email address of the account"), help_text=_("The reader whose subscription is cancelled.")
    )

    def clean_found(self) -> User:
        user = User.objects.filter(email__iexact=self.cleaned_data["found"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(gettext("There is no account with this address."))
        return user


class WaitingFilter(OptionFilter):
    title = _("state")
    parameter_name = "state"
    options = {"waiting": (_("To do"), Q(handled_at=None)), "done": (_("Done"), Q(handled_at__isnull=False))}


@admin.register(Declaration)
class DeclarationAdmin(ReadOnly, AuditedAdmin):
    purpose = _("Withdrawals and cancellations that readers have declared. Refunds of withdrawals wait here for you.")
    list_display = ("declared_at", "state", "kind", "name", "email", "contract")
    list_filter = ("kind", WaitingFilter, "declared_at")
    search_fields = ("name", "email", "contract", "order__number")
    fields = split_words(
        "kind declared_at name email contract reason ends_on in_account reader order_link sender_known_at "
        "sender_known_by effective_at refund_due deducts_use confirmed_at note state"
    )
    readonly_fields = ("reader", "order_link", "refund_due", "state")
    change_form_template = "admin/subscriptions/declaration/change_form.html"
    list_per_page = 50

    def get_urls(self) -> list[URLPattern]:
        pages = {"refund": refund, "assignment": decide, "done": mark_done}
        return [*(self.view_path(f"<int:pk>/{name}/", view, name) for name, view in pages.items()), *super().get_urls()]

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
        if declaration.undone_at is not None:
            day = timezone.localtime(declaration.undone_at)
            return gettext("Undone by the reader on %(day)s") % {"day": local_date(day, "j M Y")}
        if declaration.is_overdue(timezone.now()):
            return gettext("Decide now: it has waited for more than a working day")
        if declaration.is_from_unknown_sender:
            return gettext("Not confirmed by the reader: decide within a working day")
        if declaration.handled_at is None:
            return gettext("To do")
        day = timezone.localtime(declaration.handled_at)
        return gettext("Done on %(day)s by %(by)s") % {"day": local_date(day, "j M Y"), "by": declaration.handled_by}


@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Say what the declaration gives back; POST pays it back."""
    declaration: Declaration = row_for_action(admin, request, pk, REFUND)
    title = gettext("Refund")
    back = redirect("admin:subscriptions_declaration_change", pk)
    due = withdrawals.refunds_due(declaration)
    if declaration.user is None or declaration.handled_at is not None or not due:
        admin.message_user(request, gettext("Nothing is to be refunded for this declaration."), messages.INFO)
        return back
    if (refusal := own_account_page(admin, request, declaration.user, title, back=declaration)) is not None:
        return refusal
    if request.method != "POST":
        return action_page(
            admin, request, title=title, reader=declaration.user, back=declaration, button=title,
            facts=_refund_facts(declaration, due),
        )  # fmt: skip
    try:
        made = withdrawals.refund(declaration=declaration, by=str(request.user))
    except refunds.CannotRefund as error:
        admin.message_user(request, str(error), messages.ERROR)
        return back
    for row in made:
        admin.log_change(request, declaration, refund_note(row))
        admin.message_user(request, *outcome_of(row, row.payment.subscription))
    return back


def _refund_facts(declaration: Declaration, due: Sequence[notice.Due]) -> list[str]:
    """Return in sentences what is paid back, by which means, and what it ends."""
    facts = [str(declaration), notice.amounts(due)]
    for part in due:
        values = {"amount": part.amount, "payment": part.payment.description or part.payment.provider_ref}
        if part.payment.is_settled_by_hand:
            text = gettext("%(amount)s for “%(payment)s”: you transfer it to the reader’s bank account afterwards.")
        else:
            text = gettext("%(amount)s for “%(payment)s”: it goes back by the means of payment at once.")
        facts.append(text % values)
    facts.append(gettext("The reader can’t undo the declaration afterwards, and gets an email and a credit note."))
    if declaration.subscription is not None:
        facts.append(state_sentence(declaration.subscription))
    return facts


@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Say that the sender is known and which contract a declaration is about, which applies it."""
    declaration: Declaration = row_for_action(admin, request, pk, CHANGE)
    is_open = not declaration.is_applied and declaration.handled_at is None
    form = _decision_form(declaration, request.POST if request.method == "POST" else None)
    if request.method == "POST" and is_open and form.is_valid():
        found: Order | User = form.cleaned_data["found"]
        reader = found.user if isinstance(found, Order) else found
        refusal = own_account_page(admin, request, reader, str(declaration.get_kind_display()), back=declaration)
        if refusal is not None:
            return refusal
        if (error := _apply(declaration, found, str(request.user))) is None:
            message = gettext("Decided: %(kind)s, %(found)s.")
            admin.log_change(request, declaration, message % {"kind": declaration.get_kind_display(), "found": found})
            admin.message_user(request, _decided(declaration), messages.SUCCESS)
            return redirect("admin:subscriptions_declaration_change", pk)
        form.add_error("found", error)
    context = admin.admin_site.each_context(request) | {
        "title": gettext("Decide"),
        "declaration": declaration,
        "form": form if is_open else None,
    }
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/subscriptions/declaration/assignment.html", context, status=status)


def _decision_form(declaration: Declaration, data: QueryDict | None) -> OrderForm | AccountForm:
    """Return the form with the order of the reference that was typed, or the account with the address, filled in."""
    if not declaration.is_withdrawal:
        return AccountForm(data, initial={"found": declaration.user.email if declaration.user else ""})
    order = Order.objects.referred_to(declaration.contract)
    if order is None and declaration.user is not None:
        order = Order.objects.named_in(declaration.contract).filter(user=declaration.user).first()
    return OrderForm(data, initial={"found": order.number if order is not None else ""})


def _apply(declaration: Declaration, found: Order | User, by: str) -> str | None:
    """Apply the decision. Returns why it can't be done, None if it was."""
    now = timezone.now()
    try:
        if isinstance(found, Order):
            done = declarations.decide_withdrawal(declaration=declaration, order=found, by=by, now=now)
            return None if done else gettext("The reader has already withdrawn from this order.")
        done = declarations.decide_cancellation(declaration=declaration, reader=found, by=by, now=now)
        return None if done else gettext("This reader has no subscription that can be cancelled.")
    except withdrawals.CannotWithdraw as error:
        return str(error)


def _decided(declaration: Declaration) -> str:
    if declaration.is_withdrawal:
        return gettext("The withdrawal has ended the contract.")
    return gettext("The subscription is cancelled.")


@require_POST
def mark_done(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Close a declaration that was answered in another way."""
    declaration: Declaration = row_for_action(admin, request, pk, CHANGE)
    waiting = Declaration.objects.waiting().filter(pk=pk)
    if waiting.update(handled_at=timezone.now(), handled_by=str(request.user)[:60]):
        admin.log_change(request, declaration, gettext("Marked as done."))
        admin.message_user(request, gettext("The declaration is marked as done."), messages.SUCCESS)
    return redirect("admin:subscriptions_declaration_change", pk)
