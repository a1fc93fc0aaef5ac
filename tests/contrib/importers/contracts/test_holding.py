"""Two steps at once, a process that is killed or falls asleep, and damaged rows cost no reader anything."""

import random
from datetime import timedelta
from io import StringIO
from unittest import mock

import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from subscriptions.models import Plan, Subscription
from tests.budget import takes_longer
from tests.contrib.importers.contracts.base import ContractsCase, OldSystem
from tests.factories import make_plan, make_tier
from tests.fakestripe import FakeStripe, connected
from tests.threads import start_thread
from tests.transactions import TransactionTestCase
from truthlytics.contrib.importers.contracts import holding, undoing
from truthlytics.contrib.importers.contracts.facts import missing
from truthlytics.contrib.importers.contracts.holding import held
from truthlytics.contrib.importers.contracts.models import ContractRun, MovedContract
from truthlytics.contrib.importers.contracts.pace import Pace
from truthlytics.contrib.importers.contracts.prices import PriceMap, Target
from truthlytics.contrib.importers.management.commands import import_contracts
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.progress import DEAD_AFTER, Stopped

Status = ImportRun.Status
BUSY = "Another import is in progress"
READERS = 4


class Interrupted(FakeStripe):
    """Does `meanwhile` once, in another thread, while it is asked to change something for the `at`th time."""

    meanwhile, at, changes = None, 2, 0

    def request(self, method, url, *args, **options):
        self.changes += method.upper() == "POST"
        if self.meanwhile is not None and self.changes == self.at:
            work, self.meanwhile = self.meanwhile, None
            start_thread(work).join()
        return super().request(method, url, *args, **options)


class AtOnceTests(TransactionTestCase):
    def setUp(self):
        self.fake = Interrupted()
        traveller = time_machine.travel(self.fake.now, tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)
        self.enterContext(connected(self.fake))
        self.enterContext(mock.patch("time.sleep"))
        make_plan(make_tier(10), slug="reader")
        self.old = OldSystem(self.fake)
        for number in range(READERS):
            self.old.subscribe(f"reader{number}@example.org")
        due = {"paid_through": timezone.now() + timedelta(days=20)}
        shopper = self.old.customer("shop@example.org")["id"]
        self.old.list("shop@example.org", customer_ref=shopper, amount=500, currency="EUR", interval="month", **due)
        lists = mock.Mock(read=lambda report: iter(self.old.readers), tables=[])
        self.enterContext(mock.patch.object(import_contracts, "Lists", return_value=lists))
        prices = dict.fromkeys([*self.old.prices.values(), "Old plan"], "reader")
        readable = mock.Mock(return_value=prices_of(prices))
        self.enterContext(mock.patch.object(import_contracts, "read_prices", readable))
        self.said = []

    def step(self, name):
        files = ["list.csv", "--from", "ghost"] if name == "apply" else []
        options = ["--prices", "prices.csv", "--rate", "0"] + ["--shop-is-off"] * (name == "apply")
        out = StringIO()
        try:
            call_command("import_contracts", name, *files, *options, stdout=out)
        except CommandError as error:
            out.write(str(error))
        self.said.append(out.getvalue())
        return out.getvalue()

    def interrupt(self, name, by, *, at=2):
        """Do the step `name`, and `by` while it changes something at Stripe for the `at`th time."""
        self.fake.changes, self.fake.at, self.fake.meanwhile = 0, at, by
        return self.step(name)

    def check(self, number=READERS + 1):
        """Every contract is here once, its row is whole, and nothing differs."""
        rows = list(MovedContract.objects.done())
        self.assertEqual((len(rows), Subscription.objects.count()), (number, number))
        self.assertEqual([missing(row) for row in rows], [[]] * number)
        self.assertNotIn("same parameters", "".join(self.said))
        self.assertNotIn("Differences", self.step("verify"))
        self.assertEqual(ImportRun.objects.filter(status__in=ImportRun.ACTIVE).count(), 0)

    def test_apply_while_another_applies(self):
        first = self.interrupt("apply", lambda: self.step("apply"))
        self.assertIn(BUSY, self.said[0])
        self.assertIn("4 adopt, 1 create", first)
        self.check()

    @takes_longer("Contracts are moved, compared and undone.")
    def test_undo_and_verify_while_another_applies(self):
        for name in ("undo", "verify"):
            self.interrupt("apply", lambda name=name: self.step(name))
            self.assertIn(BUSY, self.said[-2])
            self.check()
            self.step("undo")

    @takes_longer("Contracts are moved, compared and undone.")
    def test_apply_and_verify_while_another_undoes(self):
        for name in ("apply", "verify"):
            self.step("apply")
            self.interrupt("undo", lambda name=name: self.step(name))
            self.assertIn(BUSY, self.said[-2])
            self.assertEqual((MovedContract.objects.done().count(), Subscription.objects.count()), (0, 0))
            self.assertNotIn("moved", str([s["metadata"] for s in self.fake.all("subscription", status="active")]))

    def test_a_button_waits_for_the_command_and_the_other_way_round(self):
        ImportRun.objects.create(format="contracts", file="page", status=Status.VERIFYING, seen_at=timezone.now())
        for name in ("apply", "verify"):
            self.assertIn(BUSY, self.step(name))
        self.assertEqual(MovedContract.objects.count(), 0)

    def test_a_process_that_was_killed_leaves_it_free(self):
        with self.assertRaises(KeyboardInterrupt):
            self.interrupt_with(KeyboardInterrupt)
        ImportRun.objects.update(
            status=Status.IMPORTING, process="elsewhere:1", seen_at=timezone.now() - DEAD_AFTER * 2
        )
        self.assertIn("adopt, 1 create", self.step("apply"))
        self.check()

    def interrupt_with(self, error):
        with mock.patch.object(self.fake, "request", side_effect=raise_at(self.fake, 3, error)):
            self.step("apply")

    def test_who_slept_while_another_took_over_changes_nothing(self):
        def take_over():
            ImportRun.objects.update(seen_at=timezone.now() - DEAD_AFTER * 2)
            with mock.patch.object(holding.progress, "this_process", return_value="elsewhere:1"):
                self.step("apply")

        said = self.interrupt("apply", take_over)
        self.assertIn("Repeat the command", said)
        self.assertEqual(ImportRun.objects.filter(process="elsewhere:1", status=Status.DONE).count(), 1)
        self.check()

    def test_a_row_is_changed_only_by_the_run_that_holds_it(self):
        self.step("apply")
        run, row = ImportRun.objects.get(), MovedContract.objects.first()
        with held(run, Status.UNDOING, after=Status.DONE) as holder:
            stale = MovedContract.objects.get(pk=row.pk)
            holder.change(row, {"cancelled": True})
            holder.change(stale, {"old_price": "x"})
            row.refresh_from_db()
            self.assertEqual((row.facts["cancelled"], row.facts["old_price"]), (True, "x"))
            process = run.process
            ImportRun.objects.update(process="elsewhere:1")
            self.assertRaises(Stopped, holder.change, row, {"cancelled": False})
            self.assertRaises(Stopped, undoing.undo, ContractRun.objects.get(), holder=holder, pace=Pace(0))
            ImportRun.objects.update(process=process)
        self.check()


def prices_of(lines):

    return PriceMap({old: Target(Plan.objects.get(slug=here)) for old, here in lines.items()})


def raise_at(fake, number, error):
    """Return a function that asks `fake`, and raises `error` instead at the `number`th change."""
    ask, changes = fake.request, 0

    def request(method, *args, **options):
        nonlocal changes
        changes += method.upper() == "POST"
        if changes == number:
            raise error
        return ask(method, *args, **options)

    return request


class DamageTests(ContractsCase):
    """Any facts of any row may be missing or nonsense."""

    NONSENSE = (None, 5, "x", [], {})

    def setUp(self):
        super().setUp()
        self.rng = random.Random(11)
        self.kept = self.old.subscribe(metadata={"order": "77"})
        due = {"paid_through": timezone.now() + timedelta(days=20)}
        terms = {"amount": 500, "currency": "EUR", "interval": "month"} | due
        shopper = self.old.customer("cid@example.org")["id"]
        self.old.list("cid@example.org", customer_ref=shopper, **terms)
        self.old.list("dot@example.org", payment="transfer", **terms)

    def damage(self, *, nonsense=False):
        """Take away, or spoil, some facts of each row, and return what is gone."""
        gone = []
        for row in MovedContract.objects.all():
            names = self.rng.sample(sorted(row.facts), self.rng.randint(min(1, len(row.facts)), len(row.facts)))
            for name in names:
                if nonsense:
                    row.facts[name] = self.rng.choice(self.NONSENSE)
                else:
                    del row.facts[name]
            row.save()
            gone += names
        return gone

    @takes_longer("Each key of each kind of row is taken away.")
    def test_each_key_alone(self):
        self.apply("--shop-is-off")
        for row in MovedContract.objects.all():
            for name in sorted(row.facts):
                whole = dict(row.facts)
                row.facts.pop(name)
                row.save()
                with self.subTest(action=row.action, name=name):
                    said = self.verify()
                    self.assertIn(f"{row.key}: its record lacks {name}", said)
                    self.assertIn("1 repaired", self.apply("--shop-is-off"))
                    self.assertNotIn("lacks", self.verify())
                row.facts = whole
                row.save()

    @takes_longer("Many moves are damaged and undone.")
    def test_damaged_rows_can_be_compared_and_undone(self):
        for number in range(8):
            self.apply("--shop-is-off")
            gone = self.damage(nonsense=number % 2 == 1)
            with self.subTest(gone=gone):
                self.verify()
                self.assertIn("Undone: 3", self.undo())
                self.assertEqual(self.kept["metadata"].get("moved"), None)
                made = [s for s in self.fake.all("subscription") if s["metadata"].get("moved")]
                self.assertEqual({s["status"] for s in made}, {"canceled"})
                self.assertEqual((Subscription.objects.count(), MovedContract.objects.done().count()), (0, 0))

    @takes_longer("Many moves are interrupted, damaged and repeated.")
    def test_damaged_rows_of_an_interrupted_move_are_continued(self):
        for _ in range(4):
            self.fake.fail("POST /v1/subscriptions", "lost", 1000)
            self.apply("--shop-is-off", fails=True)
            self.fake.recover()
            gone = self.damage()
            with self.subTest(gone=gone):
                self.apply("--shop-is-off")
                self.assertEqual(Subscription.objects.count(), 3)
                made = [s for s in self.fake.all("subscription") if s["metadata"].get("moved", "").startswith("list:")]
                self.assertEqual(len([s for s in made if s["status"] != "canceled"]), 1)
                self.verify()
                self.undo()


class LeftTests(ContractsCase):
    def test_a_second_undo_says_what_is_left_and_why(self):
        self.old.subscribe()
        self.apply()
        bea = self.old.subscribe("bea@example.org")
        self.apply()
        self.pass_time(days=40)
        self.deliver()
        text = self.run_step("undo", fails=True)
        self.assertIn(f"1 stay, because it has been charged since: {bea['id']}", text)
        self.assertIn("There is nothing to undo.", text)

    def test_an_empty_run_is_not_what_is_undone(self):
        contract = self.old.subscribe()
        self.apply()
        self.apply()
        self.assertEqual(ContractRun.objects.count(), 2)
        self.assertIn("Undone: 1", self.undo())
        self.assertNotIn("moved", contract["metadata"])

    def test_what_an_earlier_run_has_moved_is_named(self):
        self.old.subscribe()
        self.apply()
        self.old.subscribe("bea@example.org")
        self.apply()
        self.assertIn("1 can be undone: repeat `manage.py import_contracts undo`", self.undo())
        self.assertIn("Undone: 1", self.undo())

    def test_one_contract_that_fails_does_not_stop_the_others(self):
        broken = self.old.subscribe()
        other = self.old.subscribe("bea@example.org")
        self.apply()
        self.fake.fail(f"POST /v1/subscriptions/{broken['id']}", 400, 10)
        self.assertRegex(self.run_step("undo", fails=True), f"{broken['id']}: .*Injected 400")
        self.assertNotIn("moved", other["metadata"])
        self.fake.recover()
        self.undo()
        self.assertNotIn("moved", broken["metadata"])
