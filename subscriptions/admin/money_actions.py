"""Pages that refund a payment and end a subscription."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.admin.amounts import AmountField, as_decimal, minor_units
from subscriptions.admin.support import ReasonField, action_page, can_be_refunded, own_account_page, row_for_action
from subscriptions.forms.billing import correction_form
from subscriptions.models import Payment, Refund, Subscription
from subscriptions.money import Money
from subscriptions.providers import ProviderError
from subscriptions.services import lifecycle, receipts, refunds
from subscriptions.services.refunds import subscription_to_end
from subscriptions.services.sentences import day, payment_state, state_sentence
from subscriptions.services.sync import sync_if_due
from subscriptions.states import IllegalTransition
from truthlytics.audit.admin import AuditedAdmin

REFUND, END = "subscriptions.refund_payment", "subscriptions.change_subscription"
NOW, LATER = "now", "later"
KEEP, STOP = "keep", "end"


class RefundForm(forms.Form):
    amount = AmountField()
    access = forms.ChoiceField(
        label=gettext_lazy("Access, if the whole payment is refunded"), required=False, widget=forms.RadioSelect,
        initial=STOP,
    )  # fmt: skip
    reason = ReasonField()

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        left = payment.refundable
        super().__init__(*args, **kwargs)
        if payment.status == Payment.Status.SUCCEEDED:
            self.fields["access"].choices = _access_choices(payment)  # type: ignore[attr-defined]
        else:
            del self.fields["access"]  # Money that was not owed has paid for nothing.
        self.currency = left.currency
        self.fields["amount"].initial = as_decimal(left.minor, left.currency)
        self.fields["amount"].help_text = _("At most %(amount)s.") % {"amount": left}

    def clean_amount(self) -> Money:
        return Money(minor_units(self.cleaned_data["amount"], self.currency), self.currency)


def _access_choices(payment: Payment) -> list[tuple[str, str]]:
    """Return what a complete refund of `payment` can do to the access and the subscription."""
    subscription = subscription_to_end(payment, timezone.now())
    if subscription is not None:
        keep = _("Keep access and subscription. %(state)s") % {"state": state_sentence(subscription)}
        return [(STOP, _("End the access and the subscription now. Nothing more is charged.")), (KEEP, keep)]
    return [(STOP, _("End the access that this payment paid for.")), (KEEP, _("Keep the access."))]


class EndForm(forms.Form):
    when = forms.ChoiceField(label=gettext_lazy("When"), widget=forms.RadioSelect)
    reason = ReasonField()

    def __init__(self, *args: Any, subscription: Subscription, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(NOW, _("Now. Access ends at once; payments are refunded separately."))]
        if subscription.cancel_at is None and not subscription.is_past_due:
            later = _("At the end of the paid period, %(day)s. The reader keeps access until then.")
            choices.insert(0, (LATER, later % {"day": day(subscription.period_end)}))
        self.fields["when"].choices = choices  # type: ignore[attr-defined]
        self.fields["when"].initial = choices[0][0]


@require_http_methods(["GET", "HEAD", "POST"])
def refund(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Refund a payment in full or in part."""
    payment: Payment = row_for_action(admin, request, pk, REFUND)
    if (refusal := own_account_page(admin, request, payment.user, _("Refund"), back=payment)) is not None:
        return refusal
    form = RefundForm(request.POST if request.method == "POST" else None, payment=payment)
    if request.method == "POST" and form.is_valid():
        amount, reason = form.cleaned_data["amount"], form.cleaned_data["reason"]
        try:
            keeps_access = form.cleaned_data.get("access") == KEEP
            made = refunds.refund(
                payment=payment, amount=amount, by=str(request.user), reason=reason, keeps_access=keeps_access
            )
        except refunds.CannotRefund as error:
            form.add_error("amount", str(error))
        else:
            kept = " Access kept." if keeps_access else ""
            admin.log_change(request, payment, f"Refund of {made.money}: {made.status}.{kept}")
            admin.message_user(request, *_outcome(made))
            return redirect("admin:subscriptions_payment_change", payment.pk)
    facts = [
        f"{payment.money}, {payment.description or payment.order or payment.provider_ref}",
        payment_state(payment),
        _("A refund of a part changes no access. The reader is told by email."),
    ]
    left = can_be_refunded(payment)
    return action_page(
        admin, request, title=_("Refund"), reader=payment.user, back=payment, facts=facts, form=form if left else None,
        button=_("Refund") if left else "", amount=payment.refundable,
        warning="" if left else _("Nothing of this payment can be refunded."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def reissue(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Cancel the receipt of a payment by a credit note and issue it again with other details of the buyer."""
    payment: Payment = row_for_action(admin, request, pk, REFUND)
    title = _("Cancel the receipt and issue it again")
    if (refusal := own_account_page(admin, request, payment.user, title, back=payment)) is not None:
        return refusal
    receipt = payment.receipts.originals().first()
    form = correction_form(payment, request.POST if request.method == "POST" else None)
    if request.method == "POST" and receipt is not None and form.is_valid():
        try:
            new = receipts.reissue(receipt=receipt, details=form.details())
        except receipts.CannotReissue as error:
            form.add_error(None, str(error))
        else:
            admin.log_change(request, payment, f"Receipt {receipt} cancelled and issued again as {new}.")
            admin.message_user(
                request,
                _("%(old)s is cancelled, and %(new)s issued.") % {"old": receipt, "new": new},
                messages.SUCCESS,
            )
            return redirect("admin:subscriptions_payment_change", payment.pk)
    facts = [
        _("A receipt that was issued is never changed. It is cancelled by a credit note over what is left of it, and a "
          "new one with the next number takes its place. No money is moved."),
    ]  # fmt: skip
    if receipt is not None:
        facts.insert(0, f"{receipt}: {receipt.gross}, {receipt.tax_text}" if receipt.tax_text else str(receipt))
        facts += [_("It lacks: %(field)s.") % {"field": field} for field in receipt.missing_fields]
    return action_page(
        admin, request, title=title, reader=payment.user, back=payment, facts=facts,
        form=form if receipt else None, button=title if receipt else "",
        warning="" if receipt else _("No receipt was issued for this payment."),
    )  # fmt: skip


def _outcome(made: Refund) -> tuple[str, int]:
    if made.status == Refund.Status.DONE:
        return _("%(amount)s is refunded.") % {"amount": made.money}, messages.SUCCESS
    if made.status == Refund.Status.FAILED:
        return _("The provider refused the refund: %(error)s") % {"error": made.error}, messages.ERROR
    if made.awaits_transfer:
        text = _("Now transfer %(amount)s to the reader’s bank account. Then mark the refund as transferred here.")
        return text % {"amount": made.money}, messages.WARNING
    return _("The provider isn’t responding. The refund is retried every few minutes."), messages.WARNING


@require_POST
def mark_transferred(request: HttpRequest, pk: int, refund: int, admin: AuditedAdmin) -> HttpResponse:
    """Record that a refund by bank transfer was sent."""
    payment: Payment = row_for_action(admin, request, pk, REFUND)
    title = _("Mark as transferred")
    if (refusal := own_account_page(admin, request, payment.user, title, back=payment)) is not None:
        return refusal
    requested = payment.refunds.filter(pk=refund).first()
    try:
        if requested is not None and refunds.mark_transferred(refund=requested, by=str(request.user)):
            admin.log_change(request, payment, f"Refund of {requested.money} transferred.")
            admin.message_user(request, _("The refund is marked as transferred."), messages.SUCCESS)
    except (refunds.CannotRefund, ProviderError) as error:
        admin.message_user(request, str(error), messages.ERROR)
    return redirect("admin:subscriptions_payment_change", payment.pk)


@require_POST
def withdraw_refund(request: HttpRequest, pk: int, refund: int, admin: AuditedAdmin) -> HttpResponse:
    """Withdraw a refund by bank transfer that was not sent."""
    payment: Payment = row_for_action(admin, request, pk, REFUND)
    requested = payment.refunds.filter(pk=refund).first()
    if requested is not None and refunds.withdraw(refund=requested):
        admin.log_change(request, payment, f"Refund of {requested.money} withdrawn.")
        admin.message_user(request, _("The refund is withdrawn."), messages.SUCCESS)
    return redirect("admin:subscriptions_payment_change", payment.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """End a subscription now, or cancel it to the end of the paid period."""
    subscription: Subscription = row_for_action(admin, request, pk, END)
    live = subscription.is_live
    form = EndForm(request.POST if request.method == "POST" else None, subscription=subscription)
    if request.method == "POST" and live and form.is_valid():
        now, actor, reason = timezone.now(), str(request.user), form.cleaned_data["reason"]
        try:
            if form.cleaned_data["when"] == LATER:
                sync_if_due(subscription, now)
                lifecycle.cancel(subscription=subscription, now=now, actor=actor)
            else:
                lifecycle.end_by_editor(subscription=subscription, now=now, actor=actor, note=reason)
        except IllegalTransition:
            form.add_error(None, _("The subscription has changed in the meantime. Check its state and try again."))
        else:
            subscription.refresh_from_db()
            admin.log_change(request, subscription, ("Ended. " if subscription.ended_at else "Cancelled. ") + reason)
            admin.message_user(request, state_sentence(subscription), messages.SUCCESS)
            return redirect("admin:subscriptions_user_change", subscription.user_id)
    facts = [str(subscription.price), state_sentence(subscription)]
    if subscription.has_contract:
        facts.append(_("The payment provider will be told to stop charging."))
    return action_page(
        admin, request, title=_("End subscription"), reader=subscription.user, back=subscription, facts=facts,
        form=form if live else None, button=_("End subscription") if live else "",
        warning="" if live else _("This subscription has ended."),
    )  # fmt: skip
