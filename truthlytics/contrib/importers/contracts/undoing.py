"""Undo what was moved: our marks at Stripe, and what was created here. What readers have done since stays."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
from django.utils import timezone

from subscriptions.models import Subscription, User
from subscriptions.providers.base import KeyRefused, ProviderError, Unavailable
from subscriptions.providers.stripe import moving, reading
from subscriptions.services.moving import forget_account, give_back, reasons_to_keep, why_kept
from truthlytics.audit.log import AuditEntry, log_action
from truthlytics.contrib.importers.contracts.applying import OUR_KEYS, drop_price
from truthlytics.contrib.importers.contracts.facts import mended, missing
from truthlytics.contrib.importers.contracts.holding import Holder
from truthlytics.contrib.importers.contracts.models import ContractRun, MovedContract
from truthlytics.contrib.importers.contracts.pace import Pace


@dataclass
class Undone:
    """How many contracts were undone, and those that stay, with the reason; those that failed can be tried again."""

    number: int = 0
    kept: list[tuple[MovedContract, str]] = field(default_factory=list)
    failed: list[tuple[MovedContract, str]] = field(default_factory=list)


class Kept(Exception):
    """Something has happened to the contract since it was moved. The message says what."""


def next_to_undo() -> ContractRun | None:
    """Return the newest run of which something can be undone, None if there is none."""
    for run in ContractRun.objects.filter(undone_at=None):
        rows = run.contracts.filter(undone_at=None)
        if rows.exclude(subscription__in=reasons_to_keep(rows.values("subscription"))).exists():
            return run
    return None


def left() -> list[tuple[ContractRun, int, dict[str, list[str]]]]:
    """Return of each run what is still moved: how many contracts can be undone, and which stay for which reason."""
    found = []
    for run in ContractRun.objects.filter(undone_at=None):
        rows = run.contracts.filter(undone_at=None)
        reasons = reasons_to_keep(rows.values("subscription"))
        undoable, kept = 0, dict[str, list[str]]()
        for key, subscription in rows.values_list("key", "subscription"):
            if reason := reasons.get(subscription or 0):
                kept.setdefault(reason, []).append(key)
            else:
                undoable += 1
        if undoable or kept:
            found.append((run, undoable, kept))
    return found


def undo(
    run: ContractRun,
    *,
    holder: Holder,
    pace: Pace,
    tell: Callable[[int, int], None] = lambda done, of: None,
) -> Undone:
    """Undo every contract of `run` to which nothing has happened since. Safe to repeat.

    What Stripe refuses of one contract does not stop the others. Raises KeyRefused, Unavailable and progress.Stopped.
    """
    result = Undone()
    rows = list(run.contracts.filter(undone_at=None).select_related("subscription__user", "user"))
    for number, row in enumerate(rows, start=1):
        try:
            _undo(row, holder, pace)
            result.number += 1
        except Kept as error:
            result.kept.append((row, str(error)))
        except (KeyRefused, Unavailable):
            raise
        except ProviderError as error:
            result.failed.append((row, str(error)))
        holder.tell(number, len(rows))
        tell(number, len(rows))
    for row in rows:
        drop_price(row)
    if not result.kept and not result.failed:
        run.undone_at = timezone.now()
    run.finished_at = run.finished_at or timezone.now()
    with transaction.atomic():
        holder.check()
        run.save(update_fields=["undone_at", "finished_at"])
    return result


def _undo(row: MovedContract, holder: Holder, pace: Pace) -> None:
    """Remove it here first: then nothing that Stripe reports about it is ours any more, and no email is sent."""
    if row.subscription is not None and (reason := why_kept(row.subscription)):
        raise Kept(reason)
    if missing(row):
        ref = row.subscription.provider_ref if row.subscription is not None else ""
        holder.change(row, mended(row, pace(partial(moving.contract, ref)) if ref else None))
    _remove_here(row, holder)
    if row.action == MovedContract.Action.ADOPT:
        _unmark(row, pace)
    elif row.action == MovedContract.Action.CREATE:
        for made in _made(row, pace):
            pace(partial(moving.end, made.ref))
    with transaction.atomic():
        holder.change(row, undone_at=timezone.now())
        log_action(by=None, row=row, action=AuditEntry.Action.REMOVED, message=f"Undone: {row.get_action_display()}")


def _made(row: MovedContract, pace: Pace) -> Iterator[moving.Contract]:
    """Yield the contracts that were made for a saved card; without its customer, they are looked for among all."""
    customer = row.facts.get("customer")
    found = partial(moving.contracts_of, customer) if customer else lambda: list(moving.contracts())
    yield from (made for made in pace(found) if made.mark == row.key)


@transaction.atomic
def _remove_here(row: MovedContract, holder: Holder) -> None:
    """Remove what the move has made here, unless something has happened since. Raises Kept."""
    holder.check()
    known = Subscription.objects.select_for_update()
    subscription = known.filter(pk=row.subscription_id).first() if row.subscription_id is not None else None
    if subscription is not None:
        if reason := why_kept(subscription):
            raise Kept(reason)
        holder.change(row, subscription=None)
        give_back(
            subscription=subscription,
            order_uuid=row.order_uuid,
            new_customer=row.facts.get("new_customer") is True,
            new_profile=row.facts.get("new_profile") is True,
        )
    user = row.user
    if row.facts.get("new_user") is True and isinstance(user, User):
        holder.change(row, user=None)
        if not forget_account(user):
            holder.change(row, user=user)


def _unmark(row: MovedContract, pace: Pace) -> None:
    """Put back the metadata that the mark has replaced, and nothing else."""
    found = pace(partial(moving.contract, row.key))
    if found is not None and found.metadata.get(reading.ORDER) == str(row.order_uuid):
        before = row.facts.get("metadata", {})
        restored = {name: before.get(name, "") for name in OUR_KEYS}
        pace(partial(moving.set_metadata, found.ref, restored, key=f"undo:{row.order_uuid}"))
