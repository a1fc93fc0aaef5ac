"""When contracts are charged how much: at Stripe as they are, and by a shop that counts for itself. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from subscriptions.money import Money
from subscriptions.periods import add_intervals
from subscriptions.providers.stripe.moving import Contract, Discount
from truthlytics.contrib.importers.contracts.prices import INTERVALS, Terms

DAYS = {"day": 1, "week": 7}
CHARGING = ("active", "trialing", "past_due")


@dataclass(frozen=True, slots=True)
class Charge:
    """An amount at a time; None if Stripe computes it, or if it is not known. `is_open`: an earlier attempt failed."""

    at: datetime
    amount: Money | None
    is_open: bool = False


def at_stripe(contract: Contract, *, until: datetime) -> Iterator[Charge]:
    """Yield what Stripe will charge for a contract as it is now, if each payment succeeds.

    With its discounts, the customer's balance, its pause, its trial and its cancellation. Without a card, nothing.
    """
    if contract.status not in CHARGING or not contract.has_card:
        return
    if contract.status == "past_due" and contract.next_attempt is not None and not contract.is_paused:
        yield Charge(contract.next_attempt, contract.open_amount, is_open=True)
    discounts, balance = list(contract.discounts), contract.balance
    for at in periods(contract.anchor, contract.period_end, contract.interval, contract.count, until=until):
        if contract.cancel_at is not None and at >= contract.cancel_at:
            return
        if contract.is_paused and (contract.resumes_at is None or at < contract.resumes_at):
            continue
        amount = _discounted(contract, discounts, at)
        discounts = [one for one in discounts if one.lasts_after_use and one.holds_at(at)]
        if amount is None:
            yield Charge(at, None)
            continue
        due = max(0, amount.minor + balance)
        balance += amount.minor - due
        if due:
            yield Charge(at, Money(due, amount.currency))


def _discounted(contract: Contract, discounts: list[Discount], at: datetime) -> Money | None:
    """Return the price after the discounts that hold then, one after the other."""
    if contract.amount is None or contract.items != 1 or contract.adds_tax:
        return None
    left = contract.amount.minor * contract.quantity
    for one in discounts:
        if one.holds_at(at):
            off = one.off(left)
            if off is None:
                return None
            left -= off
    return Money(left, contract.amount.currency)


def by_terms(terms: Terms, first: datetime, *, until: datetime) -> Iterator[Charge]:
    """Yield the same amount in each period from `first` on, counted in the time zone of `first`."""
    for at in periods(first, first, terms.interval, terms.count, until=until):
        yield Charge(at, terms.money)


def by_new_contract(terms: Terms, first: datetime, *, until: datetime) -> Iterator[Charge]:
    """Yield what a new contract will charge. Stripe counts its periods in UTC."""
    return by_terms(terms, first.astimezone(UTC), until=until)


def periods(anchor: datetime, start: datetime, interval: str, count: int, *, until: datetime) -> Iterator[datetime]:
    """Yield `start` and the beginnings of the periods after it, up to `until`, counted from `anchor` where it fits."""
    if count < 1 or interval not in (*INTERVALS, *DAYS):
        return
    number = 0
    months = (start.year - anchor.year) * 12 + start.month - anchor.month
    if interval in INTERVALS:
        number = max(0, months // (count * (12 if interval == "year" else 1)))
    if interval in DAYS or add(anchor, interval, count * number) != start:
        anchor, number = start, 0
    while (at := add(anchor, interval, count * number)) <= until:
        yield at
        number += 1


def add(anchor: datetime, interval: str, number: int) -> datetime:
    """Return the time that many intervals after `anchor`, as Stripe counts: 31 January, 28 February, 31 March."""
    if interval in DAYS:
        return anchor + timedelta(days=DAYS[interval] * number)
    return add_intervals(anchor, interval, number)
