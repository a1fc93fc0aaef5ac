"""Withdrawing from the contract of an order within 14 days: it ends at once, and its refund is prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import Declaration, Grant, Order, Payment, Refund, Subscription, User
from subscriptions.models.notice import Due, pays_back, unused
from subscriptions.money import Money
from subscriptions.services import lifecycle, refunds
from subscriptions.services.stale_orders import cancel_order, close_checkout
from subscriptions.services.undoing import SITE, changes, release_contract, snapshot
from truthlytics.publication import get_publication
from truthlytics.publication.models import Publication

DAYS = 14
# The newest orders of a reader, which the account shows.
SHOWN = 3
SATURDAY = 5


class CannotWithdraw(Exception):
    """The order can't be withdrawn from; the text is for the reader."""


@dataclass(frozen=True, slots=True)
class Contract:
    """An order as its reader’s account shows it. `withdrawn` is the withdrawal, if there was one."""

    order: Order
    last_day: date
    withdrawn: Declaration | None
    can_withdraw: bool


def withdrawal_ends(concluded: datetime) -> datetime:
    """Return when the time to withdraw from a contract is over, in the publication’s time zone.

    The day of the contract does not count. If the last of the 14 days is a Saturday or Sunday, it ends with Monday.
    """
    last = timezone.localdate(concluded) + timedelta(days=DAYS)
    if last.weekday() >= SATURDAY:
        last += timedelta(days=7 - last.weekday())
    return timezone.make_aware(datetime.combine(last + timedelta(days=1), time()))


def ends_at(order: Order) -> datetime:
    """Return when the time to withdraw from `order` is over: 14 days from its payment, or from the unpaid order."""
    return withdrawal_ends(order.paid_at or order.placed_at)


def contracts_of(user: User, now: datetime) -> list[Contract]:
    """Return the newest orders of `user` that are paid or await a transfer. Three queries."""
    orders = Order.objects.filter(user=user).exclude(status=Order.Status.CANCELLED)
    orders = orders.select_related("terms_version", "withdrawal_version").prefetch_related("declarations", "payments")
    found = []
    for order in orders.order_by("-placed_at", "-pk")[:SHOWN]:
        if order.is_paid or order.awaits_transfer:
            made = [made for made in order.declarations.all() if made.is_withdrawal and made.undone_at is None]
            withdrawn = made[0] if made else None
            possible = withdrawn is None and not refusal(order, now)
            last_day = timezone.localdate(ends_at(order) - timedelta(microseconds=1))
            found.append(Contract(order, last_day, withdrawn, possible))
    return found


def refusal(order: Order, at: datetime) -> str:
    """Return why a withdrawal declared at that time does not hold, "" if it does."""
    if order.awaits_transfer:
        return ""
    if not order.is_paid:
        return _("This order is not in force, so there is nothing to withdraw from.")
    if at >= ends_at(order):
        return _("The 14 days to withdraw from this order are over. You can cancel your subscription.")
    paid = [payment for payment in order.payments.all() if payment.status == Payment.Status.SUCCEEDED]
    if paid and all(payment.is_refunded for payment in paid):
        return _("This order is already refunded.")
    return ""


def withdraw(
    *, order: Order, now: datetime, declaration: Declaration | None = None, accepts_late: bool = False
) -> Declaration:
    """Withdraw from the contract of `order`, once: end its access and charges, and confirm it by email.

    Without a `declaration`, its reader declares it now, in the account. `accepts_late` is for editors. A second
    withdrawal from the order returns the first. Raises CannotWithdraw.
    """
    try:
        return _withdraw(order.pk, now, declaration, accepts_late)
    except IntegrityError:  # Declared twice at the same moment.
        return Declaration.objects.withdrawals().in_force().get(order=order)


@transaction.atomic
def _withdraw(pk: int, now: datetime, declaration: Declaration | None, accepts_late: bool) -> Declaration:
    order = Order.objects.select_for_update(of=("self",)).select_related("user").get(pk=pk)
    if (made := Declaration.objects.withdrawals().in_force().filter(order=order).first()) is not None:
        return made
    made = declaration or _declared_in_account(order, now)
    reason = refusal(order, made.declared_at)
    if reason and not (accepts_late and order.is_paid):
        raise CannotWithdraw(reason)
    made.order, made.user = order, order.user
    made.deducts_use, made.effective_at = deducts_use(order), made.declared_at
    made.save()
    payments = contract_payments(order)
    before = snapshot(order, payments)
    _end_contract(order, now)
    made.changed_rows = changes(before, snapshot(order, payments))
    # What was paid in another system, an editor pays back there.
    if not refunds_due(made) and order.kind != Order.Kind.MOVED:
        made.handled_at, made.handled_by = now, SITE
    made.save(update_fields=["changed_rows", "handled_at", "handled_by"])
    emails.declared(made)
    return made


def deducts_use(order: Order) -> bool:
    """Whether the refund is less the days until the withdrawal: only if the reader asked for an immediate start."""
    deducts = get_publication().withdrawal_refund == Publication.WithdrawalRefund.UNUSED
    return deducts and order.start_agreed_at is not None


def _declared_in_account(order: Order, now: datetime) -> Declaration:
    reader = order.user
    return Declaration(
        kind=Declaration.Kind.WITHDRAWAL, declared_at=now, name=reader.display_name[:100], email=reader.email,
        contract=str(order.number), in_account=True, sender_known_at=now, sender_known_by=Declaration.IN_ACCOUNT,
    )  # fmt: skip


def _end_contract(order: Order, now: datetime) -> None:
    """End the access that the order gave, and everything that its provider would still charge."""
    live = Subscription.objects.select_for_update(of=("self",)).live().filter(user=order.user_id).first()
    if order.is_open:
        cancel_order(order)
        transaction.on_commit(partial(close_checkout, order, now), robust=True)
    paid = contract_payments(order)
    if live is not None and live.has_contract and any(payment.subscription_id == live.pk for payment in paid):
        _begin_gifts(live, now)
    for payment in paid:
        refunds.end_access(payment, now, by="reader", event="withdrawn")
    if order.kind == Order.Kind.GIFT or live is None:
        return
    live.refresh_from_db()
    began_here = not paid and (
        order.kind == Order.Kind.MOVED or (order.kind == Order.Kind.SUBSCRIPTION and live.is_trial)
    )
    if began_here:
        lifecycle.end_with_refund(subscription=live, now=now, event="withdrawn", actor="reader")
    elif live.is_live and live.has_contract and live.cancel_at is None and order.renews:
        # Time that was paid for in another way stays.
        lifecycle.cancel(subscription=live, now=now, tells_reader=False, at_period_end=True)
    live.refresh_from_db()
    if not live.is_live:
        lifecycle.revoke_access(Grant.objects.filter(subscription=live), now=now, by="reader")


def _begin_gifts(contract: Subscription, now: datetime) -> None:
    """Begin the gifts now, one after the other, that were to follow the paid period of a withdrawn contract.

    They have nothing to do with it any more, so that it ends at once, and is not charged after them.
    """
    start = now
    gifts = contract.grants.filter(source=Grant.Source.GIFT, ends_at__gt=now, revoked_at=None)
    for gift in gifts.select_for_update().order_by("starts_at"):
        if gift.starts_at > start:
            gift.starts_at, gift.ends_at = start, start + (gift.ends_at - gift.starts_at)
        gift.subscription = None
        gift.save(update_fields=["starts_at", "ends_at", "subscription"])
        start = gift.ends_at


def contract_payments(order: Order) -> Sequence[Payment]:
    """Return what was paid for the contract of `order`: its payment, and those of renewals since."""
    first = Payment.objects.filter(order=order, status=Payment.Status.SUCCEEDED).first()
    if first is None:
        return []
    if first.subscription_id is None:
        return [first]
    renewals = Q(order=None, subscription=first.subscription_id, recorded_at__gte=first.recorded_at)
    paid = Payment.objects.filter(Q(pk=first.pk) | renewals, status=Payment.Status.SUCCEEDED)
    return list(paid.select_related("subscription", "order").order_by("-recorded_at", "-pk"))


def refunds_due(declaration: Declaration) -> list[Due]:
    """Return what a declaration still gives back, payment by payment; a cancellation for the time after its end."""
    if declaration.undone_at is not None:
        return []
    if not declaration.is_withdrawal:
        cancelled, end = declaration.subscription, declaration.effective_at
        return pays_back(cancelled, end) if cancelled is not None and end is not None else []
    if declaration.order is None:
        return []
    found = []
    for payment in contract_payments(declaration.order):
        owed = unused(payment, declaration.declared_at) if declaration.deducts_use else payment.minor
        left = min(owed - payment.refunded_minor, payment.refundable.minor)
        if left > 0 and payment.dispute not in (Payment.Dispute.OPEN, Payment.Dispute.LOST):
            found.append(Due(payment, Money(left, payment.currency)))
    return found


def refund(*, declaration: Declaration, by: str) -> list[Refund]:
    """Pay back what the declaration gives back, once, and return the refunds. Not atomic: providers are called.

    Raises CannotRefund. If a provider refuses, the declaration waits again.
    """
    claimed = Declaration.objects.waiting().filter(pk=declaration.pk)
    if not claimed.update(handled_at=timezone.now(), handled_by=by[:60]):
        return []
    try:
        made = [
            refunds.refund(payment=due.payment, amount=due.amount, by=by, reason=str(declaration.get_kind_display()))
            for due in refunds_due(declaration)
        ]
    except refunds.CannotRefund:
        _wait_again(declaration)
        raise
    if any(refund.status == Refund.Status.FAILED for refund in made):
        _wait_again(declaration)
    elif made:
        release_contract(declaration)
    return made


def _wait_again(declaration: Declaration) -> None:
    Declaration.objects.filter(pk=declaration.pk).update(handled_at=None, handled_by="")
