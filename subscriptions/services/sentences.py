"""Sentences of the newsroom about the state of subscriptions and payments."""

from datetime import datetime

from django.utils.translation import gettext as _

from subscriptions import states
from subscriptions.models import Payment, Subscription
from truthlytics.web.dates import local_date


def state_sentence(subscription: Subscription) -> str:
    """Return a sentence about what happens next, with the price and the card. Reads `price` and `next_price`."""
    values = {
        "end": day(subscription.cancel_at or subscription.period_end),
        "price": _priced(subscription),
        "card": subscription.card or _("the reader’s card"),
    }
    if subscription.status == states.ENDED:
        values["end"], values["reason"] = (
            day(subscription.ended_at or subscription.period_end),
            subscription.get_end_reason_display(),
        )
        return (_("Ended on %(end)s. Reason: %(reason)s.") if values["reason"] else _("Ended on %(end)s.")) % values
    if subscription.status == states.PENDING:
        return _("Ordered, and not paid yet.")
    if subscription.cancel_at is not None:
        return _("Cancelled. Access ends on %(end)s, and nothing more is charged.") % values
    if subscription.is_past_due:
        return _("The renewal was not paid. Access ends after the grace period unless the card is changed.")
    if subscription.is_trial:
        if not subscription.has_contract:
            return _("Free trial until %(end)s. Nothing is charged then.") % values
        return _("Free trial until %(end)s. Then %(price)s is charged to %(card)s.") % values
    if subscription.renews and subscription.next_price is not None:
        values |= {"old": subscription.price.description, "new": subscription.next_price.description}
        return _("%(old)s until %(end)s. Then %(new)s: %(price)s, charged to %(card)s.") % values
    if subscription.renews:
        return _("Renews on %(end)s: %(price)s, charged to %(card)s.") % values
    if subscription.is_gift:
        return _("A gift until %(end)s. It does not renew.") % values
    return _("Paid until %(end)s. It does not renew.") % values


def unconfirmed_sentence(subscription: Subscription) -> str:
    """Return what the provider has not confirmed yet, or ""."""
    if subscription.provider_request == Subscription.Request.CANCEL:
        return _("The payment provider has not confirmed the cancellation yet. We’ll keep trying every few minutes.")
    if subscription.provider_request == Subscription.Request.END:
        return _("The payment provider has not confirmed the end yet. We’ll keep trying every few minutes.")
    return ""


def payment_state(payment: Payment) -> str:
    """Return the state of a payment with its refunds and chargeback, such as "Succeeded, €4.00 refunded"."""
    parts = [str(payment.get_status_display())]
    if payment.is_refunded:
        parts.append(_("refunded"))
    elif payment.refunded_minor:
        parts.append(_("%(amount)s refunded") % {"amount": payment.refunded})
    if payment.dispute:
        parts.append(str(payment.get_dispute_display()))
    return ", ".join(parts)


def day(time: datetime) -> str:
    return local_date(time, "j M Y")


def _priced(subscription: Subscription) -> str:
    price = subscription.upcoming_price
    return f"{price.money} {price.per}"
