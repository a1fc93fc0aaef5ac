"""Declarations made on public pages, without a login: recorded and confirmed at once, applied when the sender is known.

Anyone can type someone else’s address. So a declaration changes nothing before its sender is known: by the link in the
confirmation, by a login, or by an editor’s decision. It then has effect from the time at which it was received. The
worker looks for the account, so that neither the response nor its time tells whether an address is known.
"""

from datetime import date, datetime, timedelta

from django.core import signing
from django.db import transaction
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import Declaration, Order, Subscription, User, notice
from subscriptions.services import lifecycle, withdrawals
from subscriptions.services.sync import sync_if_due
from subscriptions.services.undoing import READER, SITE
from subscriptions.states import IllegalTransition
from truthlytics.publication.language import site_language
from truthlytics.publication.mail import URGENT
from truthlytics.web.dates import local_date

SALT = "subscriptions.declaration"
CONFIRMATION_SALT = "subscriptions.declaration.confirmation"
# How long the link in the confirmation works. An editor has decided long before.
LINK_LIFETIME = timedelta(days=30)


@transaction.atomic
def declare(
    *,
    kind: str,
    name: str,
    email: str,
    contract: str,
    now: datetime,
    reason: str = "",
    ends_on: date | None = None,
    reader: User | None = None,
    tells_sender: bool = True,
) -> Declaration:
    """Record a declaration and return it. The worker confirms it, and applies that of a logged-in `reader`.

    `tells_sender` is False if the address has been sent enough of these emails.
    """
    declaration = Declaration(
        kind=kind, name=name, email=email, contract=contract, reason=reason, ends_on=ends_on, declared_at=now
    )
    if reader is not None:
        declaration.user, declaration.email, declaration.in_account = reader, reader.email, True
        declaration.sender_known_at, declaration.sender_known_by = now, Declaration.IN_ACCOUNT
    declaration.save()
    transaction.on_commit(lambda: receive.enqueue(pk=declaration.pk, tells_sender=tells_sender))
    return declaration


def receipt_token(declaration: Declaration, *, tells_sender: bool = True) -> str:
    """Return a token for the page that says when the declaration was received. It names no one."""
    return signing.dumps([declaration.kind, declaration.declared_at.isoformat(), tells_sender], salt=SALT)


def received(token: str) -> tuple[str, datetime, bool] | None:
    """Return what the token says: the kind, the time, and whether an email confirms it. None if it is invalid."""
    try:
        kind, at, *tells_sender = signing.loads(token, salt=SALT)
    except (signing.BadSignature, ValueError):
        return None
    return str(kind), datetime.fromisoformat(at), all(tells_sender)


def confirmation_token(declaration: Declaration) -> str:
    """Return the token of the link with which the owner of an account’s address says that they sent it."""
    return signing.dumps([declaration.pk, declaration.user_id], salt=CONFIRMATION_SALT)


def declaration_for(token: str) -> Declaration | None:
    """Return the declaration of an emailed link, None if the link is forged or too old, or the account is gone."""
    try:
        pk, user = signing.loads(token, salt=CONFIRMATION_SALT, max_age=LINK_LIFETIME)
    except (signing.BadSignature, ValueError):
        return None
    found = Declaration.objects.filter(pk=pk, user=user, user__is_active=True)
    return found.select_related("user", "order", "subscription").first()


@task(priority=URGENT)
def receive(pk: int, tells_sender: bool = True) -> None:
    """Confirm a declaration by email, once, and apply it if its sender was logged in.

    The account is that of the address, or of the order with the reference that was typed.
    """
    declaration = Declaration.objects.get(pk=pk)
    if declaration.confirmed_at is not None:
        return
    if declaration.sender_known_at is not None:
        settle(declaration, timezone.now())
        return
    declaration.user = _account_of(declaration)
    declaration.save(update_fields=["user"])
    if tells_sender:
        token = confirmation_token(declaration) if declaration.user is not None else ""
        emails.declaration_received(declaration, token)


def _account_of(declaration: Declaration) -> User | None:
    with_address = User.objects.filter(email=declaration.email.lower(), is_active=True).first()
    if with_address is not None:
        return with_address
    order = Order.objects.referred_to(declaration.contract)
    return order.user if order is not None and order.user.is_active else None


def confirm(*, declaration: Declaration, by: str, now: datetime) -> Declaration:
    """Note that the sender is known, once, and apply the declaration. Returns it as it is now.

    `by` is how: `Declaration.BY_EMAIL` or `Declaration.IN_ACCOUNT`. Not atomic, like `settle`.
    """
    unknown = Declaration.objects.from_unknown_senders().filter(pk=declaration.pk)
    unknown.update(sender_known_at=now, sender_known_by=by[:60])
    return settle(declaration, now)


def reject(*, declaration: Declaration, now: datetime) -> bool:
    """Close a declaration that the account’s reader did not send. Returns False if its sender was known before."""
    unknown = Declaration.objects.from_unknown_senders().filter(pk=declaration.pk)
    note = _("The reader did not send it.")
    return bool(unknown.update(handled_at=now, handled_by=READER, note=note))


@site_language()
def settle(declaration: Declaration, now: datetime) -> Declaration:
    """Apply a declaration from a known sender, once, and confirm by email what follows from it.

    Not atomic: a provider is asked first whether it has renewed. What is not found waits for an editor.
    """
    declaration = Declaration.objects.select_related("user").get(pk=declaration.pk)
    subscription = Subscription.objects.live_of(declaration.user) if declaration.user is not None else None
    if subscription is not None and not declaration.is_withdrawal:
        sync_if_due(subscription, now)
    return _settle(declaration.pk, now)


@transaction.atomic
def _settle(pk: int, now: datetime) -> Declaration:
    declaration = Declaration.objects.select_for_update(of=("self",)).select_related("user").get(pk=pk)
    reader = declaration.user
    if reader is None or declaration.sender_known_at is None or declaration.handled_at or declaration.is_applied:
        return declaration
    if declaration.is_withdrawal:
        _withdraw(declaration, reader, now)
    else:
        _cancel(declaration, reader, now)
    emails.declared(declaration)
    return declaration


def _withdraw(declaration: Declaration, reader: User, now: datetime) -> None:
    order = _order_named(declaration, reader, now)
    if order is None:
        return
    try:
        made = withdrawals.withdraw(order=order, now=now, declaration=declaration)
    except withdrawals.CannotWithdraw as refused:
        declaration.order, declaration.note = None, str(refused)[:200]
    else:
        if made.pk == declaration.pk:
            return
        declaration.order, declaration.note = (
            None,
            _("Declared before, on %(day)s.") % {"day": local_date(made.declared_at, "j M Y")},
        )
        declaration.handled_at, declaration.handled_by = now, SITE
    declaration.save(update_fields=["note", "handled_at", "handled_by"])


def _order_named(declaration: Declaration, reader: User, now: datetime) -> Order | None:
    """Return the reader’s order with the number that was typed; without one, the only order that it can be about."""
    mine = Order.objects.filter(user=reader)
    named = list(mine.named_in(declaration.contract)[:2])
    if named or any(character.isdecimal() for character in declaration.contract):
        return named[0] if len(named) == 1 else None
    at = declaration.declared_at
    possible = [contract.order for contract in withdrawals.contracts_of(reader, at) if contract.can_withdraw]
    return possible[0] if len(possible) == 1 and possible[0].placed_at <= at else None


def _cancel(declaration: Declaration, reader: User, now: datetime) -> None:
    """Cancel from the time of the declaration. One for cause, or for a later day, is also left to an editor.

    A subscription that began after the declaration is another contract.
    """
    at = declaration.declared_at
    subscription = Subscription.objects.live_of(reader)
    if subscription is None or subscription.is_gift or subscription.anchor > at:
        return
    if not _wants_later(declaration, subscription):
        cancel_by(declaration, subscription, now)
        if not declaration.reason and not withdrawals.refunds_due(declaration):
            declaration.handled_at, declaration.handled_by = now, SITE
    declaration.save(update_fields=["subscription", "effective_at", "note", "handled_at", "handled_by"])


@transaction.atomic
def decide_withdrawal(*, declaration: Declaration, order: Order, by: str, now: datetime) -> bool:
    """Apply a withdrawal to `order`, for an editor who knows the sender, even after the 14 days.

    Returns False if it, or another withdrawal from this order, was applied before. Raises CannotWithdraw.
    """
    locked = _undecided(declaration, by, now)
    if locked is None:
        return False
    return withdrawals.withdraw(order=order, now=now, declaration=locked, accepts_late=True).pk == locked.pk


def decide_cancellation(*, declaration: Declaration, reader: User, by: str, now: datetime) -> bool:
    """Cancel the subscription of `reader` as declared, for an editor who knows the sender.

    Returns False if that was done before, or there is nothing to cancel. Not atomic, like `settle`.
    """
    subscription = Subscription.objects.live_of(reader)
    if subscription is None or subscription.is_gift:
        return False
    sync_if_due(subscription, now)
    with transaction.atomic():
        locked = _undecided(declaration, by, now)
        if locked is None:
            return False
        locked.user = reader
        cancel_by(locked, subscription, now)
        if not withdrawals.refunds_due(locked):
            locked.handled_at, locked.handled_by = now, SITE
        locked.save()
        emails.declared(locked)
        return locked.subscription is not None


def _undecided(declaration: Declaration, by: str, now: datetime) -> Declaration | None:
    """Lock a declaration that was not applied yet, and return it with its sender known; else None."""
    locked = Declaration.objects.select_for_update(of=("self",)).get(pk=declaration.pk)
    if locked.is_applied or locked.handled_at is not None:
        return None
    if locked.sender_known_at is None:
        locked.sender_known_at, locked.sender_known_by = now, by[:60]
    return locked


def cancel_by(declaration: Declaration, subscription: Subscription, now: datetime) -> None:
    """Cancel `subscription`, and set what the declaration has to say about it. It is saved by the caller.

    Call it in a transaction. If it was cancelled before, the declaration has no effect of its own.
    """
    locked = Subscription.objects.select_for_update(of=("self",)).get(pk=subscription.pk)
    was_cancelled, at = locked.cancel_at is not None, declaration.declared_at
    try:
        cancelled = lifecycle.cancel(subscription=locked, now=now, tells_reader=False, declared_at=at)
    except IllegalTransition:
        declaration.note = _("The subscription has just ended.")
        return
    declaration.subscription = cancelled
    if was_cancelled:
        declaration.note = _("The subscription was cancelled before.")
    else:
        declaration.effective_at = cancelled.cancel_at or notice.ends_at(cancelled, at)


@transaction.atomic
def cancel_in_account(*, subscription: Subscription, now: datetime) -> Subscription:
    """Cancel for a reader who is known, and record the declaration if money is to be paid back.

    Idempotent. Raises IllegalTransition if the subscription has ended.
    """
    locked = Subscription.objects.select_for_update(of=("self",)).select_related("user").get(pk=subscription.pk)
    was_cancelled = locked.cancel_at is not None
    cancelled = lifecycle.cancel(subscription=locked, now=now)
    end = cancelled.cancel_at
    if not was_cancelled and end is not None and notice.pays_back(cancelled, end):
        reader = locked.user
        Declaration.objects.create(
            kind=Declaration.Kind.CANCELLATION, declared_at=now, name=reader.display_name[:100], email=reader.email,
            in_account=True, user=reader, subscription=cancelled, effective_at=end, confirmed_at=now,
            sender_known_at=now, sender_known_by=Declaration.IN_ACCOUNT,
        )  # fmt: skip
    return cancelled


def _wants_later(declaration: Declaration, subscription: Subscription) -> bool:
    return declaration.ends_on is not None and declaration.ends_on > timezone.localdate(subscription.period_end)
