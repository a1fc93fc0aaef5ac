"""The fields of an invoice that Directive 2006/112/EC names, and where a receipt has them."""

from collections.abc import Mapping

# Up to this amount in euros and without a company as its recipient, an invoice may be simplified (article 220a). Member
# states may allow up to €400.
SIMPLIFIED_UP_TO_MINOR = 10_000

# By point of the article, the keys of a receipt's snapshot of which at least one must have a text. The date of issue
# (point 1) and the number (point 2) are columns of the receipt.
FULL = {
    "226(3) the supplier’s VAT number": ("vat_id", "tax_id"),
    "226(5) the supplier’s name": ("publisher",),
    "226(5) the supplier’s address": ("address",),
    "226(5) the customer’s name": ("company", "name"),
    "226(5) the customer’s address": ("buyer_address",),
    "226(6) the quantity": ("quantity",),
    "226(6) the nature of the service": ("item",),
    "226(7) the date of the supply or of the payment": ("period", "paid"),
    "226(8) the unit price without VAT": ("unit_net", "note"),
    "226(8) the taxable amount": ("net", "note"),
    "226(9) the rate": ("rate", "note"),
    "226(10) the VAT": ("tax", "note"),
}
# Also where the customer owes the tax.
REVERSE_CHARGE = {
    "226(4) the customer’s VAT number": ("buyer_vat_id",),
    "226(11a) the words “Reverse charge”": ("note",),
}
SIMPLIFIED = {
    "226b(b) the supplier": ("publisher",),
    "226b(c) the service": ("item",),
    "226b(d) the VAT": ("tax", "rate", "note"),
}
# What a credit note must have in either form.
CREDIT_NOTE = {"219 and 226b(e) the original invoice": ("receipt",)}


def required(
    *, gross_minor: int, is_company: bool, is_reverse_charge: bool, is_credit_note: bool
) -> dict[str, tuple[str, ...]]:
    """Return the fields that a document over `gross_minor` must have, by what the directive calls them."""
    is_simplified = abs(gross_minor) <= SIMPLIFIED_UP_TO_MINOR and not is_company and not is_reverse_charge
    fields = dict(SIMPLIFIED if is_simplified else FULL)
    if is_reverse_charge:
        fields |= REVERSE_CHARGE
    return fields | CREDIT_NOTE if is_credit_note else fields


def missing(snapshot: Mapping[str, str], fields: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return which of the required `fields` a receipt does not have."""
    return [name for name, keys in fields.items() if not any(snapshot.get(key) for key in keys)]
