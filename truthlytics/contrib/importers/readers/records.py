"""What a list of readers says about one of them, whatever system it comes from."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

# How a reader has paid so far. `card` is a card saved at Stripe, `other` includes PayPal and purchases in apps.
Payment = Literal["", "card", "transfer", "other"]


class Word(NamedTuple):
    """What a cell says about money or access, and what it is taken for; "" if no one knows.

    `is_missing` if the list has no column of it, which matters only where nothing but the list knows it.
    """

    topic: str
    text: str
    meaning: str = ""
    is_missing: bool = False


@dataclass(frozen=True)
class ListedContract:
    """A paid subscription in the old system."""

    plan: str = ""
    # In the smallest unit of the currency; None if the list does not say it.
    amount: int | None = None
    currency: str = ""
    interval: Literal["", "day", "week", "month", "year"] = ""
    # How many of them a period has: 3 with "month" is a quarter.
    interval_count: int = 1
    payment: Payment = ""
    # The old system's words, such as "active" or "canceled".
    status: str = ""
    # The period that has been paid ends at this time; the next charge would be then.
    paid_through: datetime | None = None
    # Whether the reader has cancelled, so that nothing is charged after `paid_through`.
    cancelled: bool = False
    # Whether the list says that a payment is due or has failed.
    is_unpaid: bool = False
    customer_ref: str = ""
    subscription_ref: str = ""


@dataclass(frozen=True)
class ListedReader:
    """One row of a list. What is empty is not in the list."""

    # The number of the row in its file, as a spreadsheet counts it.
    row: int
    # In lower case. It looks like an address, which does not mean that email can be sent to it.
    email: str
    # The name of the file.
    file: str = ""
    name: str = ""
    language: str = ""
    joined_at: datetime | None = None
    labels: tuple[str, ...] = ()
    note: str = ""
    # None if the list does not say whether the reader wants the newsletter.
    wants_newsletter: bool | None = None
    wanted_since: datetime | None = None
    # The reader has asked to be deleted.
    delete: bool = False
    # Complimentary or gift access; `free_until` is None for access without an end.
    free_access: Literal["", "comp", "gift"] = ""
    free_until: datetime | None = None
    contracts: tuple[ListedContract, ...] = field(default=())
    # The words that money and access depend on.
    words: tuple[Word, ...] = ()

    @property
    def unknown(self) -> tuple[Word, ...]:
        """The words that no one knows: with one, nothing is charged and no access is given."""
        return tuple(word for word in self.words if not word.meaning)
