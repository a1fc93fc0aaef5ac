"""Apply the state of a subscription that its provider renews: one grant and one payment for each paid invoice."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from subscriptions import emails, states
from subscriptions.models import Grant, Order, Payment, Price, Refund, Subscription
from subscriptions.providers.base import InvoiceState, PaymentState, SubscriptionState
from subscriptions.services import contract_status, lifecycle, provider_requests
from subscriptions.services.fulfilment import (
    record_failed_payment,
    record_invoice_payment,
    record_surplus,
    settle_order,
)

EndReason = Subscription.EndReason


class OutdatedState(Exception):
    """Another process applied a state after this one was requested."""


@transaction.atomic
def apply_state(*, provider: str, state: SubscriptionState, version: int | None, now: datetime) -> Subscription | None:
    """Apply `state`, which was fetched when our row had `version` (None: no row yet).

    Idempotent. Only the provider ends a subscription that it renews. Returns None if none of our orders started it.
    Raises OutdatedState if the row has changed since.
    """
    # Locking the order first lets only one process create the subscription.
    order = order_of(provider, state).select_for_update(of=("self",)).first()
    if order is None:
        return None
    known = Subscription.objects.filter(provider=provider, provider_ref=state.ref)
    subscription = known.select_for_update().first()
    if subscription is None:
        if state.status == states.PENDING or not state.invoices:
            return None
        subscription = _create(order, state, now)
    elif subscription.version != version:
        raise OutdatedState
    state = state.in_our_books(subscription.books_since)
    subscription.version += 1
    subscription.synced_at = now
    subscription.card, subscription.card_expires_on = state.card, state.card_expires_on
    subscription.save(update_fields=["version", "synced_at", "card", "card_expires_on"])
    if _is_unwanted(subscription, order):
        for invoice in state.invoices:
            record_surplus(subscription, invoice, now)
        return subscription
    owed = [invoice for invoice in state.invoices if not _ended_before(subscription, state, invoice)]
    recorded = _recorded(provider, state)
    new = [i for i in owed if i.ref not in recorded and _record(subscription, order, i, now)]
    for invoice in state.invoices:
        if invoice not in owed:
            record_surplus(subscription, invoice, now)
    for failed in state.failed_payments:
        record_failed_payment(subscription, order, failed, now)
    if len(recorded) < len(state.invoices):
        subscription.refresh_from_db()  # A refund or chargeback may have ended it.
    contract_status.follow(subscription, order, state, owed=owed, new=new, now=now)
    subscription.refresh_from_db()
    if order.is_open and state.invoices:
        settle_order(order, now)
        emails.welcome(order, subscription)
    return subscription


def order_of(provider: str, state: SubscriptionState) -> QuerySet[Order]:
    """Return the order that started a contract; none for those of other applications that share the account."""
    try:
        return Order.objects.filter(provider=provider, uuid=UUID(state.order))
    except ValueError:
        return Order.objects.none()


def _create(order: Order, state: SubscriptionState, now: datetime) -> Subscription:
    """Create the subscription that `order` pays for.

    A contract that is not wanted (the order was replaced, or the reader has another subscription) is recorded as ended
    and the provider told to end it; what was paid for it is surplus.
    """
    line = order.lines.select_related("price").get()
    live = Subscription.objects.live().select_for_update().filter(user=order.user_id).first()
    wanted = order.is_open
    if live is not None and order.kind == Order.Kind.EXTENSION and not live.has_contract:
        lifecycle.replace(subscription=live, now=now, actor=order.provider)
    elif live is not None:
        wanted = False
    fields = {
        "user_id": order.user_id,
        "price": line.price,
        "provider": order.provider,
        "provider_ref": state.ref,
        "anchor": state.period_start,
        "period_start": state.period_start,
        "period_end": state.period_end,
    }
    if not wanted:
        fields |= {"status": states.ENDED, "ended_at": now, "end_reason": EndReason.REPLACED}
    subscription = Subscription.objects.create(**fields)
    if not wanted:
        provider_requests.send(subscription, Subscription.Request.END)
    return subscription


def _is_unwanted(subscription: Subscription, order: Order) -> bool:
    """Whether it was recorded as ended when it was created: no event was ever applied to it."""
    return subscription.end_reason == EndReason.REPLACED and not subscription.changes.exists()


def _recorded(provider: str, state: SubscriptionState) -> set[str]:
    """Return the invoices that are recorded completely, with the refunds and the chargeback of their payments."""
    refs = [invoice.ref for invoice in state.invoices]
    granted = set(
        Grant.objects.filter(source=Grant.Source.INVOICE, source_key__in=refs).values_list("source_key", flat=True)
    )
    paid = Payment.objects.filter(provider=provider, invoice_ref__in=refs, status=Payment.Status.SUCCEEDED)
    disputes = dict(paid.values_list("provider_ref", "dispute"))
    refunded = set()
    if any(invoice.payment.refunds for invoice in state.invoices if invoice.payment):
        refunded = set(Refund.objects.filter(payment__in=paid, status="done").values_list("provider_ref", flat=True))

    def is_recorded(payment: PaymentState | None) -> bool:
        if payment is None:
            return True
        known = disputes.get(payment.ref) == payment.dispute
        return known and all(refund.ref in refunded for refund in payment.refunds)

    return {invoice.ref for invoice in state.invoices if invoice.ref in granted and is_recorded(invoice.payment)}


def _record(subscription: Subscription, order: Order, invoice: InvoiceState, now: datetime) -> bool:
    """Grant access for the span of a paid invoice and record its payment, once. Returns whether it is new."""
    price = Price.objects.select_related("plan__tier").filter(pk=invoice.price_id or 0).first() or subscription.price
    # A charge that was postponed, because access was paid for in another way, may come a little late.
    is_trial = order.trial_days and invoice.period_start <= subscription.anchor
    postponed = invoice.is_trial and not is_trial
    slack = timedelta() if subscription.cancel_at else lifecycle.PROCESSING_TIME
    _grant, created = Grant.objects.get_or_create(
        source=Grant.Source.INVOICE,
        source_key=invoice.ref,
        defaults={
            "user_id": subscription.user_id,
            "level": price.plan.tier.level,
            "may_comment": price.plan.tier.may_comment,
            "starts_at": invoice.period_end if postponed else invoice.period_start,
            "ends_at": invoice.period_end + slack,
            "subscription": subscription,
        },
    )
    if invoice.payment is not None:
        record_invoice_payment(subscription, order, invoice, price, now)
    return created


def _ended_before(subscription: Subscription, state: SubscriptionState, invoice: InvoiceState) -> bool:
    """Whether the invoice was charged before the provider had heard of the end or of a cancellation."""
    undone_there = not subscription.provider_request and state.cancel_at is None and state.status != states.ENDED
    ends = [subscription.ended_at, None if undone_there else subscription.cancel_at]
    return any(end is not None and invoice.period_start >= end for end in ends)
