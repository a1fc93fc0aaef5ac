"""The steps of an import of contracts on the page, with what its row says: plan, apply, verify and undo."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from subscriptions.money import Money
from subscriptions.providers.stripe import moving
from truthlytics.contrib.importers.contracts import applying, overview, planning, rehearsal, signed, undoing, verifying
from truthlytics.contrib.importers.contracts.applying import Applied
from truthlytics.contrib.importers.contracts.entries import Action, Entry, Plan
from truthlytics.contrib.importers.contracts.holding import Holder
from truthlytics.contrib.importers.contracts.pace import RATE, Pace
from truthlytics.contrib.importers.contracts.prices import price_map
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.progress import Progress
from truthlytics.contrib.importers.readers import work as readers
from truthlytics.contrib.importers.readers.lists import KINDS, Problem
from truthlytics.contrib.importers.readers.records import ListedReader
from truthlytics.contrib.importers.records import Loss, Report
from truthlytics.contrib.importers.run import ImportRefused
from truthlytics.web.csv_files import lines as csv_lines
from truthlytics.web.dates import local_date
from truthlytics.web.types import JsonObject

DAY = "j M Y"
# Readers whom the page of a run names; the report has all.
MAX_NAMED, EXAMPLES = 100, 3


def check(run: ImportRun, files: Sequence[Path], *, file: Path, report: Path, year: Path) -> None:
    """Find out what becomes of each contract, and save it to `file`, a line for each to `report`, and a year to `year`.

    Changes nothing else. The columns and prices are saved even if no plan can be made. Raises ImportRefused.
    """
    losses, pace = Report.open(report), Pace(RATE)
    problems: list[Problem] = []
    found: JsonObject = {"columns": [], "prices": [], "losses": {}, "words": []}
    try:
        with planning.refusals():
            lists = readers.lists_of(run, files)
            found["columns"] = readers.columns_of(lists)
            contracts = pace(lambda: list(moving.contracts()))
            plan = _plan(run, lists.read(problems.append), contracts, pace)
            found["words"] = readers.words_of(plan.words)
            prices = [_price(row, plan) for row in overview.old_prices(plan, contracts)]
            found |= _found(plan) | {"prices": prices, "year": _rehearse(plan, year)}
            for entry in plan.entries:
                losses.add(_line(entry.action, entry))
            add_problem = readers.reporter(losses)
            for problem in problems:
                add_problem(problem)
            found["losses"] = Counter(problem.code for problem in problems)
    finally:
        losses.close()
        _save(file, found)


def write(run: ImportRun, files: Sequence[Path], *, report: Path) -> None:
    """Move what is not moved yet, as a new plan says. Raises ImportRefused and progress.Stopped."""
    pace, holder = Pace(RATE), Holder(run)
    with planning.refusals():
        contracts = pace(lambda: list(moving.contracts()))
        plan = _plan(run, readers.lists_of(run, files).read(_ignore), contracts, pace)
        stated = parse_datetime(run.options.get("shop_off_at", ""))
        source = KINDS[run.options["kind"]]
        moved = applying.begin(plan, source=source, shop_off_at=stated, now=timezone.now(), by=run.started_by)
        ImportRun.objects.filter(pk=run.pk).update(contract_run=moved)
        applied = applying.apply(plan, moved, holder=holder, pace=pace)
    _report(plan, applied, report)
    counts = {str(action): number for action, number in applied.counts.items()}
    counts |= {"new": sum(applied.counts.values()), "refused": len(applied.refused), "failed": len(applied.failed)}
    ImportRun.objects.filter(pk=run.pk).update(counts=counts, finished_at=timezone.now())
    if applied.failed:
        text = ngettext(
            "%(number)d contract could not be moved. The report has the reason. Go on to try it again.",
            "%(number)d contracts could not be moved. The report has the reasons. Go on to try them again.",
            len(applied.failed),
        )
        raise ImportRefused(text % {"number": len(applied.failed)})


def verify(run: ImportRun, files: Sequence[Path] | None, *, file: Path) -> None:
    """Compare what was moved with Stripe and with the lists in `files`, if they are still here. Changes nothing.

    Saves what differs to `file`. Raises ImportRefused and progress.Stopped.
    """
    with planning.refusals():
        result = verifying.verify(
            price_map(run.options.get("prices", {})),
            pace=Pace(RATE),
            now=timezone.now(),
            announced=signed.last_signed(),
            readers=None if files is None else readers.lists_of(run, files).read(_ignore),
            tell=_teller(run),
        )
    sums = [
        [str(Money(result.here[currency], currency)), str(Money(result.there[currency], currency))]
        for currency in sorted({*result.here, *result.there})
    ]
    found = {
        "at": timezone.now().isoformat(),
        "has_list": files is not None,
        "differences": result.differences,
        "year": result.year,
        "notes": result.notes,
        "sums": sums,
        "compared": result.compared,
        "last_renewal": result.last_renewal.isoformat() if result.last_renewal else "",
    }
    _save(file, found)


def undo(run: ImportRun) -> None:
    """Undo what was moved, except what something has happened to since. Raises ImportRefused and progress.Stopped."""
    if run.contract_run is None:
        return
    with planning.refusals():
        undone = undoing.undo(run.contract_run, holder=Holder(run), pace=Pace(RATE))
    ImportRun.objects.filter(pk=run.pk).update(counts={})
    if undone.failed:
        text = ngettext(
            "%(number)d contract could not be undone: %(reasons)s. Undo again to try it once more.",
            "%(number)d contracts could not be undone: %(reasons)s. Undo again to try them once more.",
            len(undone.failed),
        )
        reasons = "; ".join(f"{row.key}: {reason}" for row, reason in undone.failed[:EXAMPLES])
        raise ImportRefused(text % {"number": len(undone.failed), "reasons": reasons})


def _rehearse(plan: Plan, path: Path) -> JsonObject:
    """Write the rehearsal of a year to `path`, and return its months."""
    lines = rehearsal.rehearse(plan, now=timezone.now())
    path.write_text("".join(csv_lines(rehearsal.rows(lines))), encoding="utf-8", newline="")
    path.chmod(0o600)
    months = [
        [month.month.isoformat(), _amounts(month.before), _amounts(month.here), month.differs]
        for month in rehearsal.months(lines)
    ]
    return {"months": months, "differs": sum(bool(line.difference) for line in lines)}


def _plan(run: ImportRun, listed: Iterable[ListedReader], contracts: Sequence[moving.Contract], pace: Pace) -> Plan:
    prices = price_map(run.options.get("prices", {}))
    return planning.make(listed, prices, pace=pace, contracts=contracts, tell=_teller(run))


def _ignore(problem: Problem) -> None:
    """Rows with problems were reported by the plan."""


def _teller(run: ImportRun) -> Callable[[], None]:
    """Return a function that counts what was asked, and raises Stopped when the run is to stop."""
    progress, asked = Progress(), 0

    def tell() -> None:
        nonlocal asked
        asked += 1
        progress(run, asked, 0)

    return tell


def _report(plan: Plan, applied: Applied, path: Path) -> None:
    """Write what became of each contract."""
    report = Report.open(path)
    others = {entry.key for entry, _reason in [*applied.refused, *applied.failed]}
    for entry in plan.entries:
        if entry.key not in others:
            report.add(_line(entry.action, entry))
    for code, entries in ((str(Action.REFUSE), applied.refused), ("failed", applied.failed)):
        for entry, reason in entries:
            report.add(Loss(code, reason, source_id=entry.key, title=entry.email))
    report.close()


def _line(code: str, entry: Entry) -> Loss:
    return Loss(str(code), sentence(entry), source=entry.name, source_id=entry.key, title=entry.email)


def sentence(entry: Entry) -> str:
    """Say what is paid until when, when it is charged next, and why."""
    parts = [str(entry.terms)] if entry.terms is not None else []
    if entry.paid_until is not None:
        parts.append(_("paid until %(day)s") % {"day": local_date(entry.paid_until, DAY)})
    if entry.action in overview.CHARGED:
        parts.append(_next_charge(entry))
    elif entry.cancelled and entry.action == Action.ACCESS:
        parts.append(_("cancelled: ends then"))
    return "; ".join(filter(None, (", ".join(parts), entry.reason, *entry.notes)))


def _next_charge(entry: Entry) -> str:
    if entry.next_charge is None:
        return _("cancelled: ends then, and is not charged again") if entry.cancelled else _("not charged as it is")
    values = {"day": local_date(entry.next_charge, DAY), "amount": entry.charge or ""}
    if entry.charge is None:
        return _("next charge on %(day)s, of an amount that Stripe computes") % values
    return _("next charge of %(amount)s on %(day)s") % values


def _price(row: overview.OldPrice, plan: Plan) -> list[Any]:
    product = plan.products.get(row.name)
    return [row.name, str(row.terms or ""), row.number, product.examples if product else []]


def _found(plan: Plan) -> JsonObject:
    """Return what the page shows of a plan, as JSON."""
    twice = overview.double_payers(plan)
    return {
        "twice": [[entry.email, str(entry.action), sentence(entry)] for entry in twice[:MAX_NAMED]],
        "twice_count": len(twice),
        "problems": plan.problems,
        "doubts": plan.doubts,
        "counts": {str(action): len(plan.of(action)) for action in Action},
        "sums": [
            [row.price, [_sum(row.before), _sum(row.here), _sum(row.refused)]] for row in overview.price_sums(plan)
        ],
        "days": [[day, number, _amounts(sums)] for day, number, sums in overview.charges_by_day(plan)],
        "refused": _reasons(overview.refusals(plan)),
        "notes": _reasons(overview.notes(plan)),
        "has_fee": overview.has_fee(plan),
        "creates": plan.creates,
    }


def _sum(part: overview.Sum) -> list[Any]:
    return [part.number, str(part.amount)]


def _amounts(sums: Iterable[Money]) -> str:
    return " + ".join(map(str, sums))


def _reasons(found: list[tuple[str, list[Entry]]]) -> list[list[Any]]:
    return [
        [reason, len(entries), [entry.email for entry in entries[:EXAMPLES]]] for reason, entries in found[:MAX_NAMED]
    ]


def _save(path: Path, found: JsonObject) -> None:
    path.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    path.chmod(0o600)
