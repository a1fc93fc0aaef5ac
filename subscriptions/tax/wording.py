"""How tax is stated next to a price. `Tax.description` is for texts about the tax alone."""

from django.utils.translation import gettext as _

from subscriptions.tax.computing import Kind, Tax, as_percent


def sentence(price: str, tax: Tax) -> str:
    """Return `price` with its tax: "€9.00 a month, including 7% VAT", or followed by the sentence of the scheme."""
    return price + after(tax)


def after(tax: Tax) -> str:
    """Return what `sentence` adds to a price, with its punctuation; "" if nothing is said about tax."""
    if tax.included:
        return f", {tax.included}"
    return f". {tax.sentence}" if tax.sentence else ""


def statement(tax: Tax) -> str:
    """Return the same as a sentence, to follow one about a price: "The price includes 7% VAT."."""
    if tax.kind == Kind.PROVIDER:
        return _("The price includes tax.")
    if tax.included:
        return _("The price includes %(rate)s VAT.") % {"rate": as_percent(tax.rate or 0)}
    return tax.sentence
