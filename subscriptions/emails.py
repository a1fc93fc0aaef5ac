"""The letters that subscriptions write. Each is sent once the change it tells of is committed."""

from datetime import datetime
from typing import Any

from django.conf import settings

from subscriptions.models import Order, Subscription, User
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


def roles_changed(person: User, roles: list[str]) -> None:
    """Somebody was given, or lost, a place in the newsroom; whoever holds the account ought to know."""
    place = f"{settings.SITE_URL}/admin/"
    text = f"Your place in the newsroom: {', '.join(roles)}.\n\nEnter it: {place}"
    if not roles:
        text = "You have no place in the newsroom any more. As a reader you keep everything that you had."
    _send("account_notice", person, subject="Your place in the newsroom", text=text)


def _send(letter: str, user: Any, **context: Any) -> None:
    send_letter(letter, to=user.email, context={"reader": user, **context})
