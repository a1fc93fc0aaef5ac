"""From the cells of a row to a reader."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Literal, cast

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from subscriptions.models import User
from truthlytics.contrib.importers.readers.records import ListedContract, ListedReader, Payment, Word
from truthlytics.contrib.importers.readers.tables import EMAIL
from truthlytics.contrib.importers.readers.values import (
    is_for_life,
    is_nothing,
    parse_amount,
    parse_answer,
    parse_date,
    parse_labels,
)
from truthlytics.contrib.importers.readers.vocabulary import (
    LABELS,
    MONTH_FIRST,
    Vocabulary,
    form_of,
    interval_of,
    key_of,
)
from truthlytics.web.text import strip_control_characters

Interval = Literal["", "day", "week", "month", "year"]
# Substack replaces the address of a reader who wants to be deleted.
DELETION_HOST = "@deletion-request.substack.com"
WANTS = {"active", "subscribed", "confirmed", "enabled", "opted in", "abonniert", "bestätigt"}
MAX_EMAIL = User._meta.get_field("email").max_length or 254
DATES_OF_MONEY = {"until", "renews_on"}
# Topics of which each cell counts, regardless of its row.
_TOPICS = ("status", "access", "paid", "renews", "comp", "gift", "payment", "currency")
# What changes the price, unless it says that it does not.
_CHANGES = ("discount", "quantity", "tax", "paused")
# Without a column of its own, their systems have these only.
_CARDS_ONLY = {"ghost", "memberful", "substack"}
_CUSTOMER = re.compile(r"(?<![A-Za-z0-9_])cus_[A-Za-z0-9]+")
_DAY = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?!\d)")
_ITEM_NAME = re.compile(r"(?:^|[|;])name:([^|;]+)")
_ITEM_QUANTITY = re.compile(r"\|quantity:([^|;]*)")
# Names of plans, or of intervals, that cost nothing.
FREE_PLANS = {"free", "free tier", "kostenlos"}
# Called with a sentence about a value that was not understood.
Complain = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Format:
    """How the cells of a table are to be understood. `orders` has what comes first in each form of its dates."""

    kind: str
    zone: tzinfo
    vocabulary: Vocabulary
    orders: Mapping[str, Word] = field(default_factory=dict)


class Cells:
    """The values of a row by field. The first column that has one wins, except for money: see `said`."""

    def __init__(self, fields: tuple[str, ...], cells: list[str], form: Format, complain: Complain) -> None:
        self.fields, self.form, self.complain = fields, form, complain
        self.judged: dict[Word, None] = {}
        self.values: dict[str, list[str]] = {}
        for name, cell in zip(fields, cells, strict=True):
            text = strip_control_characters(cell).strip() if cell else ""
            if name and not is_nothing(text):
                self.values.setdefault(name, []).append(text)

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, [""])[0]

    def line(self, name: str) -> str:
        return " ".join(self[name].split())

    def has(self, topic: str) -> bool:
        """Return whether there is a word of a topic, or the editor has said what none means."""
        return bool(self.values.get(topic)) or self.form.vocabulary.explains_nothing(topic)

    def said(self, name: str) -> str:
        """Return what the columns of a field say, all of it if they differ."""
        return " | ".join({key_of(text): " ".join(text.split()) for text in self.values.get(name, ())}.values())

    def meaning(self, topic: str, text: str | None = None) -> str:
        """Return what the cell of a topic is taken for, and keep it. Without a column, its word is missing."""
        text = self.said(topic) if text is None else text
        word = self.form.vocabulary.word(topic, text, is_missing=topic not in self.fields and not text)
        self.judged[word] = None
        return word.meaning

    def date(self, name: str) -> datetime | None:
        """Return the time of a field; None, with a complaint, if it can't be known."""
        texts = [text for text in dict.fromkeys(self.values.get(name, ())) if text != "0"]
        found = {self._date(name, text) for text in texts}
        if len(found) > 1 and name in DATES_OF_MONEY:
            self.judged[Word("date", " | ".join(texts)[:100])] = None
            return None
        return self._date(name, texts[0]) if texts else None

    def _date(self, name: str, text: str) -> datetime | None:
        order = self.form.orders.get(form_of(text))
        said = self.form.vocabulary.word("date", text)
        if said.meaning:
            found, word = parse_date(said.meaning, self.form.zone), said
        elif order is not None and not order.meaning:
            found, word = None, order
        else:
            is_month_first = order is not None and order.meaning == MONTH_FIRST
            found = parse_date(text, self.form.zone, month_first=is_month_first)
            word = order if found and order else said
        if name in DATES_OF_MONEY:
            self.judged[word] = None
        elif found is None:
            self.complain(sentence(word))
        return found

    def answer(self, name: str) -> bool | None:
        found = parse_answer(self[name])
        if found is None and self[name]:
            self.complain(f"“{self[name][:60]}” is neither yes nor no.")
        return found


def sentence(word: Word) -> str:
    """Say why nothing is done with a row that has `word`, which no one knows."""
    values = {"topic": LABELS[word.topic], "word": word.text}
    if word.topic == "dates":
        text = _("it is not known whether the day or the month comes first in dates such as %(word)s: say it")
    elif word.topic == "date":
        text = _("“%(word)s” is not a date")
    elif word.is_missing:
        text = _("the list has no column of “%(topic)s”: say what holds for its rows")
    elif not word.text:
        text = _("“%(topic)s” is empty: say what that means")
    elif word.topic == "amount":
        text = _("the amount “%(word)s” can’t be read with certainty: say what it is")
    else:
        text = _("“%(word)s” is not known under “%(topic)s”: say what it means")
    return text % values


def reader_of(row: int, file: str, cells: Cells) -> ListedReader:
    """Return the reader of a row that has an address."""
    email = cells["email"].lower()
    deleted = cells["deleted"]
    kind, until, contracts = _money(cells)
    words = tuple(cells.judged)
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
        contracts=contracts,
        words=words,
    )


def _wants_newsletter(cells: Cells) -> bool | None:
    """Return what the list says. Everyone in a list of newsletter readers wants it, unless the list says otherwise."""
    if cells["left"] or (cells["no_newsletter"] and cells.answer("no_newsletter") is not False):
        return False
    if cells["newsletter"]:
        return cells.answer("newsletter")
    if cells["newsletter_status"]:
        return key_of(cells["newsletter_status"]) in WANTS
    if cells["consent"] or (cells["no_newsletter"] and cells.form.kind == "substack"):
        return True
    return True if cells.form.kind == "newsletter" else None


# --- Money and access -----------------------------------------------------------------------------------------------
Free = Literal["", "comp", "gift"]


def _money(cells: Cells) -> tuple[Free, datetime | None, tuple[ListedContract, ...]]:
    """Return complimentary or gift access with its end, or the paid subscription of a row.

    Each word in a column of money is judged. An empty cell is one too, but only in the row of a reader who pays.
    """
    meanings = {topic: cells.meaning(topic) if cells.has(topic) else "" for topic in _TOPICS}
    for topic in _CHANGES:
        if cells.values.get(topic):
            cells.meaning(topic)
    until, renews_on, cancels = cells.date("until"), cells.date("renews_on"), _cancels(cells)
    amount, interval = _amount(cells, meanings["currency"]), _interval(cells)
    if free := _free_access(cells, meanings):
        return free, None if until and is_for_life(until) else until, ()
    customer = _found(
        _CUSTOMER, cells["customer"], *cells.values.get("payment_details", ()), whole=cells.said("customer")
    )
    if meanings["paid"] == "no" or meanings["access"] == "free" or _is_free(cells):
        return "", None, ()
    is_listed = any(cells.values.get(topic) for topic in ("status", "access")) or meanings["paid"] == "yes"
    if not (is_listed or customer or renews_on or (until and cells.form.kind != "ghost")):
        return "", None, ()
    status = _status(cells, meanings)
    renews = cells.meaning("renews") if "renews" in cells.fields else ""
    ends = status == "cancelled" or renews == "no" or cancels
    if amount == 0 and status in {"active", "cancelled"} and all(word.meaning for word in cells.judged):
        return "comp", until if ends else None, ()
    if status != "over":
        _judge_empty(cells, ("paid", "access", "amount", "currency", "interval"))
    contract = ListedContract(
        plan=_plan(cells),
        amount=amount,
        currency=meanings["currency"],
        interval=interval[0],
        interval_count=interval[1],
        payment=_payment(cells, customer, meanings),
        status=key_of(cells.said("status")) or ("active" if status == "active" else ""),
        paid_through=None if status in {"over", "unpaid"} else until if until and ends else renews_on or until,
        cancelled=ends or status == "over",
        is_unpaid=status == "unpaid",
        customer_ref=customer,
        subscription_ref=cells.line("subscription")[:100],
    )
    return "", None, (contract,)


def _judge_empty(cells: Cells, topics: tuple[str, ...]) -> None:
    """Let empty cells count as words, where the list has columns of them."""
    for topic in topics:
        if topic in cells.fields and not cells.values.get(topic):
            cells.meaning(topic)


def _free_access(cells: Cells, meanings: Mapping[str, str]) -> Free:
    if meanings["access"] == "gift" or meanings["gift"] == "yes":
        return "gift"
    if meanings["access"] == "comp" or meanings["comp"] == "yes":
        return "comp"
    if cells.values.keys() & {"status", "customer", "renews_on"}:
        _judge_empty(cells, ("comp", "gift"))
    if cells.form.kind == "substack":  # Its list of paying readers says of each why they have access.
        _judge_empty(cells, ("access",))
    return ""


def _status(cells: Cells, meanings: Mapping[str, str]) -> str:
    """Return the state of a subscription. Where the list has none, having paid is one."""
    if "status" in cells.fields:
        return cells.meaning("status")
    if meanings["paid"] == "yes" or meanings["access"] in {"paid", "app"}:
        return "active"
    for topic in ("paid", "access"):
        if topic in cells.fields:
            cells.meaning(topic)
            return ""
    return cells.meaning("status")


def _cancels(cells: Cells) -> bool:
    """Return whether a column of cancellations means one. Its dates count by their form; nothing is no cancellation."""
    if "cancels" not in cells.fields:
        return False
    text = cells.said("cancels")
    return cells.meaning("cancels", form_of(text) if _DAY.match(text) else text) == "yes"


def _amount(cells: Cells, currency: str) -> int | None:
    text = cells.said("amount")
    if not cells.has("amount"):
        return None
    word = cells.form.vocabulary.word("amount", text)
    amount = parse_amount(word.meaning or text, currency)
    if amount is None or word.meaning:
        cells.judged[word if amount is not None else Word("amount", text[:100])] = None
    return amount


def _found(pattern: re.Pattern[str], *texts: str, whole: str) -> str:
    """Return the first id. That of a column of its own has to be all of it, so that explanations are not ids."""
    if whole and not pattern.fullmatch(whole):
        return ""
    return next((match[0] for text in texts if (match := pattern.search(text))), "")


def _is_free(cells: Cells) -> bool:
    """Return whether the plan costs nothing, unless the editor says that one of this name gives paid access."""
    plan = cells["plan"] or cells["interval"]
    return key_of(plan) in FREE_PLANS and cells.meaning("access", plan) == "free"


def _plan(cells: Cells) -> str:
    """Return the name of the plan. WooCommerce has it among the items of the order."""
    plan = cells.said("plan")
    if cells.form.kind != "woocommerce" or not (names := _ITEM_NAME.findall(plan)):
        return plan[:200]
    for quantity in _ITEM_QUANTITY.findall(plan):
        cells.meaning("quantity", quantity)
    return " + ".join(name.strip() for name in names)[:200]


def _interval(cells: Cells) -> tuple[Interval, int]:
    """Return what the column of intervals says, with the number of them that another column may have."""
    text = cells.said("interval")
    if not cells.has("interval") or key_of(text) in FREE_PLANS:
        return "", 1
    if text and "interval_count" in cells.fields:
        number = cells.said("interval_count")
        text = text if number == "1" else f"{number or '?'} {text}"
    unit, count = interval_of(cells.meaning("interval", text))
    return cast(Interval, unit), count


def _payment(cells: Cells, customer: str, meanings: Mapping[str, str]) -> Payment:
    """Return how a reader pays. Lists of systems that know only cards need no column of it."""
    if "payment" in cells.fields:
        return cast(Payment, cells.meaning("payment"))
    if meanings["access"] == "app":
        return "other"
    if cells.form.kind in _CARDS_ONLY:
        return "card" if customer else "other" if meanings["access"] == "paid" else ""
    return cast(Payment, cells.meaning("payment"))


def sending_problem(email: str) -> str:
    """Return why an address cannot be used to log in here, as a sentence; "" if they can."""
    try:
        validate_email(email)
    except ValidationError:
        return f"Emails can’t be sent from here to “{email[:80]}”."
    return f"The address is longer than {MAX_EMAIL} characters." if len(email) > MAX_EMAIL else ""


def address_problem(text: str) -> str:
    """Return why the address of a row can't be used, as a sentence; "" if it can."""
    if not text:
        return "It has no email address."
    return "" if EMAIL.fullmatch(text) else f"“{text[:80]}” is not an email address."
