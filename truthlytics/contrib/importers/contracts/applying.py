"""Apply a plan, one contract after the other. What was interrupted is continued, and nothing is done twice."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions import states
from subscriptions.models import Price, Subscription
from subscriptions.periods import add_intervals
from subscriptions.providers.base import KeyRefused, ProviderError
from subscriptions.providers.stripe import moving, reading
from subscriptions.providers.stripe.catalogue import CODE
from subscriptions.services.moving import CannotMove, Paid, account_for, take_over
from subscriptions.services.old_prices import keep_price
from truthlytics.audit.log import AuditEntry, log_action
from truthlytics.contrib.importers.contracts.at_stripe import refusal
from truthlytics.contrib.importers.contracts.entries import Action, Entry, Plan
from truthlytics.contrib.importers.contracts.facts import mended, missing, price_of, time_of
from truthlytics.contrib.importers.contracts.holding import Holder
from truthlytics.contrib.importers.contracts.listing import follow_list
from truthlytics.contrib.importers.contracts.models import ContractRun, MovedContract
from truthlytics.contrib.importers.contracts.pace import Pace
from truthlytics.publication.language import site_language
from truthlytics.web.users import User

STATUSES = {"trialing": states.TRIALING, "active": states.ACTIVE, "past_due": states.PAST_DUE}
OUR_KEYS = (reading.ORDER, reading.PRICE, moving.MARK)


class CannotApply(Exception):
    """The plan can't be applied. The message is for the operator."""


@dataclass
class Applied:
    """What was done, by action, and what was not, with the reason."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[Entry, str]] = field(default_factory=list)
    failed: list[tuple[Entry, str]] = field(default_factory=list)


def begin(
    plan: Plan, *, source: str, shop_off_at: datetime | None, now: datetime, by: User | None = None
) -> ContractRun:
    """Return the run to continue, or a new one. `shop_off_at` is when the operator, `by`, stated it.

    Raises CannotApply.
    """
    if plan.problems:
        raise CannotApply("Correct the map of prices first:\n" + "\n".join(plan.problems))
    run = ContractRun.objects.filter(finished_at=None).first()
    if run is None:
        run = ContractRun.objects.create(source=source, started_at=now)
        log_action(by=by, row=run, action=AuditEntry.Action.ADDED, message="Began to move contracts.")
    if plan.creates and run.shop_off_at is None:
        if shop_off_at is None:
            raise CannotApply(
                "Contracts will be created for saved cards. Switch off the payments of the old shop, or both will "
                "charge them, and state that it is off: by a tick on the page, or with --shop-is-off."
            )
        run.shop_off_at = shop_off_at
        run.save(update_fields=["shop_off_at"])
        log_action(by=by, row=run, message="The operator stated that the old shop charges nothing more.")
    return run


@site_language()
def apply(
    plan: Plan,
    run: ContractRun,
    *,
    holder: Holder,
    pace: Pace,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Applied:
    """Move every contract of the plan that is not moved yet. Not atomic: each one is, and Stripe is asked between.

    Damaged rows are repaired. The run is finished if nothing has failed. Raises KeyRefused and
    progress.Stopped.
    """
    applied, entries = Applied(), plan.to_apply
    applied.counts["repaired"] = sum(_repair(row, holder, pace) for row in moved_rows())
    for number, entry in enumerate(entries, start=1):
        try:
            applied.counts[entry.action] += _move(run, entry, holder, pace)
        except CannotMove as error:
            applied.refused.append((entry, str(error)))
        except KeyRefused:
            raise
        except ProviderError as error:
            applied.failed.append((entry, str(error)))
        holder.tell(number, len(entries))
        tell(number, len(entries))
    for entry in plan.of(Action.HERE):
        row = MovedContract.objects.done().filter(key=entry.key).select_related("subscription__price").first()
        if row is not None and (change := follow_list(row, entry, holder, pace)):
            applied.counts[change] += 1
    refused = [(entry, entry.reason) for entry in plan.of(Action.REFUSE)] + applied.refused
    run.refused = {
        entry.contract.ref: reason for entry, reason in refused if entry.contract is not None and not entry.is_unlisted
    }
    run.finished_at = None if applied.failed else timezone.now()
    with transaction.atomic():
        holder.check()
        run.save(update_fields=["refused", "finished_at"])
    return applied


def moved_rows() -> list[MovedContract]:
    """Return what is moved, with all that is compared."""
    return list(MovedContract.objects.done().select_related("subscription__price", "user", "run"))


def _repair(row: MovedContract, holder: Holder, pace: Pace) -> bool:
    """Find out again what a damaged row should know. Returns False for others."""
    if not missing(row):
        return False
    ref = row.subscription.provider_ref if row.subscription is not None else ""
    found = pace(partial(moving.contract, ref)) if ref else None
    with transaction.atomic():
        values = mended(row, found)
        holder.change(row, values)
        log_action(by=None, row=row, message="Found out again what its record did not say.", after=values)
    return True


def _move(run: ContractRun, entry: Entry, holder: Holder, pace: Pace) -> bool:
    """Move one contract. Returns False if it was moved before."""
    if entry.terms is None:
        raise CannotMove(_("what is paid is not known"))
    with transaction.atomic():
        holder.check()
        row, _created = MovedContract.objects.get_or_create(
            key=entry.key, undone_at=None, defaults={"run": run, "action": entry.action, "facts": {}}
        )
    if row.done_at is not None:
        return False
    if price_of(row) is None:
        price, is_new = entry.target.price_for(entry.terms)
        holder.change(row, {"price": price.pk, "new_price": is_new, "customer": entry.customer})
    move = {Action.ADOPT: _adopt, Action.CREATE: _create, Action.ACCESS: _access}[entry.action]
    try:
        move(row, entry, holder, pace)
    except CannotMove:
        holder.give_up(row)
        drop_price(row)
        raise
    return True


def drop_price(row: MovedContract) -> None:
    """Delete the price that was made for this contract, unless it is used."""
    price = price_of(row)
    if price is not None and row.facts.get("new_price") is True:
        try:
            price.delete()
        except ProtectedError:
            return


def _price(row: MovedContract) -> Price:
    if (price := price_of(row)) is None:
        raise CannotMove(_("its price is not here any more"))
    return price


def _adopt(row: MovedContract, entry: Entry, holder: Holder, pace: Pace) -> None:
    """Mark a contract at Stripe as ours, and continue it here as it is now."""
    found = pace(partial(moving.contract, entry.key))
    if found is None or found.status not in STATUSES:
        raise CannotMove(_("it has ended, or its status has changed; make the plan again"))
    if reason := refusal(found, entry.target):
        raise CannotMove(reason)
    price = _price(row)
    marked = moving.facts(str(row.order_uuid), price, row.key)
    if found.metadata.get(reading.ORDER) != str(row.order_uuid):
        before = {name: found.metadata[name] for name in OUR_KEYS if name in found.metadata}
        holder.change(row, {"metadata": before})
        pace(partial(moving.set_metadata, found.ref, marked, key=f"move:{row.order_uuid}"))
    try:
        _record(row, entry, _paid_at_stripe(row, found, price), holder, after=marked)
    except CannotMove:
        restored = {name: row.facts.get("metadata", {}).get(name, "") for name in OUR_KEYS}
        pace(partial(moving.set_metadata, found.ref, restored, key=f"move-back:{row.order_uuid}"))
        raise


def _paid_at_stripe(row: MovedContract, found: moving.Contract, price: Price) -> Paid:
    return Paid(
        key=row.key,
        source=row.run.source,
        price=price,
        status=STATUSES[found.status],
        began_at=found.created,
        start=found.paid_from,
        end=found.paid_until,
        provider=CODE,
        provider_ref=found.ref,
        customer_ref=found.customer,
        cancel_at=found.cancel_at,
        trial_days=found.trial_days,
        books_since=found.paid_at,
        country=found.country,
        vat_id=found.vat_id,
    )


def _create(row: MovedContract, entry: Entry, holder: Holder, pace: Pace) -> None:
    """Begin a contract at Stripe that charges the saved card first when the shop would have."""
    price, first = _price(row), time_of(row.facts.get("first_charge")) or entry.next_charge
    if first is None:
        raise CannotMove(_("the day of its next charge is not known"))
    holder.change(row, {"first_charge": first.isoformat(), "customer": entry.customer})
    card = pace(partial(moving.saved_card, entry.customer))
    if not card:
        raise CannotMove(_("there is no saved card any more"))
    marked = moving.facts(str(row.order_uuid), price, row.key)
    create = partial(moving.create, customer=entry.customer, card=card, price=price, metadata=marked)
    made = pace(partial(create, first_charge=first, key=f"move:{row.order_uuid}"))
    paid = Paid(
        key=row.key,
        source=row.run.source,
        price=price,
        status=states.ACTIVE,
        began_at=entry.began_at or made.created,
        start=_period_before(entry, made.period_end),
        end=made.period_end,
        provider=CODE,
        provider_ref=made.ref,
        customer_ref=entry.customer,
        books_since=made.paid_at,
        country=made.country,
        vat_id=made.vat_id,
    )
    try:
        _record(row, entry, paid, holder, after=marked)
    except CannotMove:
        pace(partial(moving.end, made.ref))
        raise


def _access(row: MovedContract, entry: Entry, holder: Holder, pace: Pace) -> None:
    """Give access until the date that is paid; its reader is then reminded as by transfer."""
    end = entry.paid_until or timezone.now()
    start = _period_before(entry, end)
    paid = Paid(
        key=row.key,
        source=row.run.source,
        price=_price(row),
        status=states.ACTIVE,
        began_at=entry.began_at or start,
        start=start,
        end=end,
        cancel_at=end if entry.cancelled else None,
    )
    _record(row, entry, paid, holder, after={})
    if row.user is not None and entry.is_invited:
        keep_price(user=row.user, price=paid.price)


def _period_before(entry: Entry, end: datetime) -> datetime:
    """Return the start of the period that is paid until `end`, now if that would be later."""
    now = timezone.now()
    return min(add_intervals(end, entry.terms.interval, -entry.terms.count), now) if entry.terms else now


@transaction.atomic
def _record(row: MovedContract, entry: Entry, paid: Paid, holder: Holder, *, after: dict[str, str]) -> None:
    """Continue the contract here, and note what was done. Raises CannotMove and progress.Stopped."""
    now = timezone.now()
    holder.check()
    if MovedContract.objects.select_for_update().get(pk=row.pk).done_at is not None:
        return  # Another process was faster.
    user, is_new = account_for(email=entry.email, name=entry.name)
    moved = take_over(user=user, paid=paid, order_uuid=row.order_uuid, now=now)
    gaps: dict[str, object] = {"new_price": False}
    if row.action == MovedContract.Action.ADOPT:
        gaps["metadata"] = {}
    facts = {name: value for name, value in gaps.items() if name not in row.facts} | {
        "price": paid.price.pk,
        "customer": entry.customer,
        "new_user": is_new,
        "new_customer": moved.new_customer,
        "new_profile": moved.new_profile,
        "old_price": entry.old_price,
        "paid_until": paid.end.isoformat(),
        "next_charge": None if entry.contract is not None and entry.contract.is_paused else _next_charge(paid),
        "cancelled": entry.cancelled,
    }
    holder.change(row, facts, user=user, subscription=moved.subscription, done_at=now)
    before: dict[str, Any] = {"metadata": row.facts.get("metadata", {})} if after else {}
    log_action(
        by=None,
        row=row,
        action=AuditEntry.Action.ADDED,
        message=f"{row.get_action_display()}: {paid.provider_ref or paid.key} of {paid.source}",
        before=before,
        after={"subscription": str(moved.subscription.uuid)} | ({"metadata": after} if after else {}),
    )


def _next_charge(paid: Paid) -> str | None:
    renews = paid.provider_ref and paid.cancel_at is None and paid.status != states.PAST_DUE
    return paid.end.isoformat() if renews else None


def live_subscribers() -> frozenset[str]:
    """Return the addresses with a subscription here that was not moved."""
    moved = MovedContract.objects.done().values("subscription")
    live = Subscription.objects.live().exclude(pk__in=moved.exclude(subscription=None))
    return frozenset(email.casefold() for email in live.values_list("user__email", flat=True))
