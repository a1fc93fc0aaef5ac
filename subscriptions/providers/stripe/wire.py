"""Amounts and times as Stripe writes them."""

from datetime import UTC, datetime

from subscriptions.money import EXPONENTS, Money
from subscriptions.providers.base import ProviderError

# Currencies without decimals that Stripe writes with two.
TWO_DECIMALS_AT_STRIPE = {"ISK", "UGX"}
# Stripe takes amounts with three decimals only if the last is zero.
STEP_OF_THREE_DECIMALS = 10


def to_wire(money: Money) -> int:
    """Return the amount in Stripe's unit. Raises ProviderError if Stripe can't charge it exactly."""
    if money.currency in TWO_DECIMALS_AT_STRIPE:
        return money.minor * 100
    if EXPONENTS[money.currency] == 3 and money.minor % STEP_OF_THREE_DECIMALS:
        raise ProviderError(f"Stripe can’t charge {money}: the last decimal must be 0.")
    return money.minor


def from_wire(amount: int, currency: str) -> Money:
    """Return an amount of Stripe's. Raises ProviderError for currencies and fractions that we can't represent."""
    code = currency.upper()
    if code not in EXPONENTS:
        raise ProviderError(f"Unknown currency {code}.")
    if code in TWO_DECIMALS_AT_STRIPE:
        amount, rest = divmod(amount, 100)
        if rest:
            raise ProviderError(f"Stripe reports a fraction of a unit of {code}.")
    return Money(amount, code)


def to_timestamp(at: datetime) -> int:
    return int(at.timestamp())


def from_timestamp(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def optional_time(seconds: int | None) -> datetime | None:
    return None if seconds is None else from_timestamp(seconds)
