"""The bank account that readers pay to."""

from typing import NamedTuple

from django.conf import settings

from truthlytics.publication.current import get_publication


class BankAccount(NamedTuple):
    """`iban` is in groups of four. Without one, readers cannot pay by transfer."""

    holder: str
    iban: str
    bic: str


def bank_account() -> BankAccount:
    bank = settings.BANK_TRANSFER
    return BankAccount(bank["holder"] or get_publication().publisher_name, bank["iban"], bank["bic"])
