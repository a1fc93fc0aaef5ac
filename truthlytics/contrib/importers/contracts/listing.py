"""Follow a later list: what has changed in the old system about contracts that continue here already."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils import timezone

from subscriptions.models import Grant, Subscription
from subscriptions.providers import provider_named
from subscriptions.services import lifecycle
from subscriptions.services.moving import ACTOR, why_kept
from truthlytics.audit.log import log_action
from truthlytics.contrib.importers.contracts.entries import Entry
from truthlytics.contrib.importers.contracts.facts import time_of
from truthlytics.contrib.importers.contracts.holding import Holder
from truthlytics.contrib.importers.contracts.models import MovedContract
from truthlytics.contrib.importers.contracts.pace import Pace


def change_on(row: MovedContract, entry: Entry) -> str:
    """Return what the list says now and did not say before: "cancelled", "paid for longer" or "".

    Attached contracts change at Stripe, and what the reader has changed here since stays.
    """
    subscription = row.subscription
    if row.action == MovedContract.Action.ADOPT or subscription is None or not subscription.is_live:
        return ""
    if why_kept(subscription):
        return ""
    if entry.cancelled and not row.facts.get("cancelled"):
        return "cancelled"
    paid_until = time_of(row.facts.get("paid_until"))
    if entry.paid_until is not None and paid_until is not None and entry.paid_until > paid_until:
        return "paid for longer"
    return ""


def follow_list(row: MovedContract, entry: Entry, holder: Holder, pace: Pace) -> str:
    """Do here what the list says now, once, and return what that was. Raises ProviderError and progress.Stopped."""
    change, subscription, now = change_on(row, entry), row.subscription, timezone.now()
    if not change or subscription is None:
        return ""
    if change == "cancelled":
        with transaction.atomic():
            holder.check()
            lifecycle.cancel(subscription=subscription, now=now, actor=ACTOR, tells_reader=False, at_period_end=True)
            _note(row, holder, {"cancelled": True}, "The reader has cancelled in the old system.")
    elif entry.paid_until is not None:
        if subscription.has_contract:
            postpone = partial(provider_named(subscription.provider).postpone, subscription, entry.paid_until)
            pace(partial(postpone, key=f"postpone:{row.order_uuid}:{entry.paid_until:%Y%m%d%H%M}"))
        _extend(row, holder, subscription, entry.paid_until)
    return change


@transaction.atomic
def _extend(row: MovedContract, holder: Holder, subscription: Subscription, until: datetime) -> None:
    holder.check()
    subscription.period_end = until
    subscription.save(update_fields=["period_end"])
    grants = Grant.objects.filter(subscription=subscription, source=Grant.Source.MOVED)
    grants.update(ends_at=until + lifecycle.PROCESSING_TIME)
    values = {"paid_until": until.isoformat()}
    if row.facts.get("next_charge"):
        values["next_charge"] = until.isoformat()
    _note(row, holder, values, "It was paid for longer in the old system.")


def _note(row: MovedContract, holder: Holder, values: Mapping[str, object], message: str) -> None:
    before = {name: row.facts.get(name) for name in values}
    holder.change(row, values)
    log_action(by=None, row=row, message=message, before=before, after=dict(values))
