"""VAT identification numbers of the European Union: their form only. Whether one was issued, only VIES knows."""

import re

from truthlytics.publication.countries import EU

# The forms that the European Commission lists for VIES, without the prefix. Greece uses EL instead of GR.
_FORMS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z]\d{7}[A-Z0-9]|\d{8}[A-Z]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]|\d{7}[A-Z]{2}",
    "IT": r"\d{11}",
    "LT": r"\d{9}|\d{12}",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"[1-9]\d{1,9}",
    "SE": r"\d{10}01",
    "SI": r"[1-9]\d{7}",
    "SK": r"[1-9]\d{9}",
}
_PREFIXES = {"GR": "EL"}


def normalised(text: str) -> str:
    """Return `text` without spaces, dots and hyphens, in capitals: "de 123.456.789" becomes DE123456789."""
    return re.sub(r"[\s.\-]", "", text).upper()


def country_of(vat_id: str) -> str:
    """Return the member state that the normalised `vat_id` has the form of, as an ISO code; "" if it has none."""
    prefix, number = vat_id[:2], vat_id[2:]
    country = "GR" if prefix == "EL" else prefix
    form = _FORMS.get(prefix)
    return country if form is not None and re.fullmatch(form, number, re.ASCII) and country in EU else ""


def prefix_of(country: str) -> str:
    """Return how VAT IDs of a member state begin; "" for other countries."""
    return _PREFIXES.get(country, country) if country in EU else ""
