"""What the page of plans offers: each plan with its prices, the longest period first, and what that saves."""

from collections.abc import Collection, Iterable
from itertools import groupby
from typing import NamedTuple

from subscriptions.models import Plan, Price
from subscriptions.models.catalog import PriceQuerySet
from subscriptions.money import Money
from subscriptions.periods import Interval
from truthlytics.publication import default_currency
from truthlytics.web.fragments import fragment


class PriceOffer(NamedTuple):
    """`saving` is how much less a longer period costs than as many months paid one by one; None if it is not less."""

    price: Price
    saving: Money | None
    is_recommended: bool


def shown_currency(wanted: str, currencies: Collection[str]) -> str:
    """Return `wanted` if there are prices in it, else the default currency, else the first; "" without prices."""
    usual = default_currency() if default_currency() in currencies else min(currencies, default="")
    return wanted.upper() if wanted.upper() in currencies else usual


def prices_in(wanted: str) -> PriceQuerySet:
    """Return the prices on sale in the currency that `shown_currency` chooses."""
    on_sale: PriceQuerySet = Price.objects.current()
    currencies = set(on_sale.order_by().values_list("currency", flat=True))
    return on_sale.filter(currency=shown_currency(wanted, currencies))


def plan_offers(prices: Iterable[Price]) -> list[tuple[Plan, list[PriceOffer]]]:
    """Group `prices`, which have one currency and are ordered by plan.

    One price is recommended: that of the first plan with a saving, and of its prices the one that saves most.
    """
    offers: list[tuple[Plan, list[PriceOffer]]] = []
    is_recommended = False
    for plan, group in groupby(prices, key=lambda price: price.plan):
        longest_first = sorted(group, key=_months, reverse=True)
        offered = [PriceOffer(price, _saving(price, longest_first), False) for price in longest_first]
        savings = [offer.saving.minor if offer.saving else 0 for offer in offered]
        if not is_recommended and max(savings):
            best, is_recommended = savings.index(max(savings)), True
            offered[best] = offered[best]._replace(is_recommended=True)
        offers.append((plan, offered))
    return offers


def cheapest_prices(level: int) -> tuple[Price, ...]:
    """Return the cheapest monthly and yearly prices for `level` in the default currency. All articles share them."""
    return fragment("cheapest prices", level, make=lambda: tuple(_cheapest(level)), tags=["plans"])


def _cheapest(level: int) -> list[Price]:
    prices = list(Price.objects.current().for_level(level))
    home = [price for price in prices if price.currency == default_currency()]
    currency = default_currency() if home else (prices[0].currency if prices else "")
    best: dict[tuple[str, int], Price] = {}
    for price in prices:
        key = (price.interval, price.count)
        if price.currency == currency and (key not in best or price.minor < best[key].minor):
            best[key] = price
    return [best[key] for key in sorted(best) if key[1] == 1] or [best[key] for key in sorted(best)][:1]


def _saving(price: Price, prices: Iterable[Price]) -> Money | None:
    monthly = next((other for other in prices if _months(other) == 1), None)
    minor = monthly.minor * _months(price) - price.minor if monthly else 0
    return Money(minor, price.currency) if minor > 0 else None


def _months(price: Price) -> int:
    return price.count * (12 if price.interval == Interval.YEAR else 1)
