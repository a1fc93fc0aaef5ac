"""The life of a subscription: ending, cancelling at the end of the paid time, undoing that."""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from subscriptions import emails, states
from subscriptions.models import Grant, Subscription, SubscriptionChange, User
from subscriptions.providers import ProviderError, provider_named

# Our own latency must not cut off a reader whose money is on its way.
SLACK = timedelta(hours=36)

logger = logging.getLogger(__name__)
EndReason = Subscription.EndReason


@transaction.atomic
def move(*, subscription: Subscription, event: str, at: datetime, actor: str, note: str = "") -> Subscription:
    """Do what `states` allows and write it into the ledger; the row is locked and read again first.

    Fields that the caller set on `subscription` are not saved: set them on what is returned.
    Raises IllegalTransition, with nothing written.
    """
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    was = fresh.status
    fresh.status = states.after(was, event)
    if fresh.status == states.ENDED:
        fresh.ended_at = at
    fresh.save(update_fields=["status", "ended_at"])
    SubscriptionChange.objects.create(
        subscription=fresh, at=at, event=event, was=was, became=fresh.status, actor=actor[:60], note=note[:200]
    )
    return fresh


def end_due(now: datetime, *, user: User | None = None) -> int:
    """End every subscription whose cancellation or paid time (and slack) is over; returns how many it ended.

    With `user`, only theirs, and without slack: somebody who wants to buy again need not wait. Safe to run
    twice, at once, or a week late: each is ended once, in a transaction of its own, dated when it was due.
    """
    over = Q(cancel_at__lte=now) | Q(period_end__lte=now if user else now - SLACK)
    due: QuerySet[Subscription] = Subscription.objects.live().filter(over)
    if user is not None:
        due = due.filter(user=user)
    return sum(_end(pk, over) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _end(pk: int, over: Q) -> bool:
    subscription = Subscription.objects.select_for_update().live().filter(over, pk=pk).first()
    if subscription is None:  # somebody else ended it meanwhile
        return False
    canceled = subscription.cancel_at is not None
    ended = move(
        subscription=subscription,
        event="cancel_reached" if canceled else "term_over",
        at=subscription.cancel_at or subscription.period_end,
        actor="clock",
    )
    ended.end_reason = EndReason.CANCELED if canceled else EndReason.TERM_OVER
    ended.save(update_fields=["end_reason"])
    emails.ended(ended)
    return True


@transaction.atomic
def cancel(*, subscription: Subscription, now: datetime, actor: str = "reader") -> Subscription:
    """Stop at the end of the paid time: the reader reads until then. Cancelling again changes nothing.

    Raises IllegalTransition where it has ended.
    Our own record is what counts; the provider is told after the commit, and its silence undoes nothing.
    """
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if fresh.cancel_at is not None:
        return fresh
    fresh = move(subscription=fresh, event="cancel_requested", at=now, actor=actor)
    fresh.cancel_at = fresh.period_end
    fresh.save(update_fields=["cancel_at"])
    fresh.grants.filter(ends_at__gt=fresh.period_end, revoked_at=None).update(ends_at=fresh.period_end)
    emails.canceled(fresh)
    transaction.on_commit(partial(_tell, fresh, "cancel"))
    return fresh


@transaction.atomic
def undo_cancel(*, subscription: Subscription, now: datetime, actor: str = "reader") -> Subscription:
    """As if it had not been cancelled. Undoing again changes nothing.

    Raises IllegalTransition once it has ended, or would have: the clock may be late, the reader's time is over.
    """
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if fresh.is_live and fresh.cancel_at is None:
        return fresh
    if fresh.cancel_at is not None and fresh.cancel_at <= now:
        raise states.IllegalTransition("The paid time is over.")
    fresh = move(subscription=fresh, event="cancel_undone", at=now, actor=actor)
    fresh.grants.filter(ends_at=fresh.period_end, revoked_at=None).update(ends_at=fresh.period_end + SLACK)
    fresh.cancel_at = None
    fresh.save(update_fields=["cancel_at"])
    transaction.on_commit(partial(_tell, fresh, "undo_cancel"))
    return fresh


@transaction.atomic
def end_by_editor(*, subscription: Subscription, now: datetime, actor: str, note: str = "") -> Subscription:
    """End it at once, with the access that it gave. Raises IllegalTransition where it has ended."""
    ended = move(subscription=subscription, event="ended_by_editor", at=now, actor=actor, note=note)
    ended.end_reason = EndReason.ENDED_BY_EDITOR
    ended.save(update_fields=["end_reason"])
    running = Grant.objects.filter(subscription=ended, ends_at__gt=now, revoked_at=None)
    running.update(revoked_at=now, revoked_by=actor[:60])
    emails.ended(ended)
    return ended


def _tell(subscription: Subscription, what: str) -> None:
    """Tell the provider, outside the transaction; a failure is logged and leaves our record as it is."""
    key = f"{what}:{subscription.uuid}:{subscription.changes.count()}"
    try:
        getattr(provider_named(subscription.provider), what)(subscription, key=key)
    except ProviderError:
        logger.exception("%s was not told of %s for subscription %s", subscription.provider, what, subscription.pk)
