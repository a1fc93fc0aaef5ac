"""Emails about orders, payments and refunds."""

from datetime import datetime

from django.conf import settings

from subscriptions.emails.once import Content, kind, send_once
from subscriptions.models import LedgerEntry, Order, Payment, Receipt, Refund, Subscription
from truthlytics.publication import get_publication


def welcome(order: Order, subscription: Subscription) -> None:
    """Confirm the order that started, or extended, a subscription."""
    send_once("welcome", order, subscription=subscription)


@kind("welcome", Order, holds=lambda order: order.is_paid)
def _welcome(order: Order) -> Content:
    subscription = Subscription.objects.filter(user=order.user_id).order_by("-period_end", "-pk").first()
    return Content(order.user, {"order": order, "lines": list(order.lines.all()), "subscription": subscription})


def transfer(order: Order, due_at: datetime) -> None:
    """Send the bank transfer details."""
    send_once("transfer", order, order.attempt, due_at=due_at)


@kind("transfer", Order, holds=lambda order: order.awaits_transfer)
def _transfer(order: Order) -> Content:
    entry = LedgerEntry.objects.filter(provider=order.provider, ref=order.checkout_ref).first()
    due_at = entry.due_at if entry else None
    return Content(order.user, {"order": order, "due_at": due_at, "bank": settings.BANK_TRANSFER})


def replaced(order: Order) -> None:
    """Ask the reader not to pay an order that they replaced after receiving its bank details."""
    send_once("replaced", order)


@kind("replaced", Order)
def _replaced(order: Order) -> Content:
    return Content(order.user, {"order": order})


def receipt(payment: Payment) -> None:
    """Send the receipt for a payment."""
    send_once("receipt", payment)


@kind("receipt", Payment)
def _receipt(payment: Payment) -> Content:
    issued = Receipt.objects.filter(payment=payment, refund=None).first()
    return Content(payment.user, {"payment": payment, "receipt": issued})


def refunded(refund: Refund) -> None:
    """Tell the reader that money is paid back."""
    send_once("refunded", refund)


@kind("refunded", Refund, "key", holds=lambda refund: refund.status == Refund.Status.DONE)
def _refunded(refund: Refund) -> Content:
    return Content(refund.payment.user, {"refund": refund, "payment": refund.payment})


def chargeback(payment: Payment) -> None:
    """Tell the publication that the bank has taken back a payment. Sends nothing without a contact address."""
    if get_publication().contact_email:
        send_once("chargeback", payment)


@kind("chargeback", Payment, holds=lambda payment: bool(payment.dispute))
def _chargeback(payment: Payment) -> Content:
    return Content(payment.user, {"payment": payment}, to=get_publication().contact_email)
