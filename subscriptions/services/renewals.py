"""Apply the state of a subscription that its provider renews: one grant and one payment for each paid invoice."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from subscriptions import emails, states
from subscriptions.models import Grant, Order, Price, Subscription
from subscriptions.providers.base import InvoiceState, SubscriptionState
from subscriptions.services import lifecycle, provider_requests
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

    Idempotent. Only the provider ends a subscription that it renews. Returns None if no order of ours started it.
    Raises OutdatedState if the row has changed since.
    """
    # Locking the order first lets only one process create the subscription.
    order = Order.objects.select_for_update(of=("self",)).filter(provider=provider, uuid=state.order).first()
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
    subscription.version += 1
    subscription.synced_at = now
    subscription.save(update_fields=["version", "synced_at"])
    if _is_unwanted(subscription, order):
        for invoice in state.invoices:
            record_surplus(subscription, invoice, now)
        return subscription
    owed = [invoice for invoice in state.invoices if not _ended_before(subscription, invoice)]
    new = [invoice for invoice in owed if _record(subscription, order, invoice, now)]
    for invoice in state.invoices:
        if invoice not in owed:
            record_surplus(subscription, invoice, now)
    for failed in state.failed_payments:
        record_failed_payment(subscription, order, failed, now)
    subscription.refresh_from_db()  # A refund or chargeback may have ended it.
    _apply_price(subscription, owed, state, now)
    _apply_status(subscription, order, owed, new, state, now)
    _apply_cancellation(subscription, state, now)
    _apply_details(subscription, state)
    subscription.refresh_from_db()
    if order.is_open and state.invoices:
        settle_order(order, now)
        emails.welcome(order, subscription)
    return subscription


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
        fields |= {
            "status": states.ENDED,
            "ended_at": now,
            "end_reason": EndReason.REPLACED,
        }
    subscription = Subscription.objects.create(**fields)
    if not wanted:
        provider_requests.send(subscription, Subscription.Request.END)
    return subscription


def _is_unwanted(subscription: Subscription, order: Order) -> bool:
    """Whether it was recorded as ended when it was created: no event was ever applied to it."""
    return subscription.end_reason == EndReason.REPLACED and not subscription.changes.exists()


def _record(subscription: Subscription, order: Order, invoice: InvoiceState, now: datetime) -> bool:
    """Grant access for the span of a paid invoice and record its payment, once. Returns whether it is new."""
    price = Price.objects.select_related("plan__tier").filter(pk=invoice.price_id).first() or subscription.price
    # A charge that was postponed, because access was paid for in another way, may come a little late.
    postponed = invoice.is_trial and not order.trial_days
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


def _ended_before(subscription: Subscription, invoice: InvoiceState) -> bool:
    """Whether the invoice was charged before the provider had heard of the end or of a cancellation."""
    end = subscription.ended_at
    if end is None and subscription.provider_request == Subscription.Request.CANCEL:
        end = subscription.cancel_at
    return end is not None and invoice.period_start >= end


def _apply_price(
    subscription: Subscription, invoices: list[InvoiceState], state: SubscriptionState, now: datetime
) -> None:
    """The price of the last paid invoice is the present one; the provider's own is that of the next invoice."""
    if subscription.status == states.ENDED:
        return
    paid_ids = [invoice.price_id for invoice in invoices if invoice.price_id is not None]
    prices = Price.objects.in_bulk({pk for pk in [*paid_ids[-1:], state.price_id] if pk is not None})
    paid = prices.get(paid_ids[-1]) if paid_ids else None
    upcoming = prices.get(state.price_id) if state.price_id is not None else None
    if paid is not None and paid.pk != subscription.price_id and subscription.status != states.PENDING:
        changed = lifecycle.apply_event(
            subscription=subscription, event="plan_changed", at=now, actor=subscription.provider, price=paid
        )
        emails.plan_changed(changed)
        subscription.refresh_from_db()
    differs = upcoming is not None and upcoming.pk != subscription.price_id
    subscription.next_price = upcoming if differs else None
    subscription.save(update_fields=["next_price"])


def _apply_status(
    subscription: Subscription,
    order: Order,
    invoices: list[InvoiceState],
    new: list[InvoiceState],
    state: SubscriptionState,
    now: datetime,
) -> None:
    """Log the events that lead from our status to the provider's, and send their emails."""
    if subscription.status == states.ENDED:
        return
    if invoices:
        subscription.period_start, subscription.period_end = invoices[-1].period_start, invoices[-1].period_end
        subscription.save(update_fields=["period_start", "period_end"])
    # The reader has paid in another way until an extension begins.
    paid = order.kind == Order.Kind.EXTENSION or any(not invoice.is_trial for invoice in invoices)
    is_new = any(not invoice.is_trial for invoice in new)
    for event in _events(subscription.status, state.status, paid=paid, is_new=is_new):
        fresh = lifecycle.apply_event(subscription=subscription, event=event, at=now, actor=subscription.provider)
        subscription.status = fresh.status
        if event == "trial_started":
            emails.trial_started(fresh)
        elif event == "payment_failed":
            _give_grace(subscription, now)
            emails.payment_failed(subscription)
        else:
            subscription.past_due_since = None
            subscription.save(update_fields=["past_due_since"])
            lifecycle.end_grace(subscription, now)
    if state.status == states.ENDED:
        _end(subscription, state, now)


def _events(ours: str, theirs: str, *, paid: bool, is_new: bool) -> list[str]:
    """Return the events between two statuses. A provider may call a postponed charge a trial; paid is paid."""
    events = []
    if ours in (states.PENDING, states.TRIALING) and paid:
        events.append("first_paid")
    elif ours == states.PENDING:
        events.append("trial_started")
    elif is_new or (ours == states.PAST_DUE and theirs in (states.ACTIVE, states.TRIALING)):
        events.append("renewed")
    if theirs == states.PAST_DUE and (events or ours != states.PAST_DUE):
        events.append("payment_failed")
    return events


def _give_grace(subscription: Subscription, now: datetime) -> None:
    """Let the reader read on while the provider retries the renewal."""
    subscription.past_due_since = now
    subscription.save(update_fields=["past_due_since"])
    start = subscription.period_end
    Grant.objects.get_or_create(
        source=Grant.Source.GRACE,
        source_key=f"{subscription.uuid}:{start:%Y-%m-%dT%H:%M}",
        defaults={
            "user_id": subscription.user_id,
            "level": subscription.price.plan.tier.level,
            "may_comment": subscription.price.plan.tier.may_comment,
            "starts_at": start,
            "ends_at": max(start, now) + timedelta(days=settings.GRACE_DAYS),
            "subscription": subscription,
        },
    )


def _end(subscription: Subscription, state: SubscriptionState, now: datetime) -> None:
    if subscription.is_past_due:
        event, reason = "unpaid", EndReason.UNPAID
    elif subscription.cancel_at is not None and subscription.cancel_at <= now:
        event, reason = "cancel_reached", EndReason.CANCELED
    else:
        event, reason = "ended_by_provider", EndReason.CANCELED
    at = state.ended_at or now
    ended = lifecycle.apply_event(
        subscription=subscription, event=event, at=at, actor=subscription.provider, end_reason=reason
    )
    lifecycle.end_grace(ended, now)
    lifecycle.cut_processing_time(ended)
    subscription.status = ended.status
    emails.ended(ended)


def _apply_cancellation(subscription: Subscription, state: SubscriptionState, now: datetime) -> None:
    """Take over a cancellation made or undone at the provider, unless it has not heard of ours yet."""
    if subscription.status == states.ENDED or subscription.provider_request or state.status == states.ENDED:
        return
    if state.cancel_at is not None and subscription.cancel_at is None:
        fresh = lifecycle.apply_event(
            subscription=subscription, event="cancel_requested", at=now, actor=subscription.provider
        )
        fresh.cancel_at = state.cancel_at
        fresh.save(update_fields=["cancel_at"])
        lifecycle.cut_processing_time(fresh)
        emails.canceled(fresh)
    elif state.cancel_at is None and subscription.cancel_at is not None:
        fresh = lifecycle.apply_event(
            subscription=subscription, event="cancel_undone", at=now, actor=subscription.provider
        )
        fresh.cancel_at = None
        fresh.save(update_fields=["cancel_at"])
        lifecycle.restore_processing_time(fresh)


def _apply_details(subscription: Subscription, state: SubscriptionState) -> None:
    known = Subscription.objects.filter(pk=subscription.pk)
    known.update(card=state.card, card_expires_on=state.card_expires_on)
