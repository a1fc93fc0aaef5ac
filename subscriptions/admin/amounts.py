"""Amounts of money in forms, typed as 9.00, in German as 9,00 or 9.00."""

from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy, ngettext

from subscriptions.money import EXPONENTS

MAX_AMOUNT = Decimal(10**9)


class AmountField(forms.DecimalField):
    """A decimal amount. `minor_units` converts it once the currency is known."""

    def __init__(self, **kwargs: object) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 8})
        defaults: dict[str, object] = {
            "label": gettext_lazy("Amount"),
            "localize": True,
            "min_value": 0,
            "max_value": MAX_AMOUNT,
            "widget": widget,
        }
        super().__init__(**defaults | kwargs)  # type: ignore[arg-type]


def minor_units(amount: Decimal, currency: str) -> int:
    """Return `amount` in minor units. Raises ValidationError if it has more decimals than the currency."""
    decimals = EXPONENTS[currency]
    minor = amount.scaleb(decimals)
    if minor != int(minor):
        message = ngettext(
            "%(currency)s has %(decimals)d decimal.", "%(currency)s has %(decimals)d decimals.", decimals
        )
        raise ValidationError(message % {"currency": currency, "decimals": decimals})
    return int(minor)


def as_decimal(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-EXPONENTS[currency])
