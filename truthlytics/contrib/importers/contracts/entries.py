"""What becomes of each contract, and sums of that."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from django.utils import timezone

from subscriptions.money import Money
from subscriptions.providers.stripe.moving import Contract
from truthlytics.contrib.importers.contracts.prices import Target, Terms
from truthlytics.contrib.importers.readers.occurring import Occurrence

NO_TARGET = Target()


class Action(StrEnum):
    ADOPT = "adopt"
    CREATE = "create"
    ACCESS = "access"
    FREE = "free"
    REFUSE = "refuse"
    HERE = "here"


@dataclass(frozen=True, slots=True)
class Entry:
    """What becomes of one contract, `key`, and why. `notes` are for the operator; what they name goes on as it is."""

    key: str
    action: Action
    email: str
    name: str = ""
    reason: str = ""
    notes: tuple[str, ...] = ()
    old_price: str = ""
    target: Target = NO_TARGET
    terms: Terms | None = None
    began_at: datetime | None = None
    paid_until: datetime | None = None
    # The next charge and its amount, after discounts; None if there is none, or if the amount is not known.
    next_charge: datetime | None = None
    charge: Money | None = None
    cancelled: bool = False
    customer: str = ""
    contract: Contract | None = None
    # Whether the reader is probably paying twice, is not on the list, or gets a link to go on here.
    is_double: bool = False
    is_unlisted: bool = False
    is_invited: bool = False


@dataclass
class Product:
    """A price at Stripe or a plan of the list: how many have it, some of them, and what it is here; "" if not said."""

    here: str
    number: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """The entries, and what else was found at Stripe. While there are `problems`, nothing is applied."""

    entries: list[Entry] = field(default_factory=list)
    # Contracts of other applications, by price: not in the map, or mapped as not ours.
    unmapped: Counter[str] = field(default_factory=Counter)
    not_ours: Counter[str] = field(default_factory=Counter)
    # Everything at Stripe that the plan was made from.
    contracts: Sequence[Contract] = ()
    bought_here: int = 0
    problems: list[str] = field(default_factory=list)
    products: dict[str, Product] = field(default_factory=dict)
    # The words of the lists that money and access depend on, with what they are taken for.
    words: list[Occurrence] = field(default_factory=list)
    # What the operator should look at in the map of prices.
    doubts: list[str] = field(default_factory=list)

    def of(self, *actions: Action) -> list[Entry]:
        return [entry for entry in self.entries if entry.action in actions]

    @property
    def to_apply(self) -> list[Entry]:
        return self.of(Action.ADOPT, Action.CREATE, Action.ACCESS)

    @property
    def creates(self) -> bool:
        return bool(self.of(Action.CREATE))


def sums(entries: Iterable[Entry]) -> Mapping[tuple[str, str], tuple[int, int]]:
    """Return number and sum in minor units of what these entries are charged each period, by old price and currency."""
    found: dict[tuple[str, str], tuple[int, int]] = {}
    for entry in entries:
        if entry.terms is not None:
            key = (entry.old_price, entry.terms.money.currency)
            number, total = found.get(key, (0, 0))
            found[key] = number + 1, total + entry.terms.money.minor
    return found


def first_charges(entries: Iterable[Entry]) -> Mapping[str, list[Entry]]:
    """Return the entries that will be charged, by the day of the first charge."""
    days: dict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        if entry.action in (Action.ADOPT, Action.CREATE) and entry.next_charge is not None:
            days[f"{timezone.localdate(entry.next_charge):%Y-%m-%d}"].append(entry)
    return dict(sorted(days.items()))
