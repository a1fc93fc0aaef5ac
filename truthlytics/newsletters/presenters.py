"""What the pages on which readers choose their emails show."""

from typing import NamedTuple

from truthlytics.newsletters.models import Address, Follow, Newsletter


class Choices(NamedTuple):
    """`newsletters` are pairs of a newsletter and whether the address gets it; `frequencies` pairs of value and label.

    `address` is None for readers who have not signed up for anything yet.
    """

    address: Address | None
    newsletters: list[tuple[Newsletter, bool]]
    follows: list[Follow]
    frequencies: list[tuple[str, str]]
    frequency: str


def choices_of(address: Address | None) -> Choices:
    """Return what `address` gets and could get. Three queries."""
    active: set[int] = set()
    follows: list[Follow] = []
    if address is not None:
        active = set(address.sign_ups.active().values_list("newsletter", flat=True))
        follows = list(address.follows.select_related("author", "section", "series", "topic__merged_into"))
    newsletters = [(row, row.pk in active) for row in Newsletter.objects.all() if row.is_offered or row.pk in active]
    frequency = address.frequency if address is not None else Address.Frequency.DAILY
    follows.sort(key=lambda follow: follow.label.casefold())
    frequencies = [(choice.value, str(choice.label)) for choice in Address.Frequency]
    return Choices(address, newsletters, follows, frequencies, frequency)
