"""The members in an export of Ghost, a JSON file."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from truthlytics.contrib.importers.ghost.files import Part
from truthlytics.contrib.importers.ghost.json_rows import read_rows
from truthlytics.contrib.importers.readers.records import ListedContract, ListedReader, Word
from truthlytics.contrib.importers.readers.rows import Free, Interval
from truthlytics.contrib.importers.readers.tables import EMAIL
from truthlytics.contrib.importers.readers.values import is_for_life, parse_date
from truthlytics.contrib.importers.readers.vocabulary import Vocabulary, interval_of
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import JsonObject


@dataclass
class _Tables:
    """What the rows of members refer to, by their ids."""

    vocabulary: Vocabulary
    labels: dict[str, str] = field(default_factory=dict)
    labels_of: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    plans: dict[str, str] = field(default_factory=dict)
    plans_of: dict[str, list[tuple[str, datetime | None]]] = field(default_factory=lambda: defaultdict(list))
    customers_of: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    contracts_of: dict[str, list[tuple[ListedContract, tuple[Word, ...]]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    newsletters_of: set[str] = field(default_factory=set)
    has_newsletters: bool = False

    def collect(self, table: str, row: JsonObject) -> None:
        member = _text(row, "member_id")
        if table == "labels":
            self.labels[_text(row, "id")] = _text(row, "name")[:100]
        elif table == "members_labels":
            self.labels_of[member].append(_text(row, "label_id"))
        elif table == "products":
            self.plans[_text(row, "id")] = _text(row, "name")[:200]
        elif table == "members_products":
            self.plans_of[member].append((_text(row, "product_id"), _date(row, "expiry_at")))
        elif table == "members_stripe_customers":
            self.customers_of[member].append(_text(row, "customer_id"))
        elif table == "members_stripe_customers_subscriptions":
            self.contracts_of[_text(row, "customer_id")].append(_contract(row, self.vocabulary))
        elif table == "newsletters":
            self.has_newsletters = True
        elif table == "members_newsletters":
            self.newsletters_of.add(member)


def has_members(part: Part) -> bool:
    """Return whether an export contains members. Raises OSError and UnreadableFile."""
    with part.open() as stream:
        return any(table == "members" and isinstance(row, dict) for table, row, _ in read_rows(stream, part.name))


def read_members(part: Part, vocabulary: Vocabulary) -> Iterator[tuple[int, str, ListedReader | None]]:
    """Yield the number of each member, the address as it is, and the reader if that looks like one.

    Raises OSError and UnreadableFile.
    """
    tables, number = _Tables(vocabulary), 0
    with part.open() as stream:
        for table, row, _ in read_rows(stream, part.name):
            if isinstance(row, dict):
                tables.collect(table, row)
    with part.open() as stream:
        for table, row, _ in read_rows(stream, part.name):
            if table != "members" or not isinstance(row, dict):
                continue
            number += 1
            email = _text(row, "email")
            yield number, email, _reader(number, part.name, row, tables) if EMAIL.fullmatch(email) else None


def _reader(number: int, file: str, row: JsonObject, tables: _Tables) -> ListedReader:
    member, status = _text(row, "id"), _text(row, "status")
    found = [each for ref in tables.customers_of[member] for each in tables.contracts_of[ref]]
    contracts, words = [contract for contract, _words in found], {word for _contract, own in found for word in own}
    plans = tables.plans_of[member]
    names = [tables.plans[plan] for plan, _end in plans if plan in tables.plans]
    access = tables.vocabulary.word("access", status)
    if status:
        words.add(access)
    free = cast(Free, access.meaning if access.meaning in {"comp", "gift"} else "")
    if not contracts and not free and access.meaning != "free":
        contracts = [
            ListedContract(plan=", ".join(names)[:200], payment="card", status=status, customer_ref=ref)
            for ref in tables.customers_of[member]
        ]
    until = max((end for _plan, end in plans if end is not None), default=None)
    joined = _date(row, "created_at")
    return ListedReader(
        row=number,
        email=_text(row, "email").lower(),
        file=file,
        name=" ".join(_text(row, "name").split()),
        joined_at=joined,
        labels=tuple(tables.labels[label] for label in tables.labels_of[member] if tables.labels.get(label)),
        note=_text(row, "note"),
        wants_newsletter=_wants_newsletter(row, member, tables),
        free_access=free,
        free_until=None if until is None or is_for_life(until) else until,
        contracts=tuple(contracts),
        words=tuple(sorted(words)),
    )


def _wants_newsletter(row: JsonObject, member: str, tables: _Tables) -> bool | None:
    """Return what the member chose. Old versions have a column for it, newer ones a table."""
    if row.get("email_disabled") in {True}:
        return False
    if tables.has_newsletters or tables.newsletters_of:
        return member in tables.newsletters_of
    subscribed = row.get("subscribed")
    return bool(subscribed) if isinstance(subscribed, bool | int) else None


def _contract(row: JsonObject, vocabulary: Vocabulary) -> tuple[ListedContract, tuple[Word, ...]]:
    """Return a contract with its words. Each of them has to be known."""
    cancels = row.get("cancel_at_period_end")
    status = vocabulary.word("status", _text(row, "status").replace("_", " "))
    interval = vocabulary.word("interval", _text(row, "plan_interval"))
    currency = vocabulary.word("currency", _text(row, "plan_currency"))
    renews = vocabulary.word("renews", {None: "yes", False: "yes", True: "no"}.get(cancels, str(cancels)))
    unit, count = interval_of(interval.meaning)
    amount = row.get("plan_amount")
    contract = ListedContract(
        plan=_text(row, "plan_nickname")[:200],
        amount=amount if isinstance(amount, int) and not isinstance(amount, bool) else None,
        currency=currency.meaning,
        interval=cast(Interval, unit),
        interval_count=count,
        payment="card",
        status=status.text,
        paid_through=None if status.meaning in {"over", "unpaid"} else _date(row, "current_period_end"),
        cancelled=renews.meaning == "no" or status.meaning in {"over", "cancelled"},
        is_unpaid=status.meaning == "unpaid",
        customer_ref=_text(row, "customer_id"),
        subscription_ref=_text(row, "subscription_id"),
    )
    return contract, (status, interval, currency, renews)


def _text(row: JsonObject, key: str) -> str:
    value = row.get(key)
    return strip_control_characters(str(value)).strip() if isinstance(value, str | int) else ""


def _date(row: JsonObject, key: str) -> datetime | None:
    return parse_date(_text(row, key), UTC)
