"""Amounts of money in forms, typed as 9.00 or 9,00 in every language."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import get_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from subscriptions.money import EXPONENTS

MAX_AMOUNT = Decimal(10**9)

_CURRENCY = r"(?:[€$£¥]|[A-Z]{3})?"
_TYPED = re.compile(
    rf"{_CURRENCY} ?(?P<whole>[0-9]+|[0-9]{{1,3}}(?:(?P<group>[., '’])[0-9]{{3}})(?:(?P=group)[0-9]{{3}})*)"
    rf"(?:(?P<separator>[.,])(?P<decimals>[0-9]+))? ?{_CURRENCY}"
)


def parse_typed_amount(text: str) -> Decimal | None:
    """Return the amount that was typed, with comma or full stop as in 9,90 or 1.250,00; None if it is unclear.

    Unclear is 1.250 where a full stop is not the decimal separator: it may be 1250 or 1.25.
    """
    found = _TYPED.fullmatch(" ".join(text.split()))
    if found is None or (found["group"] and found["group"] == found["separator"]):
        return None
    whole, group, decimals = found["whole"], found["group"], found["decimals"] or ""
    if group in (".", ",") and not decimals and whole.count(group) == 1:
        if group != get_format("DECIMAL_SEPARATOR"):
            return None
        whole, decimals = whole.split(group)
    elif not group and len(decimals) > 2 and found["separator"] != get_format("DECIMAL_SEPARATOR"):
        return None
    digits = re.sub("[^0-9]", "", whole)
    return Decimal(f"{digits}.{decimals}" if decimals else digits)


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

    def to_python(self, value: object) -> Any:
        """Return the amount. Raises ValidationError if what was typed can be read in two ways, or in none."""
        if not isinstance(value, str) or not value.strip() or value.strip().startswith("-"):
            return super().to_python(value)
        amount = parse_typed_amount(value)
        if amount is None:
            raise ValidationError(
                _("Enter an amount with two decimals at most and no separator of thousands, such as 1250.00.")
            )
        return super().to_python(amount)


def minor_units(amount: Decimal, currency: str) -> int:
    """Return `amount` in minor units. Raises ValidationError if it has more decimals than the currency."""
    decimals = EXPONENTS[currency]
    if -int(amount.as_tuple().exponent) > decimals:
        message = ngettext(
            "%(currency)s has %(decimals)d decimal.", "%(currency)s has %(decimals)d decimals.", decimals
        )
        raise ValidationError(message % {"currency": currency, "decimals": decimals})
    return int(amount.scaleb(decimals))


def as_decimal(minor: int, currency: str) -> Decimal:
    return Decimal(minor).scaleb(-EXPONENTS[currency])
