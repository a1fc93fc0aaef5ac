"""Subscription emails, sent once the change they report is committed."""

from datetime import datetime
from typing import Any

from django.conf import settings

from subscriptions.models import Order, Subscription, User
from truthlytics.web.mail import send_email


def welcome(order: Order, subscription: Subscription) -> None:
    """Send the receipt and welcome email."""
    _send("welcome", order.user, order=order, lines=list(order.lines.all()), subscription=subscription)


def transfer(order: Order, due_at: datetime) -> None:
    """Send the bank transfer details."""
    _send("transfer", order.user, order=order, due_at=due_at, bank=settings.BANK_TRANSFER)


def canceled(subscription: Subscription) -> None:
    _send("canceled", subscription.user, subscription=subscription)


def ended(subscription: Subscription) -> None:
    _send("ended", subscription.user, subscription=subscription)


def roles_changed(person: User, roles: list[str]) -> None:
    """Tell a user that their newsroom roles have changed."""
    url = f"{settings.SITE_URL}/admin/"
    text = f"Your newsroom roles: {', '.join(roles)}.\n\nOpen the newsroom: {url}"
    if not roles:
        text = "You no longer have access to the newsroom. Your reader account is unchanged."
    _send("account_notice", person, subject="Your newsroom roles", text=text)


def _send(template: str, user: Any, **context: Any) -> None:
    send_email(template, to=user.email, context={"reader": user, **context})
