"""Emails about gift subscriptions."""

from subscriptions.emails.once import Content, kind, send_once
from subscriptions.models import Gift


def gift_bought(gift: Gift) -> None:
    """Send the giver the code."""
    send_once("gift_bought", gift)


@kind("gift_bought", Gift, "pk", holds=lambda gift: gift.refunded_at is None)
def _gift_bought(gift: Gift) -> Content:
    return _about(gift)


def gift_received(gift: Gift) -> None:
    """Send the recipient the code, once for each address."""
    if gift.recipient_email:
        send_once("gift_received", gift, gift.recipient_email)


@kind("gift_received", Gift, "pk", holds=lambda gift: gift.refunded_at is None and gift.redeemed_at is None)
def _gift_received(gift: Gift) -> Content:
    return _about(gift)._replace(to=gift.recipient_email)


def gift_redeemed(gift: Gift) -> None:
    """Tell the giver that the gift is in use."""
    send_once("gift_redeemed", gift)


@kind("gift_redeemed", Gift, "pk", holds=lambda gift: gift.redeemed_at is not None)
def _gift_redeemed(gift: Gift) -> Content:
    return _about(gift)


def _about(gift: Gift) -> Content:
    return Content(gift.order.user, {"gift": gift})
