"""The letters that subscriptions write. Each is sent once the change it tells of is committed."""

from datetime import datetime
from typing import Any

from django.conf import settings

from subscriptions.models import Order, Subscription
from truthlytics.web.mail import send_letter


def welcome(order: Order, subscription: Subscription) -> None:
    """Receipt and welcome in one."""
    _send("welcome", order.user, order=order, lines=list(order.lines.all()), subscription=subscription)


def transfer(order: Order, due_at: datetime) -> None:
    """Where to send the money, and by when."""
    _send("transfer", order.user, order=order, due_at=due_at, bank=settings.BANK_TRANSFER)


def canceled(subscription: Subscription) -> None:
    _send("canceled", subscription.user, subscription=subscription)


def ended(subscription: Subscription) -> None:
    _send("ended", subscription.user, subscription=subscription)


def _send(letter: str, user: Any, **context: Any) -> None:
    send_letter(letter, to=user.email, context={"reader": user, **context})
