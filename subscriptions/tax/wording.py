"""How tax is said to readers: after a price, and in full."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from subscriptions.tax.computing import Kind, Tax


def as_percent(rate: int) -> str:
    """Return a rate in basis points as readers see it: 700 is "7 %", 1950 is "19.5 %", in German "19,5 %"."""
    value = (Decimal(rate) / 100).normalize()
    decimals = max(0, -int(value.as_tuple().exponent))
    return f"{number_format(value, decimals)}\N{NO-BREAK SPACE}%"


def included(tax: Tax) -> str:
    """Return what an amount includes, such as "including 7 % VAT"; "" if that is a sentence of its own, or nothing."""
    if tax.kind == Kind.PROVIDER:
        return _("including tax")
    if tax.kind == Kind.RATE and (tax.rate or not tax.note):
        return _("including %(rate)s VAT") % {"rate": as_percent(tax.rate or 0)}
    return ""


def note(tax: Tax) -> str:
    """Return the sentence that must be said with an amount without tax; "" if there is none."""
    if tax.kind == Kind.REVERSE_CHARGE:
        return _("Reverse charge: the recipient of the service owes the VAT.")
    return tax.note


def describe(tax: Tax) -> str:
    """Return what to say of the tax in an amount, to stand alone: "including 7 % VAT", or the sentence; "" if none."""
    return included(tax) or note(tax)


def sentence(price: str, tax: Tax) -> str:
    """Return `price` with its tax: "€9.00 a month, including 7 % VAT", or followed by the sentence of the scheme."""
    return price + after(tax)


def after(tax: Tax) -> str:
    """Return what `sentence` adds to a price, with its punctuation; "" if nothing is said about tax."""
    if text := included(tax):
        return f", {text}"
    text = note(tax)
    return f". {text}" if text else ""
