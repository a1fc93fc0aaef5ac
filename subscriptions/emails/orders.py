"""Emails about orders, payments and refunds."""

from django.urls import reverse

from subscriptions.emails.once import Content, kind, send_once
from subscriptions.emails.receipts import invoice_of, receipt_of, rows
from subscriptions.emails.upcoming import next_payment
from subscriptions.models import Order, Payment, Receipt, Refund, Subscription
from subscriptions.transfers import transfer_of
from truthlytics.publication import get_publication

# The QR code in the email, as its HTML refers to it.
PAYMENT_CODE = "payment-code"


def welcome(order: Order, subscription: Subscription) -> bool:
    """Confirm the order that started a subscription, with its invoice. A free trial has an email of its own."""
    has_trial = subscription.is_trial and order.trial_days > 0
    return not has_trial and send_once("welcome", order)


@kind("welcome", Order, holds=lambda order: order.is_paid)
def _welcome(order: Order) -> Content:
    payment = Payment.objects.filter(order=order, status=Payment.Status.SUCCEEDED).first()
    mine = Subscription.objects.filter(user=order.user_id).order_by("-anchor", "-pk")
    subscription = payment.subscription if payment and payment.subscription else mine.first()
    context = {
        "order": order,
        "lines": list(order.lines.select_related("price")),
        # The provider charges only when a period that was paid for in another way ends.
        "is_postponed": order.kind == Order.Kind.EXTENSION and order.renews and payment is None,
        **receipt_of(payment),
    }
    upcoming = next_payment(subscription) if subscription else {}
    return Content(order.user, upcoming | context, documents=[invoice_of(payment)])


def transfer(order: Order, *agreement: str) -> bool:
    """Send the bank transfer details with the texts agreed to. For another `agreement`, they are sent again."""
    return send_once("transfer", order, order.attempt, *agreement)


@kind("transfer", Order, holds=lambda order: order.awaits_transfer)
def _transfer(order: Order) -> Content:
    found = transfer_of(order)
    images = {PAYMENT_CODE: found.code.png()} if found and found.code else {}
    context = {"order": order, "lines": list(order.lines.all()), "transfer": found, "code": PAYMENT_CODE}
    return Content(order.user, context, images=images)


def replaced(order: Order) -> bool:
    """Ask the reader not to pay an order that they replaced after receiving its bank details."""
    return send_once("replaced", order)


@kind("replaced", Order)
def _replaced(order: Order) -> Content:
    return Content(order.user, {"order": order})


def receipt(payment: Payment) -> bool:
    """Send the invoice for a payment that did not start a subscription, such as a renewal."""
    return send_once("receipt", payment)


@kind("receipt", Payment)
def _receipt(payment: Payment) -> Content:
    # The subscription's own period may not be updated yet.
    context = {"subscription": payment.subscription, "paid_until": payment.period_end}
    return Content(payment.user, {**context, **receipt_of(payment)}, documents=[invoice_of(payment)])


def reissued(receipt: Receipt) -> bool:
    """Send an invoice that replaces a wrong one, with the credit note that cancels it."""
    return send_once("reissued", receipt)


@kind("reissued", Receipt, field="pk", holds=lambda receipt: receipt.cancelled_by is None)
def _reissued(receipt: Receipt) -> Content:
    payment = receipt.payment
    note = payment.receipts.get(reason=Receipt.Reason.CANCELLATION, corrects__edition=receipt.edition - 1)
    context = {"payment": payment, "receipt": receipt, "note": note, "rows": rows(receipt, payment)}
    return Content(payment.user, context, documents=[note, receipt])


def refunded(refund: Refund) -> bool:
    """Tell the reader that money is paid back."""
    return send_once("refunded", refund)


@kind("refunded", Refund, field="key", holds=lambda refund: refund.status == Refund.Status.DONE)
def _refunded(refund: Refund) -> Content:
    note = Receipt.objects.filter(refund=refund).first()
    payment = refund.payment
    context = {
        "refund": refund,
        "payment": payment,
        "note": note,
        "rows": rows(note, payment),
        "by_transfer": payment.is_settled_by_hand,
        "kept": refund.keeps_access and payment.is_refunded,
    }
    return Content(payment.user, context, documents=[note])


def chargeback(payment: Payment) -> bool:
    """Tell the publication about a chargeback. Sends nothing without a contact address."""
    return bool(get_publication().contact_email) and send_once("chargeback", payment)


@kind("chargeback", Payment, holds=lambda payment: payment.dispute in (Payment.Dispute.OPEN, Payment.Dispute.LOST))
def _chargeback(payment: Payment) -> Content:
    admin_path = reverse("admin:subscriptions_user_change", args=[payment.user_id])
    context = {**receipt_of(payment), "admin_path": admin_path}
    return Content(payment.user, context, to=get_publication().contact_email)
