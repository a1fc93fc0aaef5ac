"""Compare what was charged with the rehearsal that was signed off. Only what differs is said."""

import csv
import io
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscriptions import states
from subscriptions.models import Payment, Subscription, SubscriptionChange
from subscriptions.money import EXPONENTS, Money
from subscriptions.services.moving import ACTOR
from truthlytics.contrib.importers.contracts.models import MovedContract, SignedYear
from truthlytics.contrib.importers.contracts.rehearsal import HEADINGS, UNKNOWN
from truthlytics.web.users import User

# A charge may come so much later or earlier: it is retried, or another zone has another day.
TOLERANCE = timedelta(days=2)
KEY, DAY, AMOUNT, CURRENCY = (HEADINGS.index(name) for name in ("contract", "day here", "amount here", "currency"))
EXAMPLES = 3
# What happens to every contract that is charged.
ORDINARY = ("moved", "renewed", "first_paid", "trial_started")
# What can be the reason of a charge that was not announced.
ADDS_CHARGES = ("cancel_undone", "plan_changed", "replaced", "trial_resumed", "withdrawal_undone")


class UnreadableRehearsal(Exception):
    """The file is not a rehearsal. The message says why."""


@dataclass(frozen=True, slots=True)
class Announced:
    """A charge of the rehearsal; `amount` is None if it was not known."""

    day: date
    amount: Money | None


@dataclass
class Compared:
    """How many charges were announced until now and how many came so; what differs, by its reason or without one."""

    announced: int = 0
    as_announced: int = 0
    differences: list[str] = field(default_factory=list)
    explained: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def sentences(self) -> Iterator[str]:
        """Count what has a reason, such as that the reader has cancelled since, with examples."""
        text = _("Rehearsal: %(announced)s charges were announced until now, and %(came)s came as announced")
        yield text % {"announced": self.announced, "came": self.as_announced}
        for reason, found in self.explained.items():
            text = ngettext(
                "%(number)s difference (%(reason)s): %(examples)s",
                "%(number)s differences (%(reason)s): %(examples)s",
                len(found),
            )
            more = "; …" if len(found) > EXAMPLES else ""
            yield text % {"number": len(found), "reason": reason, "examples": "; ".join(found[:EXAMPLES]) + more}


def read(path: Path) -> dict[str, list[Announced]]:
    """Return the charges here of a file that `plan --year` has written, by contract. Raises UnreadableRehearsal."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            return parse(csv.reader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableRehearsal(f"{path}: {error}") from error


def parse(rows: Iterable[Sequence[str]]) -> dict[str, list[Announced]]:
    """Return the charges here in the rows of a rehearsal, by contract. Raises UnreadableRehearsal."""
    found: dict[str, list[Announced]] = defaultdict(list)
    for number, row in enumerate(rows, start=1):
        if number == 1 and tuple(row) != HEADINGS:
            raise UnreadableRehearsal("This is not a rehearsal. `plan --year FILE` makes one; keep its columns.")
        if number == 1 or not row:
            continue
        try:
            charges = found[row[KEY].removeprefix("'")]  # It is before what a spreadsheet would take for a formula.
            if row[DAY]:
                charges.append(Announced(date.fromisoformat(row[DAY]), money_of(row[AMOUNT], row[CURRENCY])))
        except (IndexError, ValueError, KeyError, InvalidOperation) as error:
            raise UnreadableRehearsal(f"Line {number} of the rehearsal was changed: {error}") from error
    if not found:
        raise UnreadableRehearsal("There is nothing in this rehearsal. `plan --year FILE` makes one.")
    return dict(found)


def sign(text: str, *, by: User, now: datetime) -> SignedYear:
    """Keep the charges of a rehearsal, which `text` shows as CSV, as signed off. Raises UnreadableRehearsal."""
    rows = list(csv.reader(io.StringIO(text, newline="")))
    parse(rows)
    charges = [[row[place] for place in (KEY, DAY, AMOUNT, CURRENCY)] for row in rows[1:]]
    return SignedYear.objects.create(signed_at=now, signed_by=by, digest=digest_of(text), charges=charges)


def digest_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def last_signed() -> dict[str, list[Announced]] | None:
    """Return the charges of the rehearsal that was signed off last, by contract; None if none was."""
    last = SignedYear.objects.first()
    if last is None:
        return None
    rows = [[""] * len(HEADINGS) for _charge in last.charges]
    for row, charge in zip(rows, last.charges, strict=True):
        for place, cell in zip((KEY, DAY, AMOUNT, CURRENCY), charge, strict=True):
            row[place] = cell
    return parse([HEADINGS, *rows])


def money_of(amount: str, currency: str) -> Money | None:
    """Return the amount in two cells, None if it is not known. Raises ValueError, KeyError and InvalidOperation."""
    if amount == UNKNOWN:
        return None
    minor = Decimal(amount).scaleb(EXPONENTS[currency])
    if minor != int(minor):
        raise ValueError(amount)
    return Money(int(minor), currency)


def compare(announced: dict[str, list[Announced]], rows: Sequence[MovedContract], *, now: datetime) -> Compared:
    """Compare the charges of the moved contracts with what was announced of them until now."""
    result = Compared()
    paid: dict[int, list[Payment]] = defaultdict(list)
    for payment in Payment.objects.filter(subscription__in=[row.subscription_id for row in rows]).order_by("pk"):
        paid[payment.subscription_id or 0].append(payment)
    for row in rows:
        if row.key not in announced:
            result.explained[_("moved without being in the rehearsal")].append(row.key)
        elif row.subscription is not None:
            _compare(row, row.subscription, announced[row.key], paid[row.subscription.pk], now, result)
    last, moved = timezone.localdate(now - TOLERANCE), {row.key for row in rows}
    for key, charges in announced.items():
        if key not in moved and any(charge.day <= last for charge in charges):
            result.announced += 1
            result.differences.append(_("%(contract)s: in the rehearsal, but not moved") % {"contract": key})
    return result


def _compare(
    row: MovedContract,
    ours: Subscription,
    announced: Sequence[Announced],
    payments: Sequence[Payment],
    now: datetime,
    result: Compared,
) -> None:
    came = [payment for payment in payments if payment.status == Payment.Status.SUCCEEDED]
    last = timezone.localdate(now - TOLERANCE)
    for charge in announced:
        payment = next((one for one in came if _is_of(one, charge.day)), None)
        if payment is not None:
            came.remove(payment)
        if charge.day > last:
            continue
        result.announced += 1
        if payment is not None and charge.amount in (None, payment.money):
            result.as_announced += 1
            continue
        values = {"contract": row.key, "day": charge.day, "amount": charge.amount or UNKNOWN}
        if payment is not None:
            text = _("%(contract)s: %(amount)s was announced for %(day)s, but %(paid)s was charged")
            _note(result, ours, charge.day, text % (values | {"paid": payment.money}))
        else:
            text = _("%(contract)s: %(amount)s was announced for %(day)s, but was not charged")
            failed = any(one.status == Payment.Status.FAILED and _is_of(one, charge.day) for one in payments)
            _note(result, ours, charge.day, text % values, _("the payment failed") if failed else "")
    horizon = max((charge.day for charge in announced), default=last)
    for payment in came:
        day = timezone.localdate(payment.paid_at or payment.recorded_at)
        if day <= max(horizon, last):
            text = _("%(contract)s: %(amount)s was charged on %(day)s, but was not announced")
            text %= {"contract": row.key, "amount": payment.money, "day": day}
            _note(result, ours, day, text, events=ADDS_CHARGES)


def _is_of(payment: Payment, day: date) -> bool:
    """Whether the payment is of that day: its period begins then, or it was made then."""
    times = filter(None, (payment.period_start, payment.paid_at))
    return any(abs(timezone.localdate(at) - day) <= TOLERANCE for at in times)


def _note(
    result: Compared,
    ours: Subscription,
    day: date,
    text: str,
    reason: str = "",
    events: Collection[str] | None = None,
) -> None:
    """Note a difference, under what has happened to the contract since it was moved, if any of `events` has."""
    reason = reason or _since(ours, day, events)
    if reason:
        result.explained[reason].append(text)
    else:
        result.differences.append(text)


def _since(ours: Subscription, day: date, events: Collection[str] | None) -> str:
    """Return what has happened to the contract before the day, "" if nothing has."""
    changes = SubscriptionChange.objects.filter(subscription=ours).exclude(actor=ACTOR).exclude(event__in=ORDINARY)
    if events is not None:
        changes = changes.filter(event__in=events)
    before = [change for change in changes if timezone.localdate(change.at) <= day + TOLERANCE]
    if not before and ours.status == states.ENDED:
        before = list(changes)  # Its end was heard of later.
    if not before:
        return ""
    return _("%(event)s since then") % {"event": before[-1].get_event_display()}
