"""Compare what was moved with Stripe and the list, in both directions. Changes nothing."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscriptions import states
from subscriptions.models import IgnoredWebhook, Payment, SentEmail, Subscription
from subscriptions.money import Money
from subscriptions.providers import provider_named
from subscriptions.providers.stripe import moving, reading
from subscriptions.providers.stripe.catalogue import CODE
from subscriptions.services.moving import LINK_EMAIL
from truthlytics.contrib.importers.contracts import planning, signed
from truthlytics.contrib.importers.contracts.applying import moved_rows
from truthlytics.contrib.importers.contracts.at_stripe import terms_of
from truthlytics.contrib.importers.contracts.comparing import compare
from truthlytics.contrib.importers.contracts.entries import Action, Plan
from truthlytics.contrib.importers.contracts.facts import mended, missing, time_of
from truthlytics.contrib.importers.contracts.models import ContractRun, MovedContract
from truthlytics.contrib.importers.contracts.pace import Pace
from truthlytics.contrib.importers.contracts.prices import PriceMap, Terms
from truthlytics.contrib.importers.contracts.signed import Announced
from truthlytics.contrib.importers.readers.records import ListedReader

# A charge may come so much later than the period ends, such as when it is retried.
LATE = timedelta(days=2)
WEBHOOK_PATH = "/webhooks/stripe/"
# Names that a note about several contracts has.
EXAMPLES = 3


@dataclass
class Verified:
    """What differs, and what the operator should know."""

    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    # What came of the rehearsal.
    year: list[str] = field(default_factory=list)
    # What all contracts that renew are charged each period, by currency: here and at Stripe.
    here: Counter[str] = field(default_factory=Counter)
    there: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    renewed: int = 0
    last_renewal: datetime | None = None


def verify(
    prices: PriceMap | None,
    *,
    pace: Pace,
    now: datetime,
    readers: Iterable[ListedReader] | None = None,
    announced: dict[str, list[Announced]] | None = None,
    tell: Callable[[], None] = lambda: None,
) -> Verified:
    """Compare every moved contract with Stripe, and Stripe's contracts with ours. Raises ProviderError.

    With `prices`, contracts at our prices that are not here are found, too; with `readers` of a later list also, the
    list is compared in both directions; with what a rehearsal has `announced`, the
    charges since. Calls `tell` before each request about one reader.
    """
    rows = moved_rows()
    result = Verified(compared=len(rows))
    there = {found.ref: found for found in pace(lambda: list(moving.contracts()))}
    for row in rows:
        tell()
        result.notes += _complete(row, there, pace)
        result.differences += [f"{row.key}: {text}" for text in _compare(row, there, pace, now)]
        _note_renewal(row, result, now)
        _add_up(row, there, result)
    ours = {row.subscription.provider_ref for row in rows if row.subscription is not None}
    strangers = _find_strangers(there, prices, result)
    plan = Plan()
    if prices is not None and readers is not None:
        readers = list(readers)
        plan = planning.make(readers, prices, pace=pace, contracts=list(there.values()), tell=tell)
        result.differences += compare(readers, plan, rows, strangers)
        refused = [entry for entry in plan.of(Action.REFUSE) if entry.key not in strangers]
        result.notes += _left_alone((entry.reason, f"{entry.email} ({entry.key})") for entry in refused)
    _note_outside_charges(rows, plan, result, pace)
    if announced is not None:
        year = signed.compare(announced, rows, now=now)
        result.differences += year.differences
        result.year = list(year.sentences())
    result.differences += _emails(rows)
    result.notes += _access_of_others(there, ours, pace)
    return result


# One contract


def _complete(row: MovedContract, there: dict[str, moving.Contract], pace: Pace) -> Iterator[str]:
    """Find out what the record of a damaged row should say, without storing it."""
    if names := missing(row):
        ref = row.subscription.provider_ref if row.subscription is not None else ""
        found = there.get(ref) or (pace(partial(moving.contract, ref)) if ref else None)
        row.facts = (row.facts if isinstance(row.facts, dict) else {}) | mended(row, found)
        text = _("%(contract)s: its record lacks %(names)s, which was found out again; the next `apply` stores it")
        yield text % {"contract": row.key, "names": ", ".join(names)}


def _compare(row: MovedContract, there: dict[str, moving.Contract], pace: Pace, now: datetime) -> Iterator[str]:
    ours = row.subscription
    if ours is None:
        yield _("its subscription is not here any more")
        return
    yield from _access(row, ours, now)
    if not ours.provider_ref:
        return
    found = there.get(ours.provider_ref) or pace(partial(moving.contract, ours.provider_ref))
    if found is None:
        yield _("it does not exist at Stripe")
        return
    yield from _terms(ours, found)
    if found.metadata.get(reading.ORDER) != str(row.order_uuid):
        yield _("our mark is missing at Stripe, so that nothing is recorded of it")
    if (ours.status == states.ENDED) != (found.status == "canceled"):
        here = {"here": ours.get_status_display(), "there": found.status}
        yield _("it is “%(here)s” here and “%(there)s” at Stripe") % here
    elif ours.status != states.ENDED and ours.cancel_at != found.cancel_at:
        yield _("its cancellation differs")
    if found.fee and found.status != "canceled":
        text = _(
            "the old platform still takes %(percent)s%% of each payment: ask it to end that, or revoke its access and "
            "remove the fee from the contract"
        )
        yield text % {"percent": f"{found.fee:g}"}
    yield from _charges(row, ours, found, now)


def _terms(ours: Subscription, found: moving.Contract) -> Iterator[str]:
    """Compare what the next invoice will be for."""
    expected, actual = ours.upcoming_price, terms_of(found)
    if found.status == "canceled" or actual is None:
        return
    if not actual.matches(expected):
        price = Terms(expected.money, expected.interval, expected.count)
        text = _("Stripe charges %(there)s, but its price here is %(here)s")
        yield text % {"there": actual, "here": price}


def _charges(row: MovedContract, ours: Subscription, found: moving.Contract, now: datetime) -> Iterator[str]:
    """Check that the first charge is on its day, and is made once."""
    due = time_of(row.facts.get("next_charge"))
    if due is None or ours.changes.exclude(actor="import").exclude(event__in=("renewed", "first_paid")).exists():
        return  # Its reader has changed it since.
    if now < due:
        if found.period_end != due:
            text = _("its next charge is on %(there)s instead of %(here)s")
            yield text % {"there": found.period_end.date(), "here": due.date()}
        return
    first = Payment.objects.filter(subscription=ours, period_start=due)
    number = first.filter(status=Payment.Status.SUCCEEDED).count()
    if number > 1:
        text = _("the period from %(day)s was charged %(number)s times")
        yield text % {"day": due.date(), "number": number}
    awaited = found.status == "active" and not found.is_paused and now > due + LATE
    if number == 0 and awaited and not _is_free(ours, due):
        yield _("the period from %(day)s was not charged") % {"day": due.date()}


def _is_free(ours: Subscription, due: datetime) -> bool:
    """Whether an invoice of nothing, such as one paid from the balance, covers the period."""
    return ours.grants.filter(source="invoice", starts_at=due).exists()


def _access(row: MovedContract, ours: Subscription, now: datetime) -> Iterator[str]:
    """Check that what is paid for can be read. Access that was revoked, such as by a refund, is meant."""
    paid_until = time_of(row.facts.get("paid_until"))
    if paid_until is None or paid_until <= now or ours.status == states.ENDED:
        return
    end = ours.grants.exclude(source="grace").aggregate(end=Max("ends_at"))["end"]
    if end is None or end < paid_until:
        text = _("it is paid until %(paid)s, but there is access until %(end)s")
        none = _("it is paid until %(paid)s, but gives no access")
        yield (text if end else none) % {"paid": paid_until.date(), "end": end.date() if end else ""}


def _add_up(row: MovedContract, there: dict[str, moving.Contract], result: Verified) -> None:
    found = there.get(row.subscription.provider_ref) if row.subscription is not None else None
    if row.subscription is not None and found is not None and found.amount is not None:
        price = row.subscription.upcoming_price
        result.here[price.currency] += price.minor
        result.there[found.amount.currency] += found.amount.minor


def _note_renewal(row: MovedContract, result: Verified, now: datetime) -> None:
    due = time_of(row.facts.get("next_charge"))
    if due is not None and due <= now:
        result.renewed += 1
    elif due is not None:
        result.last_renewal = max(due, result.last_renewal or due)


# Everything else


def _find_strangers(there: dict[str, moving.Contract], prices: PriceMap | None, result: Verified) -> set[str]:
    """Find contracts that should be here, by our mark or by their price, unless they were refused. Return their ids."""
    found_refs, left = set[str](), list[tuple[str, str]]()
    last = ContractRun.objects.filter(undone_at=None).first()
    refused = last.refused if last is not None else {}
    ours = set(Subscription.objects.filter(provider=CODE).values_list("provider_ref", flat=True))
    for ref, found in there.items():
        target = prices.of_price(found.price) if prices is not None else None
        if ref in ours:
            continue
        found_refs.add(ref)
        if found.mark:
            text = _("%(contract)s: it has our mark, but is not here; repeat the step that was interrupted")
            result.differences.append(text % {"contract": ref})
        elif ref in refused:
            left.append((refused[ref], ref))
        elif target is not None and target.is_ours:
            text = _("%(contract)s: it is live at Stripe for %(price)s since %(day)s, but is not here")
            values = {"contract": ref, "price": found.price, "day": found.created.date()}
            result.differences.append(text % values)
        else:
            found_refs.discard(ref)
    result.notes += _left_alone(left)
    return found_refs


def _left_alone(found: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Count the contracts that were refused, with what can be read of each, by reason."""
    by_reason: dict[str, list[str]] = {}
    for reason, name in found:
        by_reason.setdefault(reason, []).append(name)
    for reason, names in by_reason.items():
        text = ngettext(
            "%(number)s contract was left alone (%(reason)s): %(names)s",
            "%(number)s contracts were left alone (%(reason)s): %(names)s",
            len(names),
        )
        more = ", …" if len(names) > EXAMPLES else ""
        yield text % {"number": len(names), "reason": reason, "names": ", ".join(names[:EXAMPLES]) + more}


def _note_others(others: Sequence[tuple[str, Money]]) -> Iterator[str]:
    """Count the charges of moved readers for something else, such as another product."""
    totals: Counter[str] = Counter()
    for _customer, amount in others:
        totals[amount.currency] += amount.minor
    if others:
        text = ngettext(
            "%(number)s charge was for something else than a moved contract: %(sums)s, of %(readers)s",
            "%(number)s charges were for something else than a moved contract: %(sums)s, of %(readers)s",
            len(others),
        )
        customers = sorted({customer for customer, _amount in others})
        readers = ngettext("%(number)s customer", "%(number)s customers", len(customers)) % {"number": len(customers)}
        sums = " + ".join(str(Money(minor, currency)) for currency, minor in sorted(totals.items()))
        yield text % {"number": len(others), "sums": sums, "readers": readers}


def _note_outside_charges(rows: Sequence[MovedContract], plan: Plan, result: Verified, pace: Pace) -> None:
    """Find charges since the move that none of our contracts has made: the old shop may still charge.

    Of moved readers, and of those in the `plan` of a later list.
    """
    moved = {row.facts["customer"]: row for row in rows if row.facts.get("customer")}
    listed = {entry.customer: entry for entry in plan.entries if entry.customer and entry.customer not in moved}
    start = min((row.done_at for row in rows if row.done_at is not None), default=None)
    others: list[tuple[str, Money]] = []
    if start is None:
        return
    for ref, customer, amount, at in pace(lambda: list(moving.charges_since(start, {*moved, *listed}))):
        row, entry = moved.get(customer), listed.get(customer)
        began = row.done_at if row is not None else start
        if began is None or at <= began or Payment.objects.filter(provider=CODE, provider_ref=ref).exists():
            continue
        owner = pace(partial(provider_named(CODE).payment_owner, ref))
        values = {"customer": customer, "amount": amount, "day": at.date(), "email": entry.email if entry else ""}
        if entry is not None:
            is_theirs = owner.kind != "subscription" and entry.terms is not None and amount == entry.terms.money
            text = _(
                "%(customer)s: %(amount)s was charged on %(day)s by another system from %(email)s, who is not here"
            )
            if is_theirs:
                result.differences.append(text % values)
            elif owner.kind == "subscription":
                others.append((customer, amount))
            else:
                result.notes.append(text % values)
        elif Subscription.objects.filter(provider=CODE, provider_ref=owner.ref).exclude(provider_ref="").exists():
            text = _("%(customer)s: %(amount)s was charged on %(day)s, but is not recorded here; run `reconcile`")
            result.differences.append(text % values)
        elif owner.kind == "subscription" or row is None or not _costs(row, amount):
            others.append((customer, amount))
        else:
            text = _(
                "%(customer)s: %(amount)s was charged on %(day)s by another system, as much as the contract: is the "
                "old shop off?"
            )
            result.differences.append(text % values)
    result.notes += _note_others(others)


def _costs(row: MovedContract, amount: Money) -> bool:
    return row.subscription is not None and row.subscription.price.money == amount


def _emails(rows: Sequence[MovedContract]) -> Iterator[str]:
    """Check that moving has sent no email to the readers that were moved."""
    for run in ContractRun.objects.filter(undone_at=None):
        readers = {row.user_id for row in rows if row.run_id == run.pk}
        # Editors send their links themselves.
        sent = SentEmail.objects.exclude(kind=LINK_EMAIL).filter(sent_at__gte=run.started_at, user__in=readers)
        if run.finished_at is not None:
            sent = sent.filter(sent_at__lte=run.finished_at)
        if number := sent.count():
            text = _("%(run)s: %(number)s emails were sent to moved readers meanwhile")
            yield text % {"run": run, "number": number}


def _access_of_others(there: dict[str, moving.Contract], ours: set[str], pace: Pace) -> Iterator[str]:
    for url in pace(partial(moving.other_endpoints, settings.SITE_URL + WEBHOOK_PATH)):
        yield _("Another webhook endpoint: %(url)s") % {"url": url}
    applications = Counter(found.application for ref, found in there.items() if ref in ours and found.application)
    for application, number in applications.items():
        text = _("%(number)s contracts were made by the application %(name)s, which may still have access")
        yield text % {"number": number, "name": application}
    ignored = sum(IgnoredWebhook.objects.of(CODE).values_list("number", flat=True))
    yield _("Messages about contracts of others that were ignored: %(number)s") % {"number": ignored}
