"""The next twelve months, reader by reader: what the old system would charge, beside what is charged here. Pure.

As a table to sign off, and as CSV. What is different has a reason. Taken for granted is that every payment succeeds and
that readers change nothing: `signed` compares with what happens then.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest

from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions.money import EXPONENTS, Money
from subscriptions.periods import add_intervals
from subscriptions.providers.stripe.moving import Contract
from truthlytics.contrib.importers.contracts.entries import Action, Entry, Plan
from truthlytics.contrib.importers.contracts.schedule import Charge, at_stripe, by_new_contract, by_terms

HEADINGS = (
    "reader", "contract", "becomes", "day before", "amount before", "day here", "amount here", "currency", "difference"
)  # fmt: skip
# In the place of an amount.
UNKNOWN = "?"
LIVE = (Action.ADOPT, Action.CREATE, Action.HERE)


@dataclass(frozen=True, slots=True)
class Line:
    """One charge of one contract: in the old system `before`, and `here`; None where there is none.

    A contract that is charged on neither side has one line without both.
    """

    entry: Entry
    before: Charge | None
    here: Charge | None
    difference: str = ""

    @property
    def month(self) -> date | None:
        """The first day of its month in the site's time zone; None of a contract that is not charged at all."""
        charge = self.before or self.here
        return timezone.localdate(charge.at).replace(day=1) if charge is not None else None

    def cells(self) -> list[str]:
        """Return the cells of a line of the CSV file, without translation, as `signed` reads them."""
        known = next((c.amount for c in (self.here, self.before) if c is not None and c.amount is not None), None)
        sides = [cell for charge in (self.before, self.here) for cell in (_day(charge), _amount(charge))]
        currency = known.currency if known is not None else ""
        return [self.entry.email, self.entry.key, str(self.entry.action), *sides, currency, self.difference]


@dataclass(frozen=True, slots=True)
class Month:
    """What is charged in a month by currency, in the old system and here, and how many lines differ."""

    month: date
    before: tuple[Money, ...]
    here: tuple[Money, ...]
    differs: int


def rehearse(plan: Plan, *, now: datetime) -> list[Line]:
    """Return the charges of all contracts of the plan within a year from `now`, reader by reader, in order."""
    until = add_intervals(now, "year", 1)
    made = {contract.mark: contract for contract in plan.contracts if contract.mark}
    lines: list[Line] = []
    for entry in sorted(plan.entries, key=lambda entry: (entry.email.casefold(), entry.key)):
        contract = entry.contract or made.get(entry.key)
        before, here = list(_before(entry, contract, until)), list(_here(entry, contract, until))
        if not before and not here and entry.action != Action.FREE:
            lines.append(Line(entry, None, None))  # The table is complete: this one is charged nowhere.
        lines += [Line(entry, a, b, _difference(entry, a, b)) for a, b in zip_longest(before, here)]
    return lines


def _before(entry: Entry, contract: Contract | None, until: datetime) -> Iterator[Charge]:
    """Yield what the old system would charge if nothing was moved."""
    if contract is not None:
        yield from at_stripe(contract, until=until)
    elif entry.terms is not None and entry.paid_until is not None and not entry.cancelled:
        yield from by_terms(entry.terms, timezone.localtime(entry.paid_until), until=until)


def _here(entry: Entry, contract: Contract | None, until: datetime) -> Iterator[Charge]:
    """Yield what is charged once the plan is applied."""
    if entry.action == Action.CREATE and entry.terms is not None and entry.next_charge is not None:
        yield from by_new_contract(entry.terms, entry.next_charge, until=until)
    elif entry.action in LIVE and contract is not None:
        yield from at_stripe(contract, until=until)


def _difference(entry: Entry, before: Charge | None, here: Charge | None) -> str:
    """Return what differs between both sides and why, "" if nothing does."""
    if before is None or here is None:
        return _one_side(entry, before)
    if before.amount != here.amount:
        return _("another amount")
    if _day(before) == _day(here):
        return ""
    if entry.paid_until is not None and entry.next_charge is not None and entry.next_charge > entry.paid_until:
        return _("later, because nothing is charged within 48 hours")
    return _("another day, because Stripe counts in UTC")


def _one_side(entry: Entry, before: Charge | None) -> str:
    if before is None:
        return _("only here, because the days lie differently")
    if entry.action == Action.ACCESS:
        return _("access until the paid date; then the reader goes on here, or not")
    if entry.action == Action.REFUSE:
        return _("left alone, and goes on where it is: %(reason)s") % {"reason": entry.reason}
    return _("not charged here")


def months(lines: Iterable[Line]) -> list[Month]:
    """Sum up the lines by month, in the site's time zone."""
    before: dict[date, Counter[str]] = {}
    here: dict[date, Counter[str]] = {}
    differs: Counter[date] = Counter()
    for line in lines:
        for charge, sums in ((line.before, before), (line.here, here)):
            if charge is not None and charge.amount is not None:
                month = timezone.localdate(charge.at).replace(day=1)
                sums.setdefault(month, Counter())[charge.amount.currency] += charge.amount.minor
        if line.month is not None:
            differs[line.month] += bool(line.difference)
    found = sorted({*before, *here, *differs})
    return [Month(month, _sums(before.get(month)), _sums(here.get(month)), differs[month]) for month in found]


def _sums(counted: Counter[str] | None) -> tuple[Money, ...]:
    return tuple(Money(minor, currency) for currency, minor in sorted((counted or {}).items()))


def rows(lines: Sequence[Line]) -> Iterator[Sequence[str]]:
    """Yield the rows of the CSV file, the first with the headings."""
    yield HEADINGS
    yield from (line.cells() for line in lines)


def _day(charge: Charge | None) -> str:
    return "" if charge is None else f"{timezone.localdate(charge.at):%Y-%m-%d}"


def _amount(charge: Charge | None) -> str:
    if charge is None:
        return ""
    if charge.amount is None:
        return UNKNOWN
    return f"{Decimal(charge.amount.minor).scaleb(-EXPONENTS[charge.amount.currency]):f}"
