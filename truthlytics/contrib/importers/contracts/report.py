"""What the commands print, in English like all commands."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import batched

from django.utils import timezone

from subscriptions.money import Money
from truthlytics.contrib.importers.contracts import overview
from truthlytics.contrib.importers.contracts.applying import Applied
from truthlytics.contrib.importers.contracts.entries import Action, Entry, Plan
from truthlytics.contrib.importers.contracts.models import ContractRun
from truthlytics.contrib.importers.contracts.rehearsal import Line, months
from truthlytics.contrib.importers.contracts.undoing import Undone
from truthlytics.contrib.importers.contracts.verifying import Verified
from truthlytics.contrib.importers.readers.lists import Problem
from truthlytics.contrib.importers.readers.occurring import MAX_LINES, word_lines

LABELS = {
    Action.ADOPT: "attach",
    Action.CREATE: "create with the saved card",
    Action.ACCESS: "access until the paid date",
    Action.FREE: "free",
    Action.REFUSE: "refuse",
    Action.HERE: "here already",
}
SWITCH_OFF = """To switch off in the old shop before you apply:
    its charges: in WooCommerce, deactivate the plugin of the payment gateway, so that subscriptions are renewed by
    hand. The setting “Turn off automatic payments” does not end those that exist
    its emails about renewals and failed payments
    new subscriptions"""
END_FEE = """The old platform still gets a part of each payment. What ends it:
    ask the platform, such as the support of Substack, or revoke its access in Stripe's dashboard, and then set
    application_fee_percent of each contract to nothing with your own key (docs/moving-in.md has the command)"""
EXAMPLES = 3
AFTERWARDS = """Look up in Stripe's dashboard, under Settings → Installed apps, which applications have access,
as Stripe does not tell programs."""


def problem_lines(problems: list[Problem]) -> Iterator[str]:
    """Name rows that could not be read, and are in no plan."""
    if problems:
        yield f"Rows that could not be read, or not completely: {len(problems)}"
        yield from (f"    {problem.file}, row {problem.row}: {problem.what[:160]}" for problem in problems[:MAX_LINES])


def plan_lines(plan: Plan, *, verbose: bool = False) -> Iterator[str]:
    """Describe a plan: first what needs a decision, then sums and days, then each reader."""
    if twice := overview.double_payers(plan):
        yield "Readers who are probably paying twice:"
        yield from (f"    {line(entry)}" for entry in twice)
    if plan.problems:
        yield "Wrong in the map of prices:"
        yield from (f"    {problem}" for problem in plan.problems)
    if plan.doubts:
        yield "Probably wrong in the map of prices:"
        yield from (f"    {doubt}" for doubt in plan.doubts)
    yield from word_lines(plan.words)
    yield from _products(plan)
    counts = Counter(entry.action for entry in plan.entries)
    yield "Contracts: " + ", ".join(f"{counts[action]} {label}" for action, label in LABELS.items())
    yield from _sums(plan)
    yield from _days(plan)
    yield from _reasons("Refused:", overview.refusals(plan), verbose=verbose)
    yield from _reasons("Continues unchanged:", overview.notes(plan), verbose=verbose)
    if overview.has_fee(plan):
        yield END_FEE
    for heading, prices in (("Not in the map", plan.unmapped), ("Mapped as not ours", plan.not_ours)):
        if prices:
            yield f"{heading}, so that these contracts are left alone:"
            yield from (f"    {price}: {number}" for price, number in sorted(prices.items()))
    if plan.creates:
        yield SWITCH_OFF
    if verbose:
        yield "Each reader:"
        yield from (f"    {line(entry)}" for entry in plan.entries)


def _products(plan: Plan) -> Iterator[str]:
    if plan.products:
        yield "Prices and plans:"
    for name, product in sorted(plan.products.items(), key=lambda each: (bool(each[1].here), -each[1].number)):
        here = f"taken for “{product.here}”" if product.here else "not in the map, and left alone"
        yield f"    {name or 'no plan named'}: {product.number}, {here} ({', '.join(product.examples)})"


def _sums(plan: Plan) -> Iterator[str]:
    if found := overview.price_sums(plan):
        yield "What is charged each period, by old price:"
    for price, before, here, refused in found:
        yield (
            f"    {price}: {before.number} contracts, {before.amount}; here {here.number}, {here.amount}; "
            f"refused {refused.number}, {refused.amount}"
        )


def _days(plan: Plan) -> Iterator[str]:
    if days := overview.charges_by_day(plan):
        yield "Would be charged next on:"
    for day, number, amounts in days:
        yield f"    {day}: {number}, {', '.join(map(str, amounts)) or 'amounts that Stripe computes'}"


def _reasons(heading: str, found: list[tuple[str, list[Entry]]], *, verbose: bool) -> Iterator[str]:
    if found:
        yield heading
    for reason, entries in found:
        yield f"    {len(entries)}: {reason}"
        if not verbose:
            yield "        " + ", ".join(f"{entry.email} ({entry.key})" for entry in entries[:3])


def line(entry: Entry) -> str:
    until = f", paid until {timezone.localdate(entry.paid_until):%Y-%m-%d}" if entry.paid_until else ""
    why = "; ".join(filter(None, (entry.reason, *entry.notes)))
    terms = f", {entry.terms}" if entry.terms else ""
    next_charge = _next(entry) if entry.action in (*overview.CHARGED, Action.ACCESS) else ""
    return f"{entry.email}: {LABELS[entry.action]}{terms}{until}{next_charge}" + (f" ({why})" if why else "")


def _next(entry: Entry) -> str:
    if entry.cancelled:
        return ", cancelled: ends then, not charged again" if entry.next_charge is None else ", cancelled for later"
    if entry.next_charge is None:
        return "" if entry.action == Action.ACCESS else ", not charged as it is"
    amount = entry.charge or "an amount that Stripe computes"
    return f", next charge {amount} on {timezone.localdate(entry.next_charge):%Y-%m-%d}"


def year_lines(lines: Sequence[Line], *, verbose: bool = False) -> Iterator[str]:
    """Describe a rehearsal: the sums of each month on both sides, and each line that differs, or every line."""
    yield "The next twelve months, if every payment succeeds (the old system; here):"
    for month in months(lines):
        before, here = (", ".join(map(str, sums)) or "nothing" for sums in (month.before, month.here))
        yield f"    {month.month:%Y-%m}: {before}; {here}" + (f" ({month.differs} differ)" if month.differs else "")
    shown = [line for line in lines if verbose or line.difference]
    if shown:
        yield "Every charge:" if verbose else "What differs, charge by charge:"
    for one in shown:
        _reader, _key, _action, *sides, currency, why = one.cells()
        before, here = (" ".join((day, amount, currency)) if day else "nothing" for day, amount in batched(sides, 2))
        yield f"    {one.entry.email}: {before}; {here}" + (f" ({why})" if why else "")


def applied_lines(applied: Applied) -> Iterator[str]:
    yield "Done: " + (", ".join(f"{number} {name}" for name, number in applied.counts.items() if number) or "nothing")
    for heading, entries in (("Refused", applied.refused), ("Failed, repeat the command", applied.failed)):
        if entries:
            yield f"{heading}:"
            yield from (f"    {entry.email} ({entry.key}): {reason}" for entry, reason in entries)


def verified_lines(result: Verified) -> Iterator[str]:
    yield from result.differences
    yield from result.year
    yield from result.notes
    yield AFTERWARDS
    for currency in sorted({*result.here, *result.there}):
        here, there = Money(result.here[currency], currency), Money(result.there[currency], currency)
        yield f"Charged each period: {here} here, {there} at Stripe."
    yield f"Compared: {result.compared} contracts, of which {result.renewed} were due for a charge since."
    if result.last_renewal is not None:
        yield f"Verify again after the last first charge, on {result.last_renewal:%Y-%m-%d}."


def undone_lines(undone: Undone) -> Iterator[str]:
    yield f"Undone: {undone.number}"
    for heading, rows in (("Kept, because of what has happened since", undone.kept), ("Failed", undone.failed)):
        if rows:
            yield f"{heading}:"
            yield from (f"    {row.key}: {reason}" for row, reason in rows)


def left_lines(found: Sequence[tuple[ContractRun, int, Mapping[str, Sequence[str]]]]) -> Iterator[str]:
    """Say what is still moved, of which run, and what undoes it."""
    for run, undoable, kept in found:
        yield f"Still moved by {run}: {undoable + sum(map(len, kept.values()))}"
        if undoable:
            yield f"    {undoable} can be undone: repeat `manage.py import_contracts undo`"
        for reason, keys in kept.items():
            more = ", …" if len(keys) > EXAMPLES else ""
            yield f"    {len(keys)} stay, because {reason}: {', '.join(keys[:EXAMPLES])}{more}"
    if any(kept for _run, _number, kept in found):
        yield "What stays can be ended one by one, on the pages of its readers in the newsroom."
