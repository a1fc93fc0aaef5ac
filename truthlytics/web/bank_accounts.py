"""Bank account numbers: IBAN (ISO 13616) and BIC (ISO 9362)."""

from truthlytics.web.lazy_import import LazyModule

bic, iban = LazyModule("stdnum.bic"), LazyModule("stdnum.iban")


def compact(number: str) -> str:
    """Return the number in capitals, without spaces."""
    return "".join(number.split()).upper()


def in_groups(number: str) -> str:
    """Return an IBAN in groups of four, as it is printed."""
    number = compact(number)
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def is_iban(text: str) -> bool:
    """Return whether its form, its check digits and those of its bank, if it has any, are right for its country."""
    return _has_no_signs(text) and bool(iban.is_valid(text))


def is_bic(text: str) -> bool:
    """Return whether it is 8 or 11 characters with a country in the middle."""
    return _has_no_signs(text) and bool(bic.is_valid(text))


def _has_no_signs(text: str) -> bool:
    """Return whether `text` has only A to Z and digits besides spaces. stdnum takes hyphens and similar signs, too."""
    return compact(text).isascii() and compact(text).isalnum()
