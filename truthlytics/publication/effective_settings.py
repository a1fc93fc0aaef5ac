"""What the newsroom and the environment can both set: the bank account, the default currency and the sender of emails.

The newsroom’s value wins; an empty one means the environment’s. The account counts as one value, so that no IBAN is
used with the holder or BIC of another account.
"""

from email.utils import formataddr, parseaddr
from typing import NamedTuple

from django.conf import settings

from truthlytics.publication.current import get_publication


class BankAccount(NamedTuple):
    """`iban` is in groups of four. Without one, readers cannot pay by transfer."""

    holder: str
    iban: str
    bic: str


def bank_account() -> BankAccount:
    publication, bank = get_publication(), settings.BANK_TRANSFER
    if publication.bank_iban:
        holder, iban, bic = publication.bank_holder, publication.bank_iban, publication.bank_bic
    else:
        holder, iban, bic = bank["holder"], bank["iban"], bank["bic"]
    return BankAccount(holder or publication.publisher_name, iban, bic)


def default_currency() -> str:
    return get_publication().default_currency or settings.DEFAULT_CURRENCY


def sender() -> str:
    """Return the sender of emails. Without a name in the newsroom or the environment, it has the publication’s."""
    publication = get_publication()
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((publication.sender_name or name or publication.name, publication.sender_address or address))
