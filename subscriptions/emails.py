"""Subscription emails, sent once the change they report is committed."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.tasks import task
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from subscriptions.models import Order, Subscription, User
from truthlytics.publication.language import site_language
from truthlytics.web.mail import PRIORITY, Undeliverable, send_email


@task(priority=PRIORITY)
def send_later(template: str, to: str, context: dict[str, str], expires: str) -> None:
    """Render an email and queue it, in the worker."""
    expiry = parse_datetime(expires)
    if expiry is None or (left := expiry - timezone.now()) <= timedelta():
        raise Undeliverable(f"It expired at {expires}.")
    send_email(template, to=to, context=context, lifetime=left)


def welcome(order: Order, subscription: Subscription) -> None:
    """Send the receipt and welcome email."""
    _send("welcome", order.user, order=order, lines=list(order.lines.all()), subscription=subscription)


def transfer(order: Order, due_at: datetime) -> None:
    """Send the bank transfer details."""
    _send("transfer", order.user, order=order, due_at=due_at, bank=settings.BANK_TRANSFER)


@site_language()
def replaced(order: Order) -> None:
    """Ask the reader not to pay an order that they replaced after receiving its bank details."""
    text = _(
        "You replaced order %(number)s over %(amount)s with another one. Please do not transfer money for it.\n\n"
        "If you have already sent the transfer, reply to this email."
    ) % {"number": order.number, "amount": order.total}
    subject = _("Order %(number)s was replaced") % {"number": order.number}
    _send("account_notice", order.user, subject=subject, text=text)


def canceled(subscription: Subscription) -> None:
    _send("canceled", subscription.user, subscription=subscription)


def ended(subscription: Subscription) -> None:
    _send("ended", subscription.user, subscription=subscription)


@site_language()
def roles_changed(person: User, roles: list[str]) -> None:
    """Tell a user that their newsroom roles have changed."""
    url = f"{settings.SITE_URL}/admin/"
    text = _("Your newsroom roles: %(roles)s.\n\nOpen the newsroom: %(url)s") % {"roles": ", ".join(roles), "url": url}
    if not roles:
        text = _("You no longer have access to the newsroom. Your reader account is unchanged.")
    _send("account_notice", person, subject=_("Your newsroom roles"), text=text)


@site_language()
def account_deleted(
    address: str, *, name: str, comments_kept: bool, order: Order | None, had_subscription: bool
) -> None:
    """Confirm the deletion of an account, in the last email to its address."""
    sentences = [_("Dear %(name)s,") % {"name": name}, _("Your account is deleted, as you asked.")]
    if not comments_kept:
        sentences.append(_("The text of your comments is deleted."))
    if had_subscription:
        sentences.append(_("Your subscription has ended and nothing will be charged again."))
    if order is not None:
        sentences.append(_("Order %(number)s is cancelled. Please don’t pay it.") % {"number": order.number})
    sentences.append(_("Our records of orders and payments no longer contain your name and address."))
    context = {"subject": _("Your account is deleted"), "text": "\n\n".join(sentences)}
    send_email("account_notice", to=address, context=context)


@site_language()
def name_approved(reader: User) -> None:
    text = _("Your new display name, “%(name)s”, now appears on all your comments.") % {"name": reader.display_name}
    _send("account_notice", reader, subject=_("Your new display name"), text=text)


@site_language()
def name_declined(reader: User, name: str) -> None:
    text = _(
        "We did not accept the display name “%(name)s”. Your comments keep the name “%(current)s”.\n\n"
        "You can choose another one in your account: %(url)s"
    ) % {"name": name, "current": reader.display_name, "url": f"{settings.SITE_URL}/account/name/"}
    _send("account_notice", reader, subject=_("Your display name stays the same"), text=text)


def _send(template: str, user: Any, **context: Any) -> None:
    send_email(template, to=user.email, context={"reader": user, **context})
