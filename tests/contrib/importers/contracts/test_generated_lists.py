"""Generated lists: what the list does not say with certainty is neither attached, created nor given access.

60 lists belong to the suite; the environment variable GENERATED_LISTS names another number.
"""

import contextlib
import csv
import json
import os
import random
import tempfile
import unicodedata
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import time_machine
from django.core.management import call_command
from django.test import SimpleTestCase, TestCase

from subscriptions.models import Plan
from subscriptions.money import Money
from subscriptions.providers.stripe.moving import Contract
from tests.budget import takes_longer
from tests.contrib.importers.contracts.generated_lists import NOW, GeneratedList
from truthlytics.contrib.importers.contracts.entries import Action
from truthlytics.contrib.importers.contracts.plan import Known, make_plan
from truthlytics.contrib.importers.contracts.prices import PriceMap, Target
from truthlytics.contrib.importers.readers.lists import Lists

NUMBER = int(os.environ.get("GENERATED_LISTS", "60"))
START = datetime(NOW.year, NOW.month, NOW.day, tzinfo=UTC)
OURS = Target(Plan(name="Gold"))


def contract_of(row, number):
    """Return a contract at Stripe, which charges on."""
    end = datetime(row.day.year, row.day.month, row.day.day, tzinfo=UTC)
    return Contract(
        ref=f"sub_{number}", status="active", customer=row.cells["customer"], email=row.cells["email"], name="",
        price="price_1", amount=Money(500, "EUR"), currency="EUR", interval="month", count=1, items=1, quantity=1,
        created=START, paid_from=START, paid_until=end, paid_at=START, period_end=end, anchor=START,
    )  # fmt: skip


@takes_longer("60 lists in many forms are written, read and planned.")
class GeneratedListTests(SimpleTestCase):
    def planned(self, seed):
        made = GeneratedList(random.Random(seed))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "list.csv"
            path.write_bytes(made.data())
            lists = Lists([path], made.kind, words=made.said, zone=UTC)
            readers = list(lists.read(lambda problem: None))
        contracts = [contract_of(row, number) for number, row in enumerate(made.rows) if row.at_stripe]
        prices = PriceMap({"price_1": OURS, "Gold": OURS})
        plan = make_plan(readers, contracts, prices, now=START, card_of=lambda customer: "pm_1", known=Known())
        return made, plan

    def test_nothing_is_done_that_the_list_does_not_say(self):
        done, refused, wrong = Counter(), Counter(), []
        for seed in range(NUMBER):
            made, plan = self.planned(seed)
            rows = {row.cells["email"]: row for row in made.rows}
            for entry in plan.entries:
                row = rows.get(unicodedata.normalize("NFC", entry.email))
                if row is None:
                    wrong.append((seed, entry.email, "is on no list"))
                elif entry in plan.to_apply:
                    done[str(entry.action)] += 1
                    wrong += [(seed, entry.email, problem) for problem in self.problems(made, row, entry)]
                elif entry.action == Action.REFUSE:
                    refused[made.refusal(row, at_stripe=row.at_stripe) != ""] += 1
        self.assertEqual(wrong[:20], [])
        # The oracle is not so strict that nothing is left, and the plan not stricter than the oracle without a reason.
        for action in ("adopt", "create", "access"):
            self.assertGreater(done[action], NUMBER / 4, done)
        self.assertGreater(refused[True], NUMBER)

    def problems(self, made, row, entry):
        """Yield what is wrong with an entry that would be applied."""
        at_stripe = entry.action == Action.ADOPT
        if reason := made.refusal(row, at_stripe=at_stripe):
            yield f"{entry.action}, but {reason}"
            return
        status = made.says(row, "status")
        if at_stripe:
            if status in ("cancelled", "over"):
                yield f"attached, but {status}"
            return
        allowed = {Action.CREATE: {"active"}, Action.ACCESS: {"active", "cancelled"}}[entry.action]
        if status not in allowed:
            yield f"{entry.action}, but {status}"
        if entry.action == Action.CREATE and made.says(row, "payment") != "card":
            yield f"create, but {made.says(row, 'payment')}"
        said = (row.minor, made.says(row, "currency"), made.says(row, "interval"))
        terms = entry.terms
        if said != (terms.money.minor, terms.money.currency, (terms.interval, terms.count)):
            yield f"{terms}, but {said}"
        if entry.paid_until.date() != row.day:
            yield f"{entry.paid_until:%Y-%m-%d}, but {row.day} ({row.cells['next']})"
        if not row.minor:
            yield "costs nothing"


@takes_longer("60 lists are written and imported as a dry run.")
class GeneratedReadersTests(TestCase):
    def test_nobody_gets_access_whom_the_list_does_not_name(self):
        given, wrong = 0, []
        for seed in range(NUMBER):
            made = GeneratedList(random.Random(seed))
            rows = {row.cells["email"]: row for row in made.rows}
            for email, details in self.planned(made):
                row = rows[unicodedata.normalize("NFC", email)]
                if "Paid in the old system until then" not in details:
                    continue
                given += 1
                reason = made.refusal(row, at_stripe=True)
                if reason or made.says(row, "status") in ("unpaid", "over"):
                    wrong.append((seed, email, reason or row.cells["status"]))
                elif f"{row.day.day} {row.day:%b %Y}" not in details:
                    wrong.append((seed, email, f"{details}, but {row.day}"))
        self.assertEqual(wrong[:20], [])
        self.assertGreater(given, NUMBER)

    def planned(self, made):
        """Return the address and the details of each reader in a dry run."""
        with tempfile.TemporaryDirectory() as folder, time_machine.travel(START):
            path, mapping, plan = (Path(folder) / name for name in ("list.csv", "mapping.json", "plan.csv"))
            path.write_bytes(made.data())
            mapping.write_text(json.dumps({"words": made.said}), encoding="utf-8")
            options = {"mapping": mapping, "plan": plan, "paid": True, "dry_run": True}
            with contextlib.suppress(SystemExit):
                call_command("import_readers", path, kind=made.kind, stdout=StringIO(), **options)
            with plan.open(encoding="utf-8", newline="") as file:
                return [(row["email"], row["details"]) for row in csv.DictReader(file)]
