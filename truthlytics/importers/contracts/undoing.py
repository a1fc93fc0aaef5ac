"""Undo what was moved: our marks at Stripe, and what was created here. What readers have done since stays."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.db import transaction
from django.utils import timezone

from subscriptions.models import User
from subscriptions.providers.stripe import moving, reading
from subscriptions.services.moving import forget_account, give_back, why_kept
from truthlytics.audit.log import AuditEntry, log_action
from truthlytics.importers.contracts.applying import OUR_KEYS, drop_price
from truthlytics.importers.contracts.models import ContractRun, MovedContract
from truthlytics.importers.contracts.pace import Pace


@dataclass
class Undone:
    """How many contracts were undone, and those that stay, with the reason."""

    number: int = 0
    kept: list[tuple[MovedContract, str]] = field(default_factory=list)


def undo(run: ContractRun, *, pace: Pace, tell: Callable[[int, int], None] = lambda done, of: None) -> Undone:
    """Undo every contract of `run` to which nothing has happened since. Safe to repeat. Raises ProviderError."""
    result = Undone()
    rows = list(run.contracts.filter(undone_at=None).select_related("subscription__user", "user"))
    for number, row in enumerate(rows, start=1):
        if row.subscription is not None and (reason := why_kept(row.subscription)):
            result.kept.append((row, reason))
        else:
            _undo(row, pace)
            result.number += 1
        tell(number, len(rows))
    for row in rows:
        drop_price(row)
    if not result.kept:
        run.undone_at = timezone.now()
    run.finished_at = run.finished_at or timezone.now()
    run.save(update_fields=["undone_at", "finished_at"])
    return result


def _undo(row: MovedContract, pace: Pace) -> None:
    """Remove it here first: then nothing that Stripe reports about it is ours any more, and no email is sent."""
    _remove_here(row)
    if row.action == MovedContract.Action.ADOPT:
        _unmark(row, pace)
    elif row.action == MovedContract.Action.CREATE:
        for made in pace(partial(moving.contracts_of, row.facts["customer"])) if "customer" in row.facts else ():
            if made.mark == row.key:
                pace(partial(moving.end, made.ref))
    row.undone_at = timezone.now()
    with transaction.atomic():
        row.save(update_fields=["undone_at"])
        log_action(by=None, row=row, action=AuditEntry.Action.REMOVED, message=f"Undone: {row.get_action_display()}")


@transaction.atomic
def _remove_here(row: MovedContract) -> None:
    subscription = row.subscription
    if subscription is not None:
        row.subscription = None
        row.save(update_fields=["subscription"])
        give_back(
            subscription=subscription,
            order_uuid=row.order_uuid,
            new_customer=row.facts["new_customer"],
            new_profile=row.facts["new_profile"],
        )
    user = row.user
    if row.facts.get("new_user") and isinstance(user, User):
        row.user = None
        row.save(update_fields=["user"])
        if not forget_account(user):
            row.user = user
            row.save(update_fields=["user"])


def _unmark(row: MovedContract, pace: Pace) -> None:
    """Put back the metadata that the mark has replaced, and nothing else."""
    found = pace(partial(moving.contract, row.key))
    if found is not None and found.metadata.get(reading.ORDER) == str(row.order_uuid):
        before = row.facts.get("metadata", {})
        restored = {name: before.get(name, "") for name in OUR_KEYS}
        pace(partial(moving.set_metadata, found.ref, restored, key=f"undo:{row.order_uuid}"))
