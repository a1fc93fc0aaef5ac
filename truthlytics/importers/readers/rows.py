"""From the cells of a row to a reader."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Literal

from truthlytics.importers.readers.records import ListedContract, ListedReader, Payment
from truthlytics.importers.readers.tables import EMAIL
from truthlytics.importers.readers.values import (
    is_for_life,
    is_nothing,
    parse_amount,
    parse_answer,
    parse_date,
    parse_labels,
)
from truthlytics.web.text import strip_control_characters

Interval = Literal["", "day", "week", "month", "year"]
# Substack replaces the address of a reader who wants to be deleted.
DELETION_HOST = "@deletion-request.substack.com"
WANTS = {"active", "subscribed", "confirmed", "enabled", "opted in", "abonniert", "bestätigt"}
# In these states, the period that the list names is not paid, or no longer.
NOT_PAID = {
    "canceled", "cancelled", "expired", "on hold", "pending", "switched", "trash", "unpaid", "incomplete",
    "incomplete expired", "past due", "failed",
}  # fmt: skip
CANCELLED = {"canceled", "cancelled", "pending cancel", "expired", "not renewing", "gekündigt"}
INTERVALS: dict[str, tuple[Interval, int]] = {
    "day": ("day", 1), "daily": ("day", 1), "week": ("week", 1), "weekly": ("week", 1), "month": ("month", 1),
    "monthly": ("month", 1), "quarter": ("month", 3), "quarterly": ("month", 3), "year": ("year", 1),
    "yearly": ("year", 1), "annual": ("year", 1), "annually": ("year", 1), "monatlich": ("month", 1),
    "jährlich": ("year", 1), "vierteljährlich": ("month", 3), "founding": ("year", 1),
}  # fmt: skip
COMPLIMENTARY = {"comp", "comped", "complimentary", "free forever", "lifetime"}
_CUSTOMER = re.compile(r"(?<![A-Za-z0-9_])cus_[A-Za-z0-9]+")
_ITEM_NAME = re.compile(r"(?:^|\|)name:([^|]+)")
# Called with a sentence about a value that was not understood.
Complain = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Format:
    """How the cells of a table are to be understood."""

    kind: str
    zone: tzinfo
    month_first: bool = False


class Cells:
    """The values of a row by field. The first column that has one wins."""

    def __init__(self, fields: tuple[str, ...], cells: list[str], form: Format, complain: Complain) -> None:
        self.form, self.complain = form, complain
        self.values: dict[str, list[str]] = {}
        for field, cell in zip(fields, cells, strict=True):
            text = strip_control_characters(cell).strip() if cell else ""
            if field and not is_nothing(text):
                self.values.setdefault(field, []).append(text)

    def __getitem__(self, field: str) -> str:
        return self.values.get(field, [""])[0]

    def line(self, field: str) -> str:
        return " ".join(self[field].split())

    def words(self, field: str) -> str:
        """Return a word of a program, such as "wc-on-hold", as "on hold"."""
        return " ".join(re.split(r"[\s_-]+", self[field].casefold().removeprefix("wc-"))).strip()

    def date(self, field: str) -> datetime | None:
        text = self[field]
        if not text or text == "0":
            return None
        found = parse_date(text, self.form.zone, month_first=self.form.month_first)
        if found is None:
            self.complain(f"“{text[:60]}” is not a date.")
        return found

    def answer(self, field: str) -> bool | None:
        found = parse_answer(self[field])
        if found is None and self[field]:
            self.complain(f"“{self[field][:60]}” is neither yes nor no.")
        return found


def reader_of(row: int, file: str, cells: Cells) -> ListedReader:
    """Return the reader of a row that has an address."""
    email = cells["email"].lower()
    deleted = cells["deleted"]
    kind, until = _free_access(cells)
    return ListedReader(
        row=row,
        email=email,
        file=file,
        name=cells.line("name") or " ".join(filter(None, (cells.line("first_name"), cells.line("last_name")))),
        language=cells.line("language")[:40],
        joined_at=cells.date("joined") or cells.date("consent"),
        labels=tuple(label for text in cells.values.get("labels", ()) for label in parse_labels(text)),
        note=cells["note"],
        wants_newsletter=_wants_newsletter(cells),
        wanted_since=cells.date("consent"),
        delete=email.endswith(DELETION_HOST) or bool(deleted and parse_answer(deleted) is not False),
        free_access=kind,
        free_until=until,
        contracts=() if kind else _contracts(cells),
    )


def _wants_newsletter(cells: Cells) -> bool | None:
    """Return what the list says. Everyone in a list of newsletter readers wants it, unless the list says otherwise."""
    if cells["left"] or (cells["no_newsletter"] and cells.answer("no_newsletter")):
        return False
    if cells["newsletter"]:
        return cells.answer("newsletter")
    if cells["newsletter_status"]:
        return cells.words("newsletter_status") in WANTS
    if cells["consent"] or (cells["no_newsletter"] and cells.form.kind == "substack"):
        return True
    return True if cells.form.kind == "newsletter" else None


# --- Access ---------------------------------------------------------------------------------------------------------
def _free_access(cells: Cells) -> tuple[Literal["", "comp", "gift"], datetime | None]:
    """Return complimentary or gift access with its end."""
    access = cells.words("access")
    if "gift" in access or (cells["gift"] and cells.answer("gift")):
        kind: Literal["comp", "gift"] = "gift"
    elif access in COMPLIMENTARY or (cells["comp"] and cells.answer("comp")):
        kind = "comp"
    else:
        return "", None
    until = cells.date("until")
    return kind, None if until and is_for_life(until) else until


def _contracts(cells: Cells) -> tuple[ListedContract, ...]:
    """Return the paid subscription of a row. Nothing that only names a customer's account is one without a plan."""
    customer = _found(_CUSTOMER, cells["customer"], *cells.values.get("payment_details", ()), whole=cells["customer"])
    subscription = cells.line("subscription")[:100]
    status, access = cells.words("status"), cells.words("access")
    pays = cells.answer("paid") if cells["paid"] else None
    if pays is False or access in {"free", "free signup", "author"} or _is_free(cells["plan"] or cells["interval"]):
        return ()
    until = cells.date("until")
    renews_on = cells.date("renews_on")
    if not (customer or pays or access or status or renews_on or (until and cells.form.kind != "ghost")):
        return ()
    currency = cells["currency"].upper()[:3]
    interval, count = _interval(cells)
    cancelled = status in CANCELLED or (cells["renews"] and cells.answer("renews") is False)
    is_over = status in NOT_PAID and not (status in CANCELLED and cells.form.kind not in {"woocommerce", "ghost"})
    contract = ListedContract(
        plan=_plan(cells),
        amount=parse_amount(cells["amount"], currency) if cells["amount"] else None,
        currency=currency,
        interval=interval,
        interval_count=count,
        payment=_payment(cells, customer, access),
        status=status or ("active" if pays or access == "paid" else ""),
        paid_through=None if is_over else (until if cancelled and until else renews_on or until),
        cancelled=bool(cancelled),
        customer_ref=customer,
        subscription_ref=subscription,
    )
    return (contract,)


def _found(pattern: re.Pattern[str], *texts: str, whole: str) -> str:
    """Return the first id. That of a column of its own has to be all of it, so that explanations are not ids."""
    if whole and not pattern.fullmatch(whole):
        return ""
    return next((match[0] for text in texts if (match := pattern.search(text))), "")


def _is_free(plan: str) -> bool:
    return plan.strip().casefold() in {"free", "free tier", "kostenlos"}


def _plan(cells: Cells) -> str:
    """Return the name of the plan. WooCommerce has it among the items of the order."""
    plan = cells.line("plan")
    item = _ITEM_NAME.search(plan) if cells.form.kind == "woocommerce" else None
    return (item[1] if item else plan)[:200]


def _interval(cells: Cells) -> tuple[Interval, int]:
    words = cells.words("interval")
    name, count = INTERVALS.get(words, INTERVALS.get(words.partition(" ")[0], ("", 1)))
    own = cells["interval_count"]
    if own.isdecimal() and 0 < int(own) < 1000:
        count *= int(own)
    return ("year", count // 12) if name == "month" and count % 12 == 0 else (name, count)


def _payment(cells: Cells, customer: str, access: str) -> Payment:
    method = cells.words("payment")
    if method.startswith(("stripe", "card", "credit card", "kreditkarte")) or (customer and not method):
        return "card"
    if method in {
        "manual",
        "bacs",
        "cheque",
        "check",
        "bank transfer",
        "transfer",
        "invoice",
        "überweisung",
        "rechnung",
    }:
        return "transfer"
    return "other" if method or access in {"paid", "ios app"} else ""


def address_problem(text: str) -> str:
    """Return why the address of a row can't be used, as a sentence; "" if it can."""
    if not text:
        return "It has no email address."
    return "" if EMAIL.fullmatch(text) else f"“{text[:80]}” is not an email address."
