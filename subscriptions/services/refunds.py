"""Refunds and chargebacks: money is reserved before the provider is asked, so that it is never paid back twice."""

import logging
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import Gift, Grant, Payment, Refund, Subscription
from subscriptions.models.by_hand import settled_by_hand
from subscriptions.money import Money
from subscriptions.providers import ProviderError, provider_named
from subscriptions.providers.base import KeyRefused, PaymentState, RefundState, Unavailable
from subscriptions.providers.manual import Manual
from subscriptions.services import gifts, lifecycle, receipts
from subscriptions.services.checkout_failures import note_refused_key, without_secrets
from truthlytics.events.models import Kind
from truthlytics.events.services.adding import add_events, new_event

logger = logging.getLogger(__name__)
Status = Refund.Status


class CannotRefund(Exception):
    """The refund is not possible; the text is for the newsroom."""


def refund(*, payment: Payment, amount: Money, by: str, reason: str = "", keeps_access: bool = False) -> Refund:
    """Pay back `amount` of the payment, and return the refund.

    Its status is `done`, `failed` if the provider refused it, or `requested`: the provider did not answer, or did not
    accept our key, and is asked again by `tick`, or the money has to be transferred by hand (see `mark_transferred`). A
    payment that is refunded completely ends the access it paid for and its subscription (see `subscription_to_end`),
    unless the refund that completes it `keeps_access`. Not atomic: the provider is called between two transactions.
    Raises CannotRefund.
    """
    now = timezone.now()
    reserved = _reserve(payment=payment, amount=amount, by=by, reason=reason, keeps_access=keeps_access, now=now)
    return reserved if reserved.awaits_transfer else _ask(reserved, now)


def mark_transferred(*, refund: Refund, by: str) -> bool:
    """Record that a refund by bank transfer was sent. Returns False if that was recorded before.

    Not atomic, like `refund`. Raises CannotRefund for a refund that isn't made by transfer.
    """
    provider = provider_named(refund.payment.provider)
    if not isinstance(provider, Manual):
        raise CannotRefund(_("This refund isn’t made by bank transfer."))
    refund.refresh_from_db()
    if not refund.awaits_transfer:
        return False
    now = timezone.now()
    state = provider.refund(refund.payment, refund.money, key=str(refund.key))
    return _complete(refund.pk, state, now, by=by)


def withdraw(*, refund: Refund) -> bool:
    """Withdraw a refund by bank transfer that was not sent. Returns False if it was sent or withdrawn before."""
    if not refund.awaits_transfer:
        return False
    return _release(refund.pk, "")


def repeat_requested(now: datetime) -> int:
    """Ask providers again for refunds they have not answered. Returns the number that are settled now.

    Asks first whether the refund was made: a provider remembers the key of a request only for a while.
    """
    waiting = Refund.objects.filter(status=Status.REQUESTED).exclude(payment__provider__in=settled_by_hand())
    settled = 0
    for requested in waiting.select_related("payment"):
        _fetch(requested.payment)
        requested.refresh_from_db()
        if requested.status == Status.REQUESTED:
            requested = _ask(requested, now)
        settled += requested.status != Status.REQUESTED
    return settled


@transaction.atomic
def record(payment: Payment, states: Iterable[RefundState]) -> None:
    """Record the refunds that the provider reports, including those made there. Idempotent."""
    now = timezone.now()
    payment = _locked(payment)
    for state in states:
        known = _known(payment, state) or _made_elsewhere(payment, state, now)
        if known is not None:
            _complete(known.pk, state, now)


@transaction.atomic
def charged_back(payment: Payment) -> None:
    """End the access that the payment paid for and its subscription, at the provider too, and tell the newsroom.

    Idempotent.
    """
    if payment.status == Payment.Status.SUCCEEDED:
        now = timezone.now()
        _revoke(payment, now, by=payment.provider)
        if payment.subscription is not None:
            lifecycle.end_with_refund(
                subscription=payment.subscription, now=now, event="charged_back", actor=payment.provider
            )
    emails.chargeback(payment)


@transaction.atomic
def _reserve(*, payment: Payment, amount: Money, by: str, reason: str, keeps_access: bool, now: datetime) -> Refund:
    if amount.currency != payment.currency or amount.minor <= 0:
        raise CannotRefund(_("Enter an amount in %(currency)s.") % {"currency": payment.currency})
    payment.refresh_from_db()
    if payment.dispute in (Payment.Dispute.OPEN, Payment.Dispute.LOST):
        raise CannotRefund(_("The reader’s bank has already reversed this payment, so it can’t be refunded."))
    if not _take(payment, amount.minor):
        payment.refresh_from_db()
        raise CannotRefund(_("At most %(amount)s of this payment can be refunded.") % {"amount": payment.refundable})
    return Refund.objects.create(
        payment=payment,
        minor=amount.minor,
        by=by[:60],
        reason=reason[:200],
        keeps_access=keeps_access,
        requested_at=now,
    )


def _take(payment: Payment, minor: int) -> bool:
    """Add `minor` to the refunded amount in one statement, unless that is more than was paid."""
    paid = Payment.objects.filter(pk=payment.pk, status__in=[Payment.Status.SUCCEEDED, Payment.Status.SURPLUS])
    return bool(paid.filter(minor__gte=F("refunded_minor") + minor).update(refunded_minor=F("refunded_minor") + minor))


def _ask(requested: Refund, now: datetime) -> Refund:
    """Ask the provider, outside a transaction, and record the answer."""
    payment = requested.payment
    try:
        state = provider_named(payment.provider).refund(payment, requested.money, key=str(requested.key))
    except (Unavailable, KeyRefused) as error:
        # An earlier request may have been answered without our hearing it, so that a refused key decides nothing.
        logger.warning("Refund %s of payment %s is not answered: %s", requested.pk, payment.pk, error)
        note_refused_key(payment.provider, error)
        Refund.objects.filter(pk=requested.pk, status=Status.REQUESTED).update(error=without_secrets(str(error))[:200])
    except ProviderError as error:
        _release(requested.pk, str(error))
        _fetch(payment)  # Someone may have refunded it at the provider.
    else:
        _complete(requested.pk, state, now)
    requested.refresh_from_db()
    payment.refresh_from_db()
    return requested


def _fetch(payment: Payment) -> None:
    """Record the refunds of `payment` that the provider knows. Failures are logged."""
    try:
        for state in _payments_with(payment):
            if state.ref == payment.provider_ref:
                record(payment, state.refunds)
    except ProviderError as error:
        logger.exception("Payment %s could not be fetched", payment.pk)
        note_refused_key(payment.provider, error)


def _payments_with(payment: Payment) -> Iterable[PaymentState]:
    provider = provider_named(payment.provider)
    owner = provider.payment_owner(payment.provider_ref)
    if owner.kind == "subscription":
        invoices = provider.subscription_state(owner.ref).invoices
        return [invoice.payment for invoice in invoices if invoice.payment is not None]
    return provider.checkout_state(owner.ref).payments if owner.kind == "checkout" else ()


@transaction.atomic
def _release(pk: int, error: str) -> bool:
    """Withdraw a requested refund; its amount can be refunded again."""
    released = Refund.objects.filter(pk=pk, status=Status.REQUESTED).update(status=Status.FAILED, error=error[:200])
    if released:
        given_up = Refund.objects.get(pk=pk)
        Payment.objects.filter(pk=given_up.payment_id).update(refunded_minor=F("refunded_minor") - given_up.minor)
    return bool(released)


@transaction.atomic
def _complete(pk: int, state: RefundState, now: datetime, *, by: str = "") -> bool:
    """Record a refund as made, once. Returns whether this call did."""
    _locked(Payment.objects.get(refunds=pk))
    made = {"status": Status.DONE, "provider_ref": state.ref, "done_at": state.at, "error": ""}
    if not Refund.objects.filter(pk=pk, status=Status.REQUESTED).update(**made):
        return False
    refund = Refund.objects.select_related("payment__order", "payment__subscription").get(pk=pk)
    if refund.payment.is_refunded and not refund.keeps_access:
        end_access(refund.payment, now, by=by or refund.by or refund.payment.provider)
    receipts.issue_credit_note(refund=refund)
    reader, currency = refund.payment.user_id, refund.payment.currency
    add_events(
        new_event(Kind.PAYMENT_REFUNDED, id=refund.payment_id, reader=reader, amount=refund.minor, currency=currency)
    )
    emails.refunded(refund)
    return True


def _locked(payment: Payment) -> Payment:
    """Lock the payment after its subscription, in the order in which renewals lock them."""
    if payment.subscription_id is not None:
        Subscription.objects.select_for_update().get(pk=payment.subscription_id)
    return Payment.objects.select_for_update(of=("self",)).get(pk=payment.pk)


def _known(payment: Payment, state: RefundState) -> Refund | None:
    known = list(payment.refunds.all())
    by_ref = next((refund for refund in known if refund.provider_ref == state.ref), None)
    ours = (refund for refund in known if str(refund.key) == state.key and refund.status == Status.REQUESTED)
    return by_ref or next(ours, None)


def _made_elsewhere(payment: Payment, state: RefundState, now: datetime) -> Refund | None:
    """Reserve a refund that was made at the provider. Returns None while one of our own requests holds the amount."""
    if state.amount.currency != payment.currency or not _take(payment, state.amount.minor):
        logger.error("Refund %s of %s doesn’t fit payment %s", state.ref, state.amount, payment.pk)
        return None
    return Refund.objects.create(payment=payment, minor=state.amount.minor, by=payment.provider, requested_at=now)


def end_access(payment: Payment, now: datetime, *, by: str, event: str = "refunded") -> None:
    """End what a refunded or withdrawn payment paid for, and its subscription unless another paid period follows."""
    if payment.status != Payment.Status.SUCCEEDED:
        return
    subscription = payment.subscription
    if not _revoke(payment, now, by=by) or subscription is None:
        return
    if not _bought(subscription, now).exists():
        lifecycle.end_with_refund(subscription=subscription, now=now, event=event, actor=by)
    elif not subscription.has_contract and payment.period_start and payment.period_end:
        last_period = Subscription.objects.filter(pk=subscription.pk, period_end=payment.period_end)
        last_period.update(period_end=payment.period_start, next_price=None, next_price_at=None)


def _revoke(payment: Payment, now: datetime, *, by: str) -> int:
    """Revoke what `payment` paid for: its access, or a gift. Returns the number of grants revoked."""
    gift = Gift.objects.filter(order=payment.order_id).first() if payment.order_id else None
    if gift is not None:
        gifts.take_back(gift, now, by=by)
    return _paid_for(payment, now).update(revoked_at=now, revoked_by=by[:60])


def _paid_for(payment: Payment, now: datetime) -> QuerySet[Grant]:
    """Return the running and future grants that `payment` paid for."""
    paid_for = Q(source=Grant.Source.INVOICE, source_key=payment.invoice_ref)
    if payment.order is not None:
        paid_for |= Q(source=Grant.Source.ORDER, source_key=str(payment.order.uuid))
    return Grant.objects.filter(paid_for, user=payment.user_id, ends_at__gt=now, revoked_at=None)


def _bought(subscription: Subscription, now: datetime) -> QuerySet[Grant]:
    """Return the paid periods of `subscription` that run or follow."""
    bought = [Grant.Source.INVOICE, Grant.Source.ORDER, Grant.Source.GIFT, Grant.Source.MOVED]
    return subscription.grants.filter(source__in=bought, ends_at__gt=now, revoked_at=None)


def subscription_to_end(payment: Payment, now: datetime) -> Subscription | None:
    """Return the subscription that would end if `payment` was refunded completely now; None if none would."""
    subscription = payment.subscription
    if payment.status != Payment.Status.SUCCEEDED or subscription is None or not subscription.is_live:
        return None
    paid_for = _paid_for(payment, now)
    if not paid_for.exists() or _bought(subscription, now).exclude(pk__in=paid_for.values("pk")).exists():
        return None
    return subscription


def gives_access(payment: Payment, now: datetime) -> bool:
    """Return whether a refund of the whole `payment` could end access now: what it has paid for, or a gift."""
    if payment.status != Payment.Status.SUCCEEDED:
        return False
    gift = Gift.objects.filter(order=payment.order_id, refunded_at=None).exists() if payment.order_id else False
    return gift or _paid_for(payment, now).exists()
