"""VAT identification numbers of the European Union: form and check digits. Whether one was issued, only VIES knows."""

import re

from truthlytics.publication.countries import EU
from truthlytics.web.lazy_import import LazyModule

vat = LazyModule("stdnum.eu.vat")
# Greece uses EL instead of GR.
_PREFIXES = {"GR": "EL"}


def normalised(text: str) -> str:
    """Return `text` without spaces, dots and hyphens, in capitals: "de 123.456.789" becomes DE123456789."""
    return re.sub(r"[\s.\-]", "", text).upper()


def country_of(vat_id: str) -> str:
    """Return the member state in which the normalised `vat_id` is valid, as an ISO code; "" if there is none."""
    country = "GR" if vat_id.startswith("EL") else vat_id[:2]
    if not vat_id.isascii() or not vat_id.isalnum() or prefix_of(country) != vat_id[:2]:
        return ""
    # stdnum takes some numbers without a leading zero or prefix; invoices need all of them.
    return country if vat.compact(vat_id) == vat_id and vat.is_valid(vat_id) else ""


def prefix_of(country: str) -> str:
    """Return how VAT IDs of a member state begin; "" for other countries."""
    return _PREFIXES.get(country, country) if country in EU else ""
