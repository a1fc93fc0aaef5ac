"""What the commands print, in English like all commands."""

from collections import Counter
from collections.abc import Iterator

from subscriptions.money import Money
from truthlytics.importers.contracts.applying import Applied
from truthlytics.importers.contracts.entries import Action, Entry, Plan, first_charges, sums
from truthlytics.importers.contracts.plan import TWICE
from truthlytics.importers.contracts.undoing import Undone
from truthlytics.importers.contracts.verifying import Verified

LABELS = {
    Action.ADOPT: "attach",
    Action.CREATE: "create with the saved card",
    Action.ACCESS: "access until the paid date",
    Action.FREE: "free",
    Action.REFUSE: "refuse",
    Action.HERE: "here already",
}
CHARGED = (Action.ADOPT, Action.CREATE)
FEE = "application_fee_percent"
SWITCH_OFF = """To switch off in the old shop before you apply:
    its charges: in WooCommerce, deactivate the plugin of the payment gateway, so that subscriptions are renewed by
    hand. The setting “Turn off automatic payments” does not end those that exist
    its emails about renewals and failed payments
    new subscriptions"""
END_FEE = """The old platform still gets a part of each payment. What ends it:
    ask the platform, such as the support of Substack, or revoke its access in Stripe's dashboard, and then set
    application_fee_percent of each contract to nothing with your own key (docs/moving-in.md has the command)"""
AFTERWARDS = """Look up in Stripe's dashboard, under Settings → Installed apps, which applications have access,
as Stripe does not tell programs."""


def plan_lines(plan: Plan, *, verbose: bool = False) -> Iterator[str]:
    """Describe a plan: first what needs a decision, then sums and days, then each reader."""
    twice = [entry for entry in plan.entries if TWICE in entry.reason or TWICE in entry.notes]
    if twice:
        yield "Readers who are probably paying twice:"
        yield from (f"    {_line(entry)}" for entry in twice)
    if plan.problems:
        yield "Wrong in the map of prices:"
        yield from (f"    {problem}" for problem in plan.problems)
    if plan.doubts:
        yield "Probably wrong in the map of prices:"
        yield from (f"    {doubt}" for doubt in plan.doubts)
    counts = Counter(entry.action for entry in plan.entries)
    yield "Contracts: " + ", ".join(f"{counts[action]} {label}" for action, label in LABELS.items())
    yield from _sums(plan)
    yield from _days(plan)
    yield from _reasons("Refused:", [(entry.reason, entry) for entry in plan.of(Action.REFUSE)], verbose=verbose)
    noted = [(note, entry) for entry in plan.to_apply for note in entry.notes]
    yield from _reasons("Continues unchanged:", noted, verbose=verbose)
    if any(FEE in note for note, _entry in noted):
        yield END_FEE
    for heading, prices in (("Not in the map", plan.unmapped), ("Mapped as not ours", plan.not_ours)):
        if prices:
            yield f"{heading}, so that these contracts are left alone:"
            yield from (f"    {price}: {number}" for price, number in sorted(prices.items()))
    if plan.creates:
        yield SWITCH_OFF
    if verbose:
        yield "Each reader:"
        yield from (f"    {_line(entry)}" for entry in plan.entries)


def _sums(plan: Plan) -> Iterator[str]:
    """Compare what the old system charges each period with what will be charged."""
    before = sums(entry for entry in plan.of(*CHARGED, Action.REFUSE) if entry.contract or entry.action in CHARGED)
    after, refused = sums(plan.of(*CHARGED)), sums(entry for entry in plan.of(Action.REFUSE) if entry.contract)
    if before:
        yield "What is charged each period, by old price:"
    for key in sorted(before):
        (price, currency), none = key, (0, 0)
        number, total = before[key]
        here, left = after.get(key, none), refused.get(key, none)
        yield (
            f"    {price}: {number} contracts, {Money(total, currency)}; "
            f"here {here[0]}, {Money(here[1], currency)}; refused {left[0]}, {Money(left[1], currency)}"
        )


def _days(plan: Plan) -> Iterator[str]:
    days = first_charges(plan.entries)
    if days:
        yield "Would be charged next on:"
    for day, entries in days.items():
        totals: Counter[str] = Counter()
        for entry in entries:
            if entry.terms is not None:
                totals[entry.terms.money.currency] += entry.terms.money.minor
        amounts = ", ".join(str(Money(minor, currency)) for currency, minor in sorted(totals.items()))
        yield f"    {day}: {len(entries)}, {amounts}"


def _reasons(heading: str, found: list[tuple[str, Entry]], *, verbose: bool) -> Iterator[str]:
    if not found:
        return
    yield heading
    for reason, number in Counter(reason for reason, _entry in found).most_common():
        yield f"    {number}: {reason}"
        if not verbose:
            examples = [entry for known, entry in found if known == reason][:3]
            yield "        " + ", ".join(f"{entry.email} ({entry.key})" for entry in examples)


def _line(entry: Entry) -> str:
    until = f", paid until {entry.paid_until:%Y-%m-%d}" if entry.paid_until else ""
    why = "; ".join(filter(None, (entry.reason, *entry.notes)))
    terms = f", {entry.terms}" if entry.terms else ""
    return f"{entry.email}: {LABELS[entry.action]}{terms}{until}" + (f" ({why})" if why else "")


def applied_lines(applied: Applied) -> Iterator[str]:
    yield "Done: " + (", ".join(f"{number} {name}" for name, number in applied.counts.items() if number) or "nothing")
    for heading, entries in (("Refused", applied.refused), ("Failed, repeat the command", applied.failed)):
        if entries:
            yield f"{heading}:"
            yield from (f"    {entry.email} ({entry.key}): {reason}" for entry, reason in entries)


def verified_lines(result: Verified) -> Iterator[str]:
    yield from result.differences
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
    if undone.kept:
        yield "Kept, because of what has happened since:"
        yield from (f"    {row.key}: {reason}" for row, reason in undone.kept)
