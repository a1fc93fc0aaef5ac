"""What a plan comes to: double payers, sums by price, first charges by day, and reasons. For pages and commands."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from subscriptions.money import Money
from subscriptions.providers.stripe.moving import Contract
from truthlytics.contrib.importers.contracts.at_stripe import terms_of
from truthlytics.contrib.importers.contracts.entries import Action, Entry, Plan, first_charges, sums
from truthlytics.contrib.importers.contracts.prices import Terms

CHARGED = (Action.ADOPT, Action.CREATE)
FEE = "application_fee_percent"


class Sum(NamedTuple):
    """How many contracts are charged each period, and what they are charged in all."""

    number: int
    amount: Money


class PriceSums(NamedTuple):
    """What an old price brings each period: in the old system, here, and what is refused of it."""

    price: str
    before: Sum
    here: Sum
    refused: Sum


class OldPrice(NamedTuple):
    """A price at Stripe, or a plan of the list, for the map. `terms` is None if they are not known or differ."""

    name: str
    terms: Terms | None
    number: int


def double_payers(plan: Plan) -> list[Entry]:
    """Return the entries of readers who are probably paying twice."""
    return [entry for entry in plan.entries if entry.is_double]


def price_sums(plan: Plan) -> list[PriceSums]:
    """Compare what the old system charges each period with what will be charged, by old price and currency."""
    charged = [entry for entry in plan.of(*CHARGED, Action.REFUSE) if entry.contract or entry.action in CHARGED]
    before, here = sums(charged), sums(plan.of(*CHARGED))
    refused = sums(entry for entry in plan.of(Action.REFUSE) if entry.contract)

    def of(found: Mapping[tuple[str, str], tuple[int, int]], key: tuple[str, str]) -> Sum:
        number, total = found.get(key, (0, 0))
        return Sum(number, Money(total, key[1]))

    return [PriceSums(key[0], of(before, key), of(here, key), of(refused, key)) for key in sorted(before)]


def charges_by_day(plan: Plan) -> list[tuple[str, int, list[Money]]]:
    """Return each day on which contracts would be charged next, with their number and the sums of what is known."""
    found = []
    for day, entries in first_charges(plan.entries).items():
        totals: Counter[str] = Counter()
        for entry in entries:
            if entry.charge is not None:
                totals[entry.charge.currency] += entry.charge.minor
        found.append((day, len(entries), [Money(minor, currency) for currency, minor in sorted(totals.items())]))
    return found


def refusals(plan: Plan) -> list[tuple[str, list[Entry]]]:
    """Return the reasons why contracts are refused, the most frequent first."""
    return _by_text((entry.reason, entry) for entry in plan.of(Action.REFUSE))


def notes(plan: Plan) -> list[tuple[str, list[Entry]]]:
    """Return what is unusual about contracts that continue, the most frequent first."""
    return _by_text((note, entry) for entry in plan.to_apply for note in entry.notes)


def has_fee(plan: Plan) -> bool:
    return any(FEE in note for note, _entries in notes(plan))


def _by_text(found: Iterable[tuple[str, Entry]]) -> list[tuple[str, list[Entry]]]:
    groups: dict[str, list[Entry]] = {}
    for text, entry in found:
        groups.setdefault(text, []).append(entry)
    return sorted(groups.items(), key=lambda group: -len(group[1]))


def old_prices(plan: Plan, contracts: Sequence[Contract]) -> list[OldPrice]:
    """Return what the map can have a line for: the prices of contracts at Stripe, then the plans on the list."""
    terms = {contract.price: terms_of(contract) for contract in contracts}
    numbers = plan.unmapped + plan.not_ours
    numbers.update(entry.contract.price for entry in plan.entries if entry.contract is not None)
    found = [OldPrice(name, terms.get(name), number) for name, number in numbers.most_common()]
    listed: dict[str, list[Entry]] = {}
    for entry in plan.entries:
        if entry.contract is None and entry.action != Action.FREE:
            listed.setdefault(entry.old_price, []).append(entry)
    for name, entries in sorted(listed.items(), key=lambda group: -len(group[1])):
        different = {entry.terms for entry in entries}
        found.append(OldPrice(name, different.pop() if len(different) == 1 else None, len(entries)))
    return found
