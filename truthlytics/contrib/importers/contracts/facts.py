"""What the row of a moved contract must know, and where that is found again if it is missing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime

from subscriptions import states
from subscriptions.models import Price, ProviderCustomer
from subscriptions.providers.stripe import reading
from subscriptions.providers.stripe.catalogue import CODE
from subscriptions.providers.stripe.moving import Contract
from truthlytics.contrib.importers.contracts.models import MovedContract


def time_of(value: object) -> datetime | None:
    """Return the time that a row has noted, None for anything else."""
    try:
        return parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        return None


def price_of(row: MovedContract) -> Price | None:
    """Return the price that was chosen for the contract, None if it is not known any more."""
    number = row.facts.get("price") if isinstance(row.facts, dict) else None
    known = type(number) is int and Price.objects.select_related("plan__tier").filter(pk=number).first()
    return known or None


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_time(value: object) -> bool:
    return time_of(value) is not None


# What each fact must be, of a contract that is moved.
SOUND: dict[str, Callable[[Any], bool]] = {
    "price": lambda value: type(value) is int,
    "new_price": _is_bool,
    "customer": _is_text,
    "new_user": _is_bool,
    "new_customer": _is_bool,
    "new_profile": _is_bool,
    "old_price": _is_text,
    "paid_until": _is_time,
    "next_charge": lambda value: value is None or _is_time(value),
    "cancelled": _is_bool,
}
OF_ACTION: dict[str, dict[str, Callable[[Any], bool]]] = {
    MovedContract.Action.ADOPT: {"metadata": lambda value: isinstance(value, dict)},
    MovedContract.Action.CREATE: {"first_charge": _is_time},
}


def missing(row: MovedContract) -> list[str]:
    """Return the facts that a contract that is moved should have and has not."""
    facts = row.facts if isinstance(row.facts, dict) else {}
    needed = SOUND | OF_ACTION.get(row.action, {})
    return [name for name, is_sound in needed.items() if name not in facts or not is_sound(facts[name])]


def mended(row: MovedContract, found: Contract | None) -> dict[str, object]:
    """Return the missing facts, from `found` at Stripe and from the subscription here.

    What can't be found again is such that undoing removes less: the price, account and customer are kept.
    """
    ours = row.subscription
    end = found.paid_until if found is not None else ours.period_end if ours is not None else row.created_at
    known: dict[str, object] = {
        "price": ours.price_id if ours is not None else _marked_price(found),
        "new_price": False,
        "customer": found.customer if found is not None else _customer(row),
        "new_user": False,
        "new_customer": False,
        "new_profile": False,
        "old_price": found.price if found is not None else "",
        "paid_until": end.isoformat(),
        "next_charge": _next_charge(row),
        "cancelled": ours is not None and ours.cancel_at is not None,
        "metadata": {},
        "first_charge": end.isoformat(),
    }
    return {name: known[name] for name in missing(row)}


def _marked_price(found: Contract | None) -> int | None:
    number = found.metadata.get(reading.PRICE, "") if found is not None else ""
    return int(number) if number.isdecimal() else None


def _customer(row: MovedContract) -> str:
    known = ProviderCustomer.objects.filter(provider=CODE, user=row.user_id).values_list("ref", flat=True)
    return (known.first() if row.user_id else "") or ""


def _next_charge(row: MovedContract) -> str | None:
    """Return when the first period after the move began, or will begin."""
    ours = row.subscription
    if ours is None or not ours.provider_ref:
        return None
    first = ours.payments.exclude(period_start=None).order_by("period_start").first()
    if first is not None and first.period_start is not None:
        return first.period_start.isoformat()
    renews = ours.cancel_at is None and ours.status not in (states.PAST_DUE, states.ENDED)
    return ours.period_end.isoformat() if renews else None
