"""Emails about gift subscriptions."""

from django.utils import timezone

from subscriptions.emails.once import Content, kind, send_once
from subscriptions.emails.receipts import invoice_of, receipt_of
from subscriptions.models import Gift, Payment


def gift_bought(gift: Gift) -> bool:
    """Send the giver the link and the invoice."""
    return send_once("gift_bought", gift)


@kind("gift_bought", Gift, field="pk", holds=lambda gift: gift.refunded_at is None)
def _gift_bought(gift: Gift) -> Content:
    payment = Payment.objects.filter(order=gift.order, status=Payment.Status.SUCCEEDED).first()
    is_sent_later = gift.delivered_at is None and gift.deliver_at > timezone.now()
    context = {"gift": gift, "is_sent_later": is_sent_later, **receipt_of(payment)}
    return Content(gift.order.user, context, documents=[invoice_of(payment)])


def gift_received(gift: Gift) -> bool:
    """Send the recipient the link."""
    return bool(gift.recipient_email) and send_once("gift_received", gift)


@kind("gift_received", Gift, field="pk", holds=lambda gift: gift.refunded_at is None and gift.redeemed_at is None)
def _gift_received(gift: Gift) -> Content:
    return _about(gift)._replace(to=gift.recipient_email)


def gift_redeemed(gift: Gift) -> bool:
    """Tell the giver that the gift is in use."""
    return send_once("gift_redeemed", gift)


@kind("gift_redeemed", Gift, field="pk", holds=lambda gift: gift.redeemed_at is not None)
def _gift_redeemed(gift: Gift) -> Content:
    return _about(gift)


def _about(gift: Gift) -> Content:
    return Content(gift.order.user, {"gift": gift})
