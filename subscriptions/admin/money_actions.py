"""Pages that refund a payment and end a subscription."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from subscriptions.admin.support import ReasonField, action_page, can_be_refunded, own_account_page, row_for_action
from subscriptions.forms.amounts import AmountField, as_decimal, minor_units
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
from truthlytics.web.form_fields import choice_field

REFUND, END = "subscriptions.refund_payment", "subscriptions.change_subscription"
NOW, LATER = "now", "later"


class RefundForm(forms.Form):
    amount = AmountField()
    ends = forms.BooleanField(required=False)
    reason = ReasonField()

    def __init__(self, *args: Any, payment: Payment, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.left = payment.refundable
        now = timezone.now()
        if refunds.gives_access(payment, now):
            self.fields["ends"].label, self.fields["ends"].help_text = _ending(payment, now)
        else:
            del self.fields["ends"]
        self.fields["amount"].initial = as_decimal(self.left.minor, self.left.currency)
        self.fields["amount"].help_text = _("At most %(amount)s.") % {"amount": self.left}

    def clean_amount(self) -> Money:
        return Money(minor_units(self.cleaned_data["amount"], self.left.currency), self.left.currency)

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        amount = data.get("amount")
        if data.get("ends") and amount is not None and amount != self.left:
            self.add_error(
                "ends", _("Only a refund of all that is left ends it. End the subscription on its own page.")
            )
        return data

    @property
    def keeps_access(self) -> bool:
        return "ends" in self.fields and not self.cleaned_data["ends"]


def _ending(payment: Payment, now: datetime) -> tuple[str, str]:
    """Return what a refund of the whole payment can end as well, and what happens otherwise."""
    subscription = subscription_to_end(payment, now)
    if subscription is not None:
        otherwise = _("At once, and the reader is told by email. If you don’t tick this, it stays: %(state)s")
        return _("… and end the subscription"), otherwise % {"state": state_sentence(subscription)}
    return _("… and end the access that it paid for"), _("At once. If you don’t tick this, the access stays.")


class EndForm(forms.Form):
    when = forms.ChoiceField(label=gettext_lazy("When"), widget=forms.RadioSelect)
    reason = ReasonField()

    def __init__(self, *args: Any, subscription: Subscription, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(NOW, _("Now. Access ends at once; payments are refunded separately."))]
        if subscription.cancel_at is None and not subscription.is_past_due:
            later = _("At the end of the paid period, %(day)s. The reader keeps access until then.")
            choices.insert(0, (LATER, later % {"day": day(subscription.period_end)}))
        choice_field(self, "when").choices = choices
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
            ending = subscription_to_end(payment, timezone.now())
            made = refunds.refund(
                payment=payment, amount=amount, by=str(request.user), reason=reason, keeps_access=form.keeps_access
            )
        except refunds.CannotRefund as error:
            form.add_error("amount", str(error))
        else:
            admin.log_change(request, payment, refund_note(made, keeps_access=form.keeps_access))
            admin.message_user(request, *outcome_of(made, ending or payment.subscription))
            return redirect("admin:subscriptions_payment_change", payment.pk)
    facts = [
        f"{payment.money}, {payment.description or payment.order or payment.provider_ref}",
        payment_state(payment),
        _("A refund changes no access unless you say so below. The reader is told of it by email."),
    ]
    left = can_be_refunded(payment)
    return action_page(
        admin, request, title=_("Refund"), reader=payment.user, back=payment, facts=facts, form=form if left else None,
        button=_("Refund") if left else "", amount=payment.refundable,
        warning="" if left else _("Nothing of this payment can be refunded."),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def reissue(request: HttpRequest, pk: int, admin: AuditedAdmin) -> HttpResponse:
    """Cancel the invoice of a payment by a credit note and issue it again with other details of the buyer."""
    payment: Payment = row_for_action(admin, request, pk, REFUND)
    title = _("Cancel the invoice and issue it again")
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
            message = _("Invoice %(old)s cancelled and issued again as %(new)s.") % {"old": receipt, "new": new}
            admin.log_change(request, payment, message)
            admin.message_user(
                request, _("%(old)s is cancelled, and %(new)s issued.") % {"old": receipt, "new": new}, messages.SUCCESS
            )
            return redirect("admin:subscriptions_payment_change", payment.pk)
    facts = [
        _(
            "An invoice that was issued is never changed. It is cancelled by a credit note over what is left of it, "
            "and a new one with the next number takes its place. No money is moved."
        )
    ]
    if receipt is not None:
        facts.insert(0, f"{receipt}: {receipt.gross}, {receipt.tax_text}" if receipt.tax_text else str(receipt))
        facts += [_("It lacks: %(field)s.") % {"field": field} for field in receipt.missing_fields]
    return action_page(
        admin, request, title=title, reader=payment.user, back=payment, facts=facts,
        form=form if receipt else None, button=title if receipt else "",
        warning="" if receipt else _("No invoice was issued for this payment."),
    )  # fmt: skip


def refund_note(made: Refund, *, keeps_access: bool = False) -> str:
    """Return what the audit log says of a refund."""
    text = _("Refund of %(amount)s: %(state)s. Access kept.") if keeps_access else _("Refund of %(amount)s: %(state)s.")
    return text % {"amount": made.money, "state": made.get_status_display()}


def outcome_of(made: Refund, subscription: Subscription | None) -> tuple[str, int]:
    """Return what a refund has done, and what is left to do, and the level of the message."""
    if made.status == Refund.Status.DONE:
        parts, level = [_("%(amount)s is refunded.") % {"amount": made.money}], messages.SUCCESS
    elif made.status == Refund.Status.FAILED:
        return _("The provider refused the refund: %(error)s") % {"error": made.error}, messages.ERROR
    elif made.awaits_transfer:
        text = _("Now transfer %(amount)s to the reader’s bank account. Then mark the refund as transferred here.")
        parts, level = [text % {"amount": made.money}], messages.WARNING
    else:
        text = _("The provider isn’t responding. The refund is retried every few minutes.")
        parts, level = [text], messages.WARNING
    return " ".join([*parts, *_what_ends(made, subscription)]), level


def _what_ends(made: Refund, subscription: Subscription | None) -> list[str]:
    """Return what has become of the subscription, if there is one, in a sentence."""
    if subscription is None:
        return []
    subscription.refresh_from_db()
    made.payment.refresh_from_db()
    ends = made.payment.is_refunded and not made.keeps_access
    if subscription.is_live and ends and made.status != Refund.Status.DONE:
        return [_("The subscription ends when the money is paid back.")]
    if subscription.is_live:
        return [_("The subscription stays. %(state)s") % {"state": state_sentence(subscription)}]
    return [state_sentence(subscription)]


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
            message = _("Refund of %(amount)s transferred.") % {"amount": requested.money}
            admin.log_change(request, payment, message)
            text = [_("The refund is marked as transferred."), *_what_ends(requested, payment.subscription)]
            admin.message_user(request, " ".join(text), messages.SUCCESS)
    except (refunds.CannotRefund, ProviderError) as error:
        admin.message_user(request, str(error), messages.ERROR)
    return redirect("admin:subscriptions_payment_change", payment.pk)


@require_POST
def withdraw_refund(request: HttpRequest, pk: int, refund: int, admin: AuditedAdmin) -> HttpResponse:
    """Withdraw a refund by bank transfer that was not sent."""
    payment: Payment = row_for_action(admin, request, pk, REFUND)
    requested = payment.refunds.filter(pk=refund).first()
    if requested is not None and refunds.withdraw(refund=requested):
        message = _("Refund of %(amount)s withdrawn.") % {"amount": requested.money}
        admin.log_change(request, payment, message)
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
                lifecycle.cancel(subscription=subscription, now=now, actor=actor, at_period_end=True)
            else:
                lifecycle.end_by_editor(subscription=subscription, now=now, actor=actor, note=reason)
        except IllegalTransition:
            form.add_error(None, _("The subscription has changed in the meantime. Check its state and try again."))
        else:
            subscription.refresh_from_db()
            message = _("Ended. %(reason)s") if subscription.ended_at else _("Cancelled. %(reason)s")
            admin.log_change(request, subscription, message % {"reason": reason})
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
