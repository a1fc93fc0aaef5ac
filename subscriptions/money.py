"""Money amounts: whole minor units and an ISO 4217 currency. No floats, no sums across currencies."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import pgettext

# Decimals per currency. Fixed here so that stored amounts never change their meaning.
_DECIMALS = {
    0: "CLP ISK JPY KRW PYG UGX VND XAF XOF",
    2: "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS INR MXN NOK NZD PLN SEK SGD TRY UAH USD ZAR",
    3: "BHD JOD KWD OMR TND",
}
EXPONENTS = {code: decimals for decimals, codes in _DECIMALS.items() for code in codes.split()}
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
CURRENCIES = sorted(EXPONENTS)


def percentage(number: Decimal | int) -> str:
    """Format a number of percent for readers: 19.5 is "19.5%", in German "19,5 %" with a no-break space."""
    value = Decimal(number).normalize()
    decimals = max(0, -int(value.as_tuple().exponent))
    text = pgettext("percentage", "%(number)s%%") % {"number": number_format(value, decimals)}
    return text.replace(" ", "\N{NO-BREAK SPACE}")


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` units of `currency`: Money(900, "EUR") is nine euros, Money(900, "JPY") nine hundred yen."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if not isinstance(self.minor, int) or isinstance(self.minor, bool):
            raise TypeError("Amounts must be whole numbers of minor units.")
        if self.currency not in EXPONENTS:
            raise ValueError(f"Unknown currency {self.currency!r}.")

    def __add__(self, other: "Money") -> "Money":
        if other.currency != self.currency:
            raise ValueError(f"Can’t add {self.currency} and {other.currency}.")
        return Money(self.minor + other.minor, self.currency)

    def __str__(self) -> str:
        """Format for readers, in British English €9.00, ¥900, −$1,200.50 and KWD 9.000, in German 9,00 €.

        Spaces are no-break spaces.
        """
        decimals = EXPONENTS[self.currency]
        amount = number_format(Decimal(abs(self.minor)).scaleb(-decimals), decimals, force_grouping=True)
        if symbol := SYMBOLS.get(self.currency):
            text = pgettext("amount of money", "%(symbol)s%(amount)s") % {"symbol": symbol, "amount": amount}
        else:
            text = pgettext("amount of money", "%(code)s %(amount)s") % {"code": self.currency, "amount": amount}
        return ("−" if self.minor < 0 else "") + text.replace(" ", "\N{NO-BREAK SPACE}")
