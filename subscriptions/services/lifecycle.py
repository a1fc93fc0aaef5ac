"""Subscription lifecycle: end, cancel at the end of the paid period, resume."""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Q, QuerySet

from subscriptions import emails, states
from subscriptions.models import Grant, Subscription, SubscriptionChange, User
from subscriptions.providers import ProviderError, provider_named

# Grace period, so that processing delays don't cut off a reader who has paid.
GRACE_PERIOD = timedelta(hours=36)

logger = logging.getLogger(__name__)
EndReason = Subscription.EndReason


@transaction.atomic
def apply_event(*, subscription: Subscription, event: str, at: datetime, actor: str, note: str = "") -> Subscription:
    """Apply a transition allowed by `states` and log it, with the row locked and reloaded.

    Unsaved changes on `subscription` are ignored: set fields on the returned object.
    Raises IllegalTransition without writing anything.
    """
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    old_status = fresh.status
    fresh.status = states.after(old_status, event)
    if fresh.status == states.ENDED:
        fresh.ended_at = at
    fresh.save(update_fields=["status", "ended_at"])
    SubscriptionChange.objects.create(
        subscription=fresh, at=at, event=event, was=old_status, became=fresh.status, actor=actor[:60], note=note[:200]
    )
    return fresh


def end_due(now: datetime, *, user: User | None = None) -> int:
    """End every subscription past its cancellation or paid period (plus grace). Returns the number ended.

    With `user`, end only theirs, without grace, so that they can buy again at once. Safe to run
    twice, concurrently or late: each is ended once, in its own transaction, dated when it old_status due.
    """
    overdue = Q(cancel_at__lte=now) | Q(period_end__lte=now if user else now - GRACE_PERIOD)
    due: QuerySet[Subscription] = Subscription.objects.live().filter(overdue)
    if user is not None:
        due = due.filter(user=user)
    return sum(_end(pk, overdue) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _end(pk: int, overdue: Q) -> bool:
    subscription = Subscription.objects.select_for_update().live().filter(overdue, pk=pk).first()
    if subscription is None:  # Ended concurrently.
        return False
    canceled = subscription.cancel_at is not None
    ended = apply_event(
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
    """Cancel at the end of the paid period; the reader keeps access until then. Idempotent.

    Raises IllegalTransition if it has ended.
    Our record is authoritative; the provider is notified after the commit, and its failure undoes nothing.
    """
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if fresh.cancel_at is not None:
        return fresh
    fresh = apply_event(subscription=fresh, event="cancel_requested", at=now, actor=actor)
    fresh.cancel_at = fresh.period_end
    fresh.save(update_fields=["cancel_at"])
    fresh.grants.filter(ends_at__gt=fresh.period_end, revoked_at=None).update(ends_at=fresh.period_end)
    emails.canceled(fresh)
    transaction.on_commit(partial(_notify_provider, fresh, "cancel"))
    return fresh


@transaction.atomic
def undo_cancel(*, subscription: Subscription, now: datetime, actor: str = "reader") -> Subscription:
    """Undo a cancellation. Idempotent.

    Raises IllegalTransition once the paid period is over, even if `tick` has not ended it yet.
    """
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if fresh.is_live and fresh.cancel_at is None:
        return fresh
    if fresh.cancel_at is not None and fresh.cancel_at <= now:
        raise states.IllegalTransition("The paid period is over.")
    fresh = apply_event(subscription=fresh, event="cancel_undone", at=now, actor=actor)
    fresh.grants.filter(ends_at=fresh.period_end, revoked_at=None).update(ends_at=fresh.period_end + GRACE_PERIOD)
    fresh.cancel_at = None
    fresh.save(update_fields=["cancel_at"])
    transaction.on_commit(partial(_notify_provider, fresh, "undo_cancel"))
    return fresh


@transaction.atomic
def end_by_editor(*, subscription: Subscription, now: datetime, actor: str, note: str = "") -> Subscription:
    """End the subscription and its access at once. Raises IllegalTransition if it has ended."""
    ended = apply_event(subscription=subscription, event="ended_by_editor", at=now, actor=actor, note=note)
    ended.end_reason = EndReason.ENDED_BY_EDITOR
    ended.save(update_fields=["end_reason"])
    running = Grant.objects.filter(subscription=ended, ends_at__gt=now, revoked_at=None)
    running.update(revoked_at=now, revoked_by=actor[:60])
    emails.ended(ended)
    return ended


@transaction.atomic
def end_with_account(*, user: User, now: datetime) -> bool:
    """End the subscription and all access of a reader who deletes the account. Returns whether they had one.

    Sends no email. The provider is notified after the commit, as by `cancel`.
    """
    live = Subscription.objects.select_for_update().live().filter(user=user).first()
    if live is not None:
        ended = apply_event(subscription=live, event="account_deleted", at=now, actor="reader")
        ended.end_reason = EndReason.ACCOUNT_DELETED
        ended.save(update_fields=["end_reason"])
        transaction.on_commit(partial(_notify_provider, ended, "cancel"))
    Grant.objects.filter(user=user, ends_at__gt=now, revoked_at=None).update(revoked_at=now, revoked_by="reader")
    return live is not None


def _notify_provider(subscription: Subscription, method: str) -> None:
    """Notify the provider outside the transaction. Failures are logged; our record stays as it is."""
    key = f"{method}:{subscription.uuid}:{subscription.changes.count()}"
    try:
        getattr(provider_named(subscription.provider), method)(subscription, key=key)
    except ProviderError:
        logger.exception(
            "Notifying %s of %s failed for subscription %s", subscription.provider, method, subscription.pk
        )
