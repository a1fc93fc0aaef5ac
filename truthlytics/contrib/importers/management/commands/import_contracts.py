"""Move readers' contracts in from another system."""

from argparse import ArgumentParser
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from truthlytics.contrib.importers.contracts.holding import held, run_to_apply, run_to_undo, run_to_verify
from truthlytics.contrib.importers.contracts.inviting import personal_links
from truthlytics.contrib.importers.contracts.library import missing_library
from truthlytics.contrib.importers.contracts.pace import RATE, Pace
from truthlytics.contrib.importers.contracts.prices import PriceMap, price_map, read_prices
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.progress import Stopped
from truthlytics.contrib.importers.readers.lists import KINDS, Lists, Problem
from truthlytics.contrib.importers.readers.mapping import Said, read_mapping
from truthlytics.contrib.importers.readers.occurring import column_lines
from truthlytics.contrib.importers.readers.records import ListedReader
from truthlytics.contrib.importers.readers.work import columns_of
from truthlytics.contrib.importers.run import ImportRefused
from truthlytics.web.csv_files import lines as csv_lines
from truthlytics.web.lazy_import import LazyModule

if TYPE_CHECKING:
    from truthlytics.contrib.importers.contracts import (
        applying,
        planning,
        rehearsal,
        report,
        signed,
        undoing,
        verifying,
    )
    from truthlytics.contrib.importers.contracts.entries import Plan
else:
    # They need Stripe's library, which may be missing.
    package = "truthlytics.contrib.importers.contracts"
    names = ("applying", "planning", "rehearsal", "report", "signed", "undoing", "verifying")
    applying, planning, rehearsal, report, signed, undoing, verifying = (
        LazyModule(f"{package}.{name}") for name in names
    )

PROGRESS_INTERVAL = 100
Status = ImportRun.Status


class Command(BaseCommand):
    help = (
        "Move the contracts of readers in from another system: `plan` says what becomes of each, `apply` does it, "
        "`verify` compares it with Stripe, `links` prints personal links to continue, and `undo` undoes it. See "
        "docs/moving-in.md. No email is sent and no card is charged by any of them."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("step", choices=["plan", "apply", "verify", "links", "undo"], help="what to do")
        parser.add_argument("files", nargs="*", type=Path, help="the lists of readers; for verify, a later one")
        parser.add_argument("--from", dest="kind", choices=list(KINDS), help="where the lists come from")
        parser.add_argument(
            "--prices",
            type=Path,
            help="a CSV file with the old price or plan and the plan here, its price’s number, or “not ours”",
        )
        parser.add_argument(
            "--mapping", type=Path, help="a JSON file with what columns, words and old prices are, as the page has it"
        )
        parser.add_argument("--template", type=Path, help="for plan: write such a file, to be filled in")
        parser.add_argument(
            "--shop-is-off",
            action="store_true",
            help="states that the old shop charges no saved card any more; the time is recorded",
        )
        parser.add_argument(
            "--year",
            nargs="?",
            const="",
            metavar="FILE",
            help="with plan: rehearse the next twelve months, and write each charge into the CSV file, to be signed "
            "off; with verify: the file with which to compare what was charged (default: what was signed off in the "
            "newsroom)",
        )
        parser.add_argument("--rate", type=float, default=RATE, help="requests to Stripe in a second (default: 20)")

    def handle(self, *args: object, step: str, **options: Any) -> None:
        if sentence := missing_library():
            raise CommandError(sentence)
        try:
            with planning.refusals():
                getattr(self, f"_{step}")(options, Pace(options["rate"]))
        except ImportRefused as error:
            raise CommandError(str(error)) from error
        except Stopped as error:
            raise CommandError("It was stopped in the newsroom. Repeat the command to continue.") from error

    def _print(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.stdout.write(line)

    def _tell(self, done: int, of: int) -> None:
        if done % PROGRESS_INTERVAL == 0:
            self.stdout.write(f"{done} of {of}")

    def _planned(self, options: dict[str, Any], pace: Pace, tell: Callable[[], None] = lambda: None) -> "Plan":
        if not (options["files"] and options["kind"] and (options["prices"] or options["mapping"])):
            raise CommandError("Name the lists of readers, --from, and --prices or --mapping.")
        return planning.make(self._read(options), self._prices(options), pace=pace, tell=tell)

    def _said(self, options: dict[str, Any]) -> Said:
        return read_mapping(options["mapping"]) if options["mapping"] else Said()

    def _prices(self, options: dict[str, Any]) -> "PriceMap":
        """Return the map of prices, which is in a file of its own or in the mapping."""
        said = self._said(options)
        if not options["prices"]:
            return price_map(said.prices)
        if said.prices:
            raise CommandError("The mapping has prices. Leave --prices out, or take them out of the mapping.")
        return read_prices(options["prices"])

    def _lists(self, options: dict[str, Any]) -> Lists:
        said = self._said(options)
        return Lists(options["files"], options["kind"], columns=said.columns, words=said.words)

    def _read(self, options: dict[str, Any]) -> Iterator[ListedReader]:
        """Yield the readers, and say at the end which rows were not read."""
        problems: list[Problem] = []
        yield from self._lists(options).read(problems.append)
        self._print(report.problem_lines(problems))

    def _plan(self, options: dict[str, Any], pace: Pace) -> None:
        columns = columns_of(self._lists(options)) if options["files"] and options["kind"] else []
        self._print(column_lines(columns))
        plan = self._planned(options, pace)
        is_verbose = options["verbosity"] > 1
        if options["year"] is None:
            self._print(report.plan_lines(plan, verbose=is_verbose))
        else:
            self._rehearse(plan, options["year"], is_verbose=is_verbose)
        if options["template"]:
            said = planning.template_of(plan, columns, self._said(options))
            options["template"].write_bytes(said.as_file())
            self.stdout.write(f"Fill in what is empty in {options['template']}, and give it with --mapping.")
        if plan.problems:
            raise CommandError("Nothing can be applied until the map of prices is right.")

    def _rehearse(self, plan: "Plan", path: str, *, is_verbose: bool) -> None:
        lines = rehearsal.rehearse(plan, now=timezone.now())
        if path:
            Path(path).write_text("".join(csv_lines(rehearsal.rows(lines))), encoding="utf-8", newline="")
            self.stdout.write(f"{len(lines)} charges are in {path}.")
        self._print(report.year_lines(lines, verbose=is_verbose))

    def _apply(self, options: dict[str, Any], pace: Pace) -> None:
        now, names = timezone.now(), ", ".join(path.name for path in options["files"])
        with held(run_to_apply(names), Status.IMPORTING, after=Status.DONE) as holder:
            plan = self._planned(options, pace, holder.tell)
            shop_off_at = now if options["shop_is_off"] else None
            run = applying.begin(plan, source=options["kind"].title(), shop_off_at=shop_off_at, now=now)
            ImportRun.objects.filter(pk=holder.run.pk).update(contract_run=run)
            applied = applying.apply(plan, run, holder=holder, pace=pace, tell=self._tell)
            counts = {"new": sum(applied.counts[action] for action in ("adopt", "create", "access"))}
            ImportRun.objects.filter(pk=holder.run.pk).update(counts=counts, finished_at=timezone.now())
            self._print(report.applied_lines(applied))
            if applied.failed:
                raise CommandError(f"Not done: {len(applied.failed)}. Repeat the command to continue.")

    def _verify(self, options: dict[str, Any], pace: Pace) -> None:
        if options["files"] and not (options["kind"] and (options["prices"] or options["mapping"])):
            raise CommandError("To compare a list, name --from, and --prices or --mapping, too.")
        if options["year"] == "":
            raise CommandError("Name the file of the rehearsal: --year FILE.")
        announced = signed.read(Path(options["year"])) if options["year"] else signed.last_signed()
        prices = self._prices(options) if options["prices"] or options["mapping"] else None
        readers = list(self._read(options)) if options["files"] else None
        with held(run_to_verify(), Status.VERIFYING, after=Status.DONE) as holder:
            result = verifying.verify(
                prices, pace=pace, now=timezone.now(), readers=readers, announced=announced, tell=holder.tell
            )
        self._print(report.verified_lines(result))
        if result.differences:
            raise CommandError(f"Differences: {len(result.differences)}")

    def _links(self, options: dict[str, Any], pace: Pace) -> None:
        for line in csv_lines([("email", "link", "amount"), *personal_links()]):
            self.stdout.write(line, ending="")

    def _undo(self, options: dict[str, Any], pace: Pace) -> None:
        run = undoing.next_to_undo()
        if run is None:
            self._print(report.left_lines(undoing.left()))
            raise CommandError("There is nothing to undo.")
        self.stdout.write(str(run))
        with held(run_to_undo(run), Status.UNDOING, after=Status.DONE) as holder:
            undone = undoing.undo(run, holder=holder, pace=pace, tell=self._tell)
            if run.undone_at is not None:
                holder.after = Status.UNDONE
        self._print(report.undone_lines(undone))
        self._print(report.left_lines(undoing.left()))
        if undone.failed:
            raise CommandError(f"Not undone: {len(undone.failed)}. Repeat the command to continue.")
