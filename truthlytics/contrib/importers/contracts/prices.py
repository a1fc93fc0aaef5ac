"""The map of prices: what each price of the old system is here, and which are not ours."""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscriptions.models import Plan, Price
from subscriptions.money import Money
from subscriptions.periods import per_interval

NOT_OURS = "not ours"
INTERVALS = ("month", "year")
# Of a price here, in intervals.
LONGEST = 120


class UnreadableMap(Exception):
    """The map of prices can't be used. The message says why."""


@dataclass(frozen=True, slots=True)
class Terms:
    """An amount for a period, as it is charged in the old system."""

    money: Money
    interval: str
    count: int = 1

    def __str__(self) -> str:
        if self.interval in INTERVALS:
            return f"{self.money} {per_interval(self.interval, self.count)}"
        weeks = ngettext("%(amount)s a week", "%(amount)s every %(count)d weeks", self.count)
        days = ngettext("%(amount)s a day", "%(amount)s every %(count)d days", self.count)
        return (weeks if self.interval == "week" else days) % {"amount": self.money, "count": self.count}

    def matches(self, price: Price) -> bool:
        return (self.money, self.interval, self.count) == (price.money, price.interval, price.count)


@dataclass(frozen=True, slots=True)
class Target:
    """What an old price becomes: a plan with a price of the same amount, one of our prices, or neither."""

    plan: Plan | None = None
    price: Price | None = None

    def __str__(self) -> str:
        """Return what a map of prices has for it."""
        return str(self.price.pk) if self.price is not None else self.plan.slug if self.plan is not None else NOT_OURS

    @property
    def is_ours(self) -> bool:
        return self.plan is not None

    def refusal(self, terms: Terms) -> str:
        """Return why contracts with these terms can't have this price, "" if they can."""
        if terms.interval not in INTERVALS or terms.count > LONGEST:
            return _("it costs %(terms)s, and no plan here has such a period") % {"terms": terms}
        if self.price is not None and not terms.matches(self.price):
            ours = Terms(self.price.money, self.price.interval, self.price.count)
            text = _("it costs %(terms)s, but is mapped to price %(number)s: %(ours)s")
            return text % {"terms": terms, "number": self.price.pk, "ours": ours}
        return ""

    def price_for(self, terms: Terms) -> tuple[Price, bool]:
        """Return our price with exactly these terms, and whether it is new: then it is archived, and not for sale."""
        if self.price is not None:
            return self.price, False
        same = {
            "plan": self.plan,
            "minor": terms.money.minor,
            "currency": terms.money.currency,
            "interval": terms.interval,
            "count": terms.count,
        }
        known = Price.objects.filter(**same).order_by(F("archived_at").asc(nulls_first=True), "pk")
        if (price := known.select_related("plan__tier").first()) is not None:
            return price, False
        return Price.objects.create(**same, archived_at=timezone.now()), True


class PriceMap:
    """The targets of old prices, by id or by the name of their plan, without regard to case."""

    def __init__(self, targets: dict[str, Target]) -> None:
        self.targets = {name.casefold(): target for name, target in targets.items()}

    def of_price(self, price: str, plan: str = "") -> Target | None:
        """Return the target of a price at Stripe, or of the plan that the list names for it; None if it has none."""
        found = self.targets.get(price.casefold())
        return found or (self.targets.get(plan.strip().casefold()) if plan.strip() else None)

    def of_plan(self, plan: str) -> Target | None:
        """Return the target of a plan on the list; "" stands for rows that name none."""
        return self.targets.get(plan.strip().casefold())


def read_prices(path: Path) -> PriceMap:
    """Read lines such as "price_1Abc,reader". Raises UnreadableMap.

    The second part is the slug of a plan, the number of a price, or "not ours". The first is empty for rows of the list
    that name no plan.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return PriceMap(dict(_targets(csv.reader(file))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableMap(f"{path}: {error}") from error


def price_map(here: Mapping[str, str]) -> PriceMap:
    """Return the map that an editor has chosen, by old price, with what `read_prices` takes. Raises UnreadableMap."""
    return PriceMap({old: _target(chosen, f"“{old}”") for old, chosen in here.items() if chosen})


def _targets(rows: Iterable[list[str]]) -> Iterable[tuple[str, Target]]:
    seen = set[str]()
    for number, row in enumerate(rows, start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or cells == ["old", "here"]:
            continue
        if len(cells) != 2 or not cells[1]:
            raise UnreadableMap(f"Line {number} needs an old price and what it is here, such as “price_1Abc,reader”.")
        old, here = cells
        if old.casefold() in seen:
            raise UnreadableMap(f"Line {number}: {old} is mapped twice.")
        seen.add(old.casefold())
        yield old, _target(here, f"Line {number}")


def _target(here: str, place: str) -> Target:
    if here.casefold() == NOT_OURS:
        return Target()
    if here.isdecimal():
        price = Price.objects.select_related("plan__tier").filter(pk=int(here)).first()
        if price is None:
            raise UnreadableMap(_("%(place)s: there is no price %(here)s.") % {"place": place, "here": here})
        return Target(price.plan, price)
    plan = Plan.objects.select_related("tier").filter(slug=here).first()
    if plan is None:
        text = _("%(place)s: there is no plan %(here)s. Use the slug of a plan, the number of a price, or “not ours”.")
        raise UnreadableMap(text % {"place": place, "here": here})
    return Target(plan)


def doubts(mapped: Iterable[tuple[str, Target, Terms]]) -> Iterable[str]:
    """Name the prices that are mapped to one plan although only another one costs as much today."""
    current: dict[Terms, set[Plan]] = {}
    for price in Price.objects.current():
        current.setdefault(Terms(price.money, price.interval, price.count), set()).add(price.plan)
    for old, target, terms in dict.fromkeys(mapped):
        same = current.get(terms, set())
        if target.plan is not None and same and target.plan not in same:
            others = ", ".join(sorted(plan.name for plan in same))
            text = _("%(old)s costs %(terms)s like %(others)s here, but is mapped to %(plan)s.")
            yield text % {"old": old, "terms": terms, "others": others, "plan": target.plan.name}
