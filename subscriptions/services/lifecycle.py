"""Subscription lifecycle: state changes with their log, cancelling, undoing, ending."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from subscriptions import emails, states
from subscriptions.models import Grant, Price, Subscription, SubscriptionChange, User, notice
from subscriptions.providers import provider_named
from subscriptions.services import provider_requests
from truthlytics.events.models import Kind
from truthlytics.events.services.adding import add_events, new_event

# Access outlasts a paid period by this, so that processing delays don't cut off a reader who has paid.
PROCESSING_TIME = timedelta(hours=36)
PAYING = (states.ACTIVE, states.PAST_DUE)
# Who settles declarations that need no editor.
BY_SITE = "site"
# Access to which the processing time is added.
PAID = (Grant.Source.ORDER, Grant.Source.INVOICE, Grant.Source.MOVED)

EndReason, Request = Subscription.EndReason, Subscription.Request
# The events that end a subscription together with its payment.
ENDED_WITH_REFUND = {
    "refunded": EndReason.REFUNDED,
    "charged_back": EndReason.CHARGED_BACK,
    "withdrawn": EndReason.WITHDRAWN,
}


@transaction.atomic
def apply_event(
    *,
    subscription: Subscription,
    event: str,
    at: datetime,
    actor: str,
    note: str = "",
    price: Price | None = None,
    provider: str = "",
    end_reason: str = "",
) -> Subscription:
    """Apply a transition allowed by `states` and log it, with the row locked and reloaded.

    `price` and `provider` are the new ones, if they change. Unsaved changes on `subscription` are ignored: set fields
    on the returned object. Raises IllegalTransition without writing anything.
    """
    fresh = Subscription.objects.select_for_update(of=("self",)).select_related("price").get(pk=subscription.pk)
    old_status, old_revenue = fresh.status, _monthly_revenue(fresh)
    fresh.status = states.after(old_status, event)
    if price is not None:
        fresh.price = price
    fresh.provider = provider or fresh.provider
    fresh.ended_at, fresh.end_reason = (at, end_reason) if fresh.status == states.ENDED else (None, "")
    fresh.save(update_fields=["status", "price", "provider", "ended_at", "end_reason"])
    SubscriptionChange.objects.create(
        subscription=fresh,
        at=at,
        event=event,
        was=old_status,
        became=fresh.status,
        actor=actor[:60],
        note=note[:200],
        mrr_minor=_monthly_revenue(fresh) - old_revenue,
        currency=fresh.price.currency,
    )
    if kind := _event_kind(old_status, event, fresh.status):
        add_events(new_event(kind, id=fresh.pk, reader=fresh.user_id, price=fresh.price_id))
    return fresh


def _event_kind(was: str, event: str, became: str) -> Kind | None:
    """Return the kind of the event for other programs; None for a subscription that never started."""
    if became == states.ENDED:
        return None if was == states.PENDING else Kind.SUBSCRIPTION_ENDED
    if was in (states.PENDING, states.ENDED):
        return Kind.SUBSCRIPTION_STARTED
    if event in ("first_paid", "renewed"):
        return Kind.SUBSCRIPTION_RENEWED
    if event == "payment_failed":
        return Kind.SUBSCRIPTION_PAST_DUE
    return Kind.SUBSCRIPTION_CANCELLED if event == "cancel_requested" else Kind.SUBSCRIPTION_CHANGED


def _monthly_revenue(subscription: Subscription) -> int:
    """Return what the subscription adds to the monthly recurring revenue; nothing for trials and gifts."""
    pays = subscription.status in PAYING and not subscription.is_gift
    return subscription.price.monthly_minor if pays else 0


def end_due(now: datetime, *, user: User | None = None) -> int:
    """End every subscription past its cancellation or paid period (plus processing time). Returns the number ended.

    With `user`, end only theirs, without processing time, so that they can buy again at once. Subscriptions that a
    provider renews are ended only when it reports their end: it may still charge. Safe to run twice, concurrently
    or late: each is ended once, in its own transaction, dated when it was due.
    """
    overdue = Q(cancel_at__lte=now) | Q(period_end__lte=now if user else now - PROCESSING_TIME)
    due: QuerySet[Subscription] = Subscription.objects.live().filter(overdue, provider_ref="")
    if user is not None:
        due = due.filter(user=user)
    return sum(_end_if_due(pk, overdue) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _end_if_due(pk: int, overdue: Q) -> bool:
    subscription = Subscription.objects.select_for_update().live().filter(overdue, pk=pk, provider_ref="").first()
    if subscription is None:  # Ended or extended concurrently.
        return False
    cancelled = subscription.cancel_at is not None
    ended = apply_event(
        subscription=subscription,
        event="cancel_reached" if cancelled else "term_over",
        at=subscription.cancel_at or subscription.period_end,
        actor="clock",
        end_reason=EndReason.CANCELLED if cancelled else EndReason.TERM_OVER,
    )
    emails.ended(ended)
    return True


@transaction.atomic
def cancel(
    *,
    subscription: Subscription,
    now: datetime,
    actor: str = "reader",
    tells_reader: bool = True,
    declared_at: datetime | None = None,
    at_period_end: bool = False,
) -> Subscription:
    """Cancel at the end that `notice.ends_at` says, for a declaration received at `declared_at`, by default now.

    The reader keeps access until then. Idempotent. `at_period_end` is for editors: they can't shorten a period.
    `tells_reader` is whether an email confirms it; a declaration is confirmed by one of its own.

    A subscription with an unpaid renewal ends at once, so that it isn't charged again, and so does one that should
    have ended before another period was charged, because the sender of the declaration was not known yet.
    Raises IllegalTransition if it has ended.
    Our record is authoritative; the provider is notified after the commit and, if that fails, again by `tick`.
    """
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    if fresh.cancel_at is not None and fresh.is_live:
        return fresh
    end = fresh.period_end if at_period_end else notice.ends_at(fresh, declared_at or now)
    is_over = end <= now and end < fresh.period_end and fresh.has_contract
    if is_over:
        fresh.cancel_at = end
        fresh.save(update_fields=["cancel_at"])
        revoke_access(fresh.grants.filter(source__in=PAID, starts_at__gte=end), now=now, by=actor)
    if is_over or fresh.is_past_due:
        ended = _end(fresh, event="cancel_reached", reason=EndReason.CANCELLED, now=now, actor=actor)
        if tells_reader:
            emails.ended(ended)
        return ended
    fresh = apply_event(subscription=fresh, event="cancel_requested", at=now, actor=actor)
    fresh.cancel_at = end
    fresh.next_price, fresh.next_price_at = None, None
    fresh.save(update_fields=["cancel_at", "next_price", "next_price_at"])
    cut_processing_time(fresh)
    if tells_reader:
        emails.cancelled(fresh)
    provider_requests.send(fresh, Request.CANCEL)
    return fresh


class PaidBack(states.IllegalTransition):
    """A cancellation can't be undone any more, because money was paid back or an editor has settled it."""


def undo_cancel(*, subscription: Subscription, now: datetime, actor: str = "reader") -> Subscription:
    """Undo a cancellation. Idempotent. Not atomic: a provider that renews is asked first.

    Raises IllegalTransition once the paid period is over, even if it has not been ended yet, and ProviderError if
    the provider doesn't confirm; nothing has changed then.
    """
    fresh = Subscription.objects.get(pk=subscription.pk)
    with transaction.atomic():
        _refuse_if_over(fresh, now)
    if fresh.cancel_at is not None and fresh.has_contract:
        provider_named(fresh.provider).undo_cancel(fresh, key=f"undo:{fresh.uuid}:{fresh.changes.count()}")
    try:
        return _undo_cancel(subscription, now, actor)
    except PaidBack:  # Money was paid back while the provider was asked.
        with transaction.atomic():
            provider_requests.send(Subscription.objects.get(pk=fresh.pk), Request.CANCEL)
        raise


@transaction.atomic
def _undo_cancel(subscription: Subscription, now: datetime, actor: str) -> Subscription:
    fresh = Subscription.objects.select_for_update().get(pk=subscription.pk)
    _refuse_if_over(fresh, now)
    if fresh.cancel_at is None:
        return fresh
    end = fresh.cancel_at
    fresh = apply_event(subscription=fresh, event="cancel_undone", at=now, actor=actor)
    restore_processing_time(fresh, end)
    # A state fetched before the provider had heard of it would cancel again.
    fresh.cancel_at, fresh.provider_request, fresh.version = None, "", fresh.version + 1
    fresh.save(update_fields=["cancel_at", "provider_request", "version"])
    note_undone(fresh, now, by=actor)
    return fresh


def note_undone(subscription: Subscription, now: datetime, *, by: str) -> None:
    """Note on the declarations that cancelled it that this was undone: nothing is paid back for them any more."""
    made = subscription.declarations.filter(undone_at=None)
    made.filter(handled_at=None).update(handled_at=now, handled_by=by[:60])
    made.update(undone_at=now)


def _refuse_if_over(subscription: Subscription, now: datetime) -> None:
    if not subscription.is_live:
        raise states.IllegalTransition("The subscription has ended.")
    if subscription.cancel_at is not None and subscription.cancel_at <= now:
        raise states.IllegalTransition("The paid period is over.")
    # Locked, so that no refund begins meanwhile.
    made = subscription.declarations.select_for_update(of=("self",)).filter(undone_at=None, effective_at__isnull=False)
    if any(declaration.handled_at and declaration.handled_by != BY_SITE for declaration in made):
        raise PaidBack("Money was paid back.")


@transaction.atomic
def end_by_editor(*, subscription: Subscription, now: datetime, actor: str, note: str = "") -> Subscription:
    """End the subscription and its access at once, and stop charging. Raises IllegalTransition if it has ended."""
    ended = _end(
        subscription, event="ended_by_editor", reason=EndReason.ENDED_BY_EDITOR, now=now, actor=actor, note=note
    )
    revoke_access(Grant.objects.filter(subscription=ended), now=now, by=actor)
    emails.ended(ended)
    return ended


@transaction.atomic
def end_with_refund(*, subscription: Subscription, now: datetime, event: str, actor: str) -> Subscription | None:
    """End a subscription because its payment is refunded, charged back or withdrawn (`event`), and stop charging.

    Returns None if it had ended before. Revoking the access of the payment is up to the caller. A withdrawal is
    confirmed by an email of its own, and the provider only cancels: its reader may undo it until money is paid back.
    """
    reason = ENDED_WITH_REFUND[event]
    undoable = event == "withdrawn" and subscription.status in (states.TRIALING, states.ACTIVE)
    request = Request.CANCEL if undoable and subscription.has_contract else Request.END
    try:
        ended = _end(subscription, event=event, reason=reason, now=now, actor=actor, request=request)
    except states.IllegalTransition:
        return None
    if event != "withdrawn":
        emails.ended(ended)
    return ended


@transaction.atomic
def end_with_account(*, user: User, now: datetime) -> bool:
    """End the subscription and all access of a reader who deletes the account. Returns whether they had one.

    Sends no email. The provider is notified after the commit, as by `cancel`.
    """
    live = Subscription.objects.select_for_update().live().filter(user=user).first()
    if live is not None:
        _end(live, event="account_deleted", reason=EndReason.ACCOUNT_DELETED, now=now, actor="reader")
    revoke_access(Grant.objects.filter(user=user), now=now, by="reader")
    return live is not None


@transaction.atomic
def replace(*, subscription: Subscription, now: datetime, actor: str) -> Subscription:
    """End a paid subscription because another one continues it. Its access stays until the end that was paid for."""
    return _end(subscription, event="replaced", reason=EndReason.REPLACED, now=now, actor=actor)


def _end(
    subscription: Subscription,
    *,
    event: str,
    reason: str,
    now: datetime,
    actor: str,
    note: str = "",
    request: str = Request.END,
) -> Subscription:
    ended = apply_event(subscription=subscription, event=event, at=now, actor=actor, note=note, end_reason=reason)
    end_grace(ended, now)
    cut_processing_time(ended)
    if request == Request.CANCEL and ended.cancel_at is None:
        ended.cancel_at = ended.period_end
        ended.save(update_fields=["cancel_at"])
    provider_requests.send(ended, request)
    return ended


def revoke_access(grants: QuerySet[Grant], *, now: datetime, by: str) -> int:
    """Revoke the grants among `grants` that have not ended. Returns their number."""
    return grants.filter(ends_at__gt=now, revoked_at=None).update(revoked_at=now, revoked_by=by[:60])


def cut_processing_time(subscription: Subscription) -> None:
    """End paid access exactly when the subscription ends, as nothing more will be paid."""
    end = subscription.cancel_at or subscription.period_end
    over = subscription.grants.filter(source__in=PAID, starts_at__lte=end, ends_at__gt=end, revoked_at=None)
    over.update(ends_at=end)


def restore_processing_time(subscription: Subscription, end: datetime) -> None:
    """Undo `cut_processing_time` for a cancellation at `end`."""
    paid = subscription.grants.filter(source__in=PAID, ends_at=end, revoked_at=None)
    paid.update(ends_at=subscription.period_end + PROCESSING_TIME)


def end_grace(subscription: Subscription, now: datetime) -> None:
    """End access that was given while a renewal was unpaid."""
    grace = subscription.grants.filter(source=Grant.Source.GRACE, ends_at__gt=now)
    grace.filter(starts_at__lte=now).update(ends_at=now)
    grace.filter(starts_at__gt=now).update(ends_at=F("starts_at"))


def start_next_prices(now: datetime) -> int:
    """Apply the price that begins with a new period of a subscription paid by transfer. Returns the number applied."""
    due = Subscription.objects.live().filter(next_price_at__lte=now, provider_ref="")
    return sum(_start_next_price(pk, now) for pk in due.values_list("pk", flat=True))


@transaction.atomic
def _start_next_price(pk: int, now: datetime) -> bool:
    due = Subscription.objects.select_for_update().live().filter(pk=pk, next_price_at__lte=now).first()
    if due is None or due.next_price is None or due.next_price_at is None:
        return False
    event = "plan_changed"
    changed = apply_event(subscription=due, event=event, at=due.next_price_at, actor="clock", price=due.next_price)
    changed.next_price, changed.next_price_at = None, None
    changed.save(update_fields=["next_price", "next_price_at"])
    return True
