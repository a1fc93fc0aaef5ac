"""Readers on the lists, by the ids that Stripe has for them, or by their address."""

from collections.abc import Iterable
from typing import NamedTuple

from truthlytics.contrib.importers.readers.records import ListedContract, ListedReader


class Listed(NamedTuple):
    """A reader and one of their contracts, as the lists have them; None for readers without one."""

    reader: ListedReader
    contract: ListedContract | None

    @property
    def plan(self) -> str:
        return self.contract.plan if self.contract is not None else ""


class ListIndex:
    """Finds the rows of readers. Of several with the same id or address, the first."""

    def __init__(self, readers: Iterable[ListedReader]) -> None:
        self._by_ref: dict[str, Listed] = {}
        self._by_email: dict[str, Listed] = {}
        for reader in readers:
            self._by_email.setdefault(reader.email.casefold(), Listed(reader, next(iter(reader.contracts), None)))
            for contract in reader.contracts:
                for ref in filter(None, (contract.subscription_ref, contract.customer_ref)):
                    self._by_ref.setdefault(ref, Listed(reader, contract))

    def with_ref(self, ref: str) -> Listed | None:
        """Return the row with this contract or customer at Stripe."""
        return self._by_ref.get(ref)

    def find(self, ref: str, customer: str, email: str) -> Listed | None:
        """Return the row with this contract, else with this customer, else with this address."""
        return self._by_ref.get(ref) or self._by_ref.get(customer) or self._by_email.get(email.casefold())
