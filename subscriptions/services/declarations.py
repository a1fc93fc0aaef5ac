"""Declarations made on public pages, without a login: recorded at once, applied and confirmed by the worker.

The worker looks for the contract, so that neither the response nor its time tells whether an address is known.
"""

import re
from datetime import date, datetime

from django.core import signing
from django.db import transaction
from django.tasks import task
from django.utils import timezone

from subscriptions import emails
from subscriptions.models import Declaration, Order, Subscription, User
from subscriptions.services import lifecycle
from subscriptions.services.sync import sync_if_due
from subscriptions.services.withdrawals import SITE, CannotWithdraw, withdraw
from subscriptions.states import IllegalTransition
from truthlytics.publication.language import site_language
from truthlytics.web.mail import URGENT

ORDER_NUMBER = re.compile(r"\b\d{4}-\d{5,}\b")
SALT = "subscriptions.declaration"


@transaction.atomic
def declare(
    *, kind: str, name: str, email: str, contract: str, now: datetime, reason: str = "", ends_on: date | None = None
) -> Declaration:
    """Record a declaration and return it. It is applied and confirmed in the worker."""
    declaration = Declaration.objects.create(
        kind=kind, name=name, email=email, contract=contract, reason=reason, ends_on=ends_on, declared_at=now
    )
    transaction.on_commit(lambda: apply.enqueue(pk=declaration.pk))
    return declaration


def receipt_token(declaration: Declaration) -> str:
    """Return a token for the page that says when the declaration was received. It names no one."""
    return signing.dumps([declaration.kind, declaration.declared_at.isoformat()], salt=SALT)


def received(token: str) -> tuple[str, datetime] | None:
    """Return the kind and time in the token, None if it is invalid."""
    try:
        kind, at = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return str(kind), datetime.fromisoformat(at)


@task(priority=URGENT)
def apply(pk: int) -> None:
    """Find the contract that a declaration is about, end it, and confirm the declaration by email, once.

    A cancellation needs the address of the account: readers can undo it. A withdrawal needs the order’s number, too.
    What is not found waits for an editor.
    """
    declaration = Declaration.objects.get(pk=pk)
    if declaration.confirmed_at is not None:
        return
    reader = User.objects.filter(email=declaration.email.lower(), is_active=True).first()
    with site_language():
        if reader is not None and declaration.is_withdrawal:
            _apply_withdrawal(declaration, reader)
        elif reader is not None:
            _apply_cancellation(declaration, reader)
    emails.declared(declaration)


def _apply_withdrawal(declaration: Declaration, reader: User) -> None:
    declaration.user = reader
    number = ORDER_NUMBER.search(declaration.contract)
    order = Order.objects.filter(user=reader, number=number[0]).first() if number else None
    if order is not None:
        try:
            made = withdraw(order=order, now=timezone.now(), declaration=declaration)
        except CannotWithdraw as refused:
            declaration.note = str(refused)[:200]
        else:
            if made.pk == declaration.pk:
                return
            declaration.note = f"Declared before, on {made.declared_at:%-d %b %Y}."
            declaration.handled_at, declaration.handled_by = timezone.now(), SITE
    declaration.save(update_fields=["user", "note", "handled_at", "handled_by"])


def _apply_cancellation(declaration: Declaration, reader: User) -> None:
    """Cancel at the end of the paid period. One for cause, or for a later day, is also left to an editor."""
    now = timezone.now()
    declaration.user = reader
    subscription = Subscription.objects.live_of(reader)
    if subscription is not None and not subscription.is_gift and not _wants_later(declaration, subscription):
        sync_if_due(subscription, now)
        try:
            declaration.subscription = lifecycle.cancel(subscription=subscription, now=now, tells_reader=False)
        except IllegalTransition:
            declaration.note = "The subscription has just ended."
        if not declaration.reason:
            declaration.handled_at, declaration.handled_by = now, SITE
    declaration.save(update_fields=["user", "subscription", "note", "handled_at", "handled_by"])


def _wants_later(declaration: Declaration, subscription: Subscription) -> bool:
    return declaration.ends_on is not None and declaration.ends_on > timezone.localdate(subscription.period_end)
