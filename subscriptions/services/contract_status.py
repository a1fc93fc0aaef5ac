"""Follow the status that a provider reports: price, period, failed renewals, cancellation and end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings

from subscriptions import emails, states
from subscriptions.models import Grant, Order, Price, Subscription
from subscriptions.providers.base import InvoiceState, SubscriptionState
from subscriptions.services import lifecycle, provider_requests

EndReason = Subscription.EndReason


def follow(
    subscription: Subscription,
    order: Order,
    state: SubscriptionState,
    *,
    owed: Sequence[InvoiceState],
    new: Sequence[InvoiceState],
    now: datetime,
) -> None:
    """Bring a locked subscription up to date. `owed` are the paid invoices, `new` those recorded just now."""
    _apply_price(subscription, owed, state, now)
    _apply_status(subscription, order, owed, new, state, now)
    _apply_cancellation(subscription, state, now)


def _apply_price(
    subscription: Subscription, invoices: Sequence[InvoiceState], state: SubscriptionState, now: datetime
) -> None:
    """The price of the last paid invoice is the present one; the provider's own is that of the next invoice."""
    if subscription.status == states.ENDED:
        return
    paid_ids = [invoice.price_id for invoice in invoices if invoice.price_id is not None]
    known = {subscription.price_id, *paid_ids[-1:], state.price_id}
    prices = Price.objects.in_bulk(known - {None}) if len(known - {None}) > 1 else {}
    paid = prices.get(paid_ids[-1]) if paid_ids else None
    if paid is not None and paid.pk != subscription.price_id and subscription.status != states.PENDING:
        changed = lifecycle.apply_event(
            subscription=subscription, event="plan_changed", at=now, actor=subscription.provider, price=paid
        )
        emails.plan_changed(changed)
        subscription.refresh_from_db()
    upcoming = state.price_id if state.price_id in prices and state.price_id != subscription.price_id else None
    if subscription.next_price_id != upcoming:
        subscription.next_price_id = upcoming
        subscription.save(update_fields=["next_price"])
        if upcoming is not None and subscription.period_end > now:
            emails.plan_changed(subscription)


def _apply_status(
    subscription: Subscription,
    order: Order,
    invoices: Sequence[InvoiceState],
    new: Sequence[InvoiceState],
    state: SubscriptionState,
    now: datetime,
) -> None:
    """Log the events that lead from our status to the provider's, and send their emails."""
    if subscription.status == states.ENDED:
        return
    if invoices and invoices[-1].period_end != subscription.period_end:
        subscription.period_start, subscription.period_end = invoices[-1].period_start, invoices[-1].period_end
        subscription.save(update_fields=["period_start", "period_end"])
    # The reader has paid in another way until an extension, or a contract from another system, begins.
    paid_before = order.kind == Order.Kind.EXTENSION or (order.kind == Order.Kind.MOVED and not order.trial_days)
    paid = paid_before or any(not invoice.is_trial for invoice in invoices)
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
    # We may never have seen it past due, if nothing reached us in the meantime.
    if subscription.is_past_due or state.is_unpaid:
        event, reason = "unpaid", EndReason.UNPAID
    elif subscription.cancel_at is not None and subscription.cancel_at <= now:
        event, reason = "cancel_reached", EndReason.CANCELLED
    else:
        event, reason = "ended_by_provider", EndReason.CANCELLED
    at = state.ended_at or now
    ended = lifecycle.apply_event(
        subscription=subscription, event=event, at=at, actor=subscription.provider, end_reason=reason
    )
    lifecycle.end_grace(ended, now)
    lifecycle.cut_processing_time(ended)
    subscription.status = ended.status
    emails.ended(ended)


def _apply_cancellation(subscription: Subscription, state: SubscriptionState, now: datetime) -> None:
    """Take over a cancellation made, moved or undone at the provider, unless it has not received our own yet."""
    if subscription.status == states.ENDED or subscription.provider_request or state.status == states.ENDED:
        return
    if state.cancel_at and subscription.cancel_at and state.cancel_at != subscription.cancel_at:
        if subscription.cancel_at <= now:  # It heard too late, and has begun another period.
            provider_requests.send(subscription, Subscription.Request.END)
        else:
            Subscription.objects.filter(pk=subscription.pk).update(cancel_at=state.cancel_at)
    elif state.cancel_at is not None and subscription.cancel_at is None:
        fresh = lifecycle.apply_event(
            subscription=subscription, event="cancel_requested", at=now, actor=subscription.provider
        )
        fresh.cancel_at = state.cancel_at
        fresh.save(update_fields=["cancel_at"])
        lifecycle.cut_processing_time(fresh)
        emails.cancelled(fresh)
    elif state.cancel_at is None and subscription.cancel_at is not None:
        fresh = lifecycle.apply_event(
            subscription=subscription, event="cancel_undone", at=now, actor=subscription.provider
        )
        end, fresh.cancel_at = subscription.cancel_at, None
        fresh.save(update_fields=["cancel_at"])
        lifecycle.restore_processing_time(fresh, end)
        lifecycle.note_undone(fresh, now, by=subscription.provider)
