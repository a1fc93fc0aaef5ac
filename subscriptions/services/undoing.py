"""Undo a withdrawal: what it changed is kept with it, and put back as long as nothing was paid back.

The contract at a provider that renews is cancelled by a withdrawal, not ended, until money is paid back: an ended one
could not be continued.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from subscriptions import states
from subscriptions.models import Declaration, Gift, Grant, Order, Payment, Subscription, User
from subscriptions.providers import ProviderError
from subscriptions.services import lifecycle, provider_requests
from truthlytics.web.types import JsonObject

# The columns that a withdrawal can change. Payments are compared, so that nothing is undone that was paid back.
COLUMNS: dict[type[Model], tuple[str, ...]] = {
    Subscription: ("status", "ended_at", "end_reason", "cancel_at", "period_end", "next_price_id", "next_price_at"),
    Grant: ("starts_at", "ends_at", "subscription_id", "revoked_at", "revoked_by"),
    Gift: ("refunded_at",),
    Payment: ("refunded_minor",),
}
READER, SITE = "reader", lifecycle.BY_SITE
# The newest declarations that the account looks at.
SHOWN = 5
Rows = dict[str, dict[str, object]]


class CannotUndo(Exception):
    """The declaration can't be undone; the text is for the reader."""


def snapshot(order: Order, payments: Iterable[Payment]) -> Rows:
    """Return the rows that a withdrawal from `order` can change, by model and primary key, as JSON."""
    gift = Gift.objects.filter(order=order).first()
    people = [order.user_id, *([gift.redeemed_by_id] if gift and gift.redeemed_by_id else [])]
    rows: list[tuple[type[Model], Any]] = [
        (Subscription, Subscription.objects.filter(user__in=people)),
        (Grant, Grant.objects.filter(user__in=people)),
        (Gift, Gift.objects.filter(order=order)),
        (Payment, Payment.objects.filter(pk__in=[payment.pk for payment in payments])),
    ]
    found: Rows = {}
    for model, queryset in rows:
        for values in queryset.order_by("pk").values("pk", *COLUMNS[model]):
            pk = values.pop("pk")
            found[f"{model.__name__}:{pk}"] = {name: _plain(value) for name, value in values.items()}
    return found


def changes(before: Rows, after: Rows) -> dict[str, list[JsonObject]]:
    """Return what differs between two snapshots, and the payments, each as it was before and after."""
    names = [name for name in before if name.startswith("Payment:") or before[name] != after.get(name)]
    return {name: [before[name], after.get(name, {})] for name in names}


def can_be_undone(declaration: Declaration, now: datetime) -> bool:
    """Return whether the reader can undo it now. Money that was paid back, or is being paid back, decides."""
    if not declaration.is_applied or declaration.undone_at is not None:
        return False
    if declaration.handled_at is not None and declaration.handled_by != SITE:
        return False
    if declaration.is_withdrawal:
        return any(not name.startswith("Payment:") for name in declaration.changed_rows or {})
    cancelled = declaration.subscription
    return cancelled is not None and cancelled.is_live and bool(cancelled.cancel_at and cancelled.cancel_at > now)


def to_show(user: User, now: datetime) -> list[Declaration]:
    """Return the newest declarations of `user` about which they can still do something. One query."""
    newest = Declaration.objects.of(user).in_force().select_related("subscription")[:SHOWN]
    return [made for made in newest if made.is_from_unknown_sender or can_be_undone(made, now)]


def undo(*, declaration: Declaration, now: datetime) -> bool:
    """Undo a declaration for its reader, once. Returns False if the provider has not confirmed that it renews again.

    The subscription then ends with its period, unless the reader resumes it. Not atomic: the provider is asked after
    the access is back. Raises CannotUndo.
    """
    if not can_be_undone(declaration, now):
        raise CannotUndo(_("This can’t be undone any more. Please write to us."))
    if declaration.is_withdrawal:
        try:
            resumed = _restore(declaration.pk, now)
        except IntegrityError:
            raise CannotUndo(_("You have another subscription now, so this can’t be undone.")) from None
    else:
        resumed = declaration.subscription
    if resumed is None:
        return True
    try:
        lifecycle.undo_cancel(subscription=resumed, now=now)
    except ProviderError:
        if declaration.is_withdrawal:
            return False
        text = _("We couldn’t reach the payment service, so nothing was changed. Please try again in a few minutes.")
        raise CannotUndo(text) from None
    except lifecycle.PaidBack:
        raise CannotUndo(_("This can’t be undone any more. Please write to us.")) from None
    except states.IllegalTransition:
        raise CannotUndo(_("The paid period is over. You can subscribe again at any time.")) from None
    return True


@transaction.atomic
def _restore(pk: int, now: datetime) -> Subscription | None:
    """Put back what a withdrawal has changed. Returns the subscription that has to be resumed at its provider."""
    mine = Declaration.objects.in_force().filter(Q(handled_at=None) | Q(handled_by=SITE), pk=pk)
    if not mine.update(undone_at=now, handled_at=now, handled_by=READER):
        raise CannotUndo(_("This can’t be undone any more. Please write to us."))
    declaration = Declaration.objects.select_related("order").get(pk=pk)
    changed: dict[str, list[JsonObject]] = declaration.changed_rows or {}
    resumed = None
    for name, (before, after) in _in_order_of_locks(changed):
        kind, _colon, key = name.partition(":")
        model = next(model for model in COLUMNS if model.__name__ == kind)
        row: Any = model._default_manager.select_for_update(of=("self",)).get(pk=key)
        if {column: _plain(getattr(row, column)) for column in COLUMNS[model]} != after:
            raise CannotUndo(_("Something has changed since then, so this can’t be undone here. Please write to us."))
        if before != after and isinstance(row, Subscription):
            resumed = _resume(row, before, now) or resumed
        elif before != after:
            model._default_manager.filter(pk=key).update(**{k: _read(k, v) for k, v in before.items()})
    return resumed


def _in_order_of_locks(changed: JsonObject) -> Sequence[tuple[str, Any]]:
    """Subscriptions first, then payments, as refunds lock them."""
    order = {"Subscription": 0, "Payment": 1, "Grant": 2, "Gift": 3}
    return sorted(changed.items(), key=lambda item: order[item[0].partition(":")[0]])


def _resume(subscription: Subscription, before: dict[str, object], now: datetime) -> Subscription | None:
    """Continue a subscription that a withdrawal has ended or shortened. It renews again once its provider confirms."""
    values = {name: _read(name, value) for name, value in before.items()}
    if subscription.status == states.ENDED and values["status"] != states.ENDED:
        if values["period_end"] <= now:
            raise CannotUndo(_("The paid period is over. You can subscribe again at any time."))
        event = "trial_resumed" if values["status"] == states.TRIALING else "withdrawal_undone"
        lifecycle.apply_event(subscription=subscription, event=event, at=now, actor=READER)
    renewed = subscription.has_contract and values["cancel_at"] is None
    kept = {name: values[name] for name in ("period_end", "next_price_id", "next_price_at")}
    cancel_at = values["period_end"] if renewed else values["cancel_at"]
    Subscription.objects.filter(pk=subscription.pk).update(cancel_at=cancel_at, **kept)
    subscription.refresh_from_db()
    return subscription if renewed else None


def release_contract(declaration: Declaration) -> None:
    """End the contract of a withdrawal at its provider once money is paid back: nothing can be undone any more."""
    ended = Subscription.objects.filter(payments__order=declaration.order_id, status=states.ENDED).first()
    if declaration.is_withdrawal and ended is not None:
        provider_requests.send(ended, Subscription.Request.END)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value


def _read(name: str, value: Any) -> Any:
    is_time = name.endswith("_at") or name == "period_end"
    return parse_datetime(value) if is_time and value is not None else value
