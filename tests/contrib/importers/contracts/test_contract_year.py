"""A move that is killed again and again, then a year: everybody is charged what the old system would have charged.

`CONTRACT_READERS=2000 ./run test tests.contrib.importers.contracts.test_contract_year` is the large run.
"""

import os
import random
import signal
import tempfile
import time
import warnings
from collections import Counter
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from unittest import mock

import stripe
import time_machine
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from subscriptions.models import Payment, SentEmail, Subscription, User
from subscriptions.providers.stripe import client
from subscriptions.providers.stripe.provider import EVENTS
from subscriptions.services.access import access_for
from subscriptions.services.lifecycle import PROCESSING_TIME, end_due
from subscriptions.services.sync import sync_due
from tests.budget import takes_longer
from tests.contrib.importers.contracts.world import (
    ADOPTED,
    CREATED,
    KINDS,
    LISTED,
    MOVE,
    REFUSED,
    SOONEST,
    START,
    QuietStripe,
    World,
    charges,
)
from tests.factories import make_plan, make_tier
from tests.fakestripe import FakeStripe, connected, poster, serve
from tests.fakestripe.invoices import subscription_of
from tests.fakestripe.store import DAY, add_interval
from tests.transactions import TransactionTestCase
from truthlytics.contrib.importers.contracts import pace, planning
from truthlytics.contrib.importers.contracts.models import MovedContract
from truthlytics.contrib.importers.contracts.prices import read_prices
from truthlytics.contrib.importers.contracts.rehearsal import rehearse
from truthlytics.contrib.importers.management.commands import import_contracts

READERS = int(os.environ.get("CONTRACT_READERS", len(KINDS)))
IS_LARGE = READERS > 100
# In seconds.
KILLED_AFTER = (8, 30) if IS_LARGE else (0.3, 1.2)
KILLS = 10 if IS_LARGE else 3
# In days: how often messages arrive, and what was lost is asked for. How much of it is lost.
STEP, ASKED, LOST = (5, 60, 0.6) if IS_LARGE else (10, 120, 0.7)


def day_of(timestamp):
    return timezone.localdate(datetime.fromtimestamp(timestamp, UTC))


def without(found, emails):
    return Counter({charge: number for charge, number in found.items() if charge[0] not in emails})


@takes_longer("A year of many readers passes.")
class ContractYearTests(TransactionTestCase):
    def setUp(self):
        self.rng = random.Random(7)
        self.fake, self.twin = FakeStripe(START), QuietStripe(START)
        self.world, self.old = World(self.fake, READERS), World(self.twin, READERS)
        self.assertEqual(charges(self.fake, START), charges(self.twin, START))
        traveller = time_machine.travel(MOVE, tick=False)
        self.clock = traveller.start()
        self.addCleanup(traveller.stop)
        self.enterContext(connected(self.fake))
        lists = mock.Mock(tables=[], read=lambda report: iter(self.world.readers))
        self.enterContext(mock.patch.object(import_contracts, "Lists", return_value=lists))
        make_plan(make_tier(10), slug="reader")
        self.prices = Path(self.enterContext(tempfile.TemporaryDirectory())) / "prices.csv"
        mapped = dict.fromkeys(self.world.prices.values(), "reader") | {"Old plan": "reader"}
        mapped[self.world.price(3000, "month", count=2)] = "not ours"
        self.prices.write_text("".join(f"{old},{here}\n" for old, here in mapped.items()))

    def run_step(self, step, *options):
        out = StringIO()
        files = ["list.csv", "--from", "woocommerce"] if step in ("plan", "apply") else []
        always = ["--prices", str(self.prices), "--rate", "0"]
        call_command("import_contracts", step, *files, *always, *options, stdout=out)
        return out.getvalue()

    # The move

    def apply_and_kill(self, server, seconds):
        """Apply the plan in a process that asks Stripe by HTTP, and kill it after `seconds`."""
        connections.close_all()
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            child = os.fork()  # Of the threads of this process, the child needs none.
        if child == 0:
            try:
                settings.STRIPE_API_BASE = server.fake.base_url
                with (
                    mock.patch.object(client, "transport", stripe.RequestsClient),
                    mock.patch.object(client, "RETRIES", 0),
                    mock.patch.object(pace, "WAITS", (0.05,) * 400),
                ):
                    self.run_step("apply", "--shop-is-off")
            finally:
                os._exit(0)
        time.sleep(seconds)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def move(self):
        server = serve(self.fake)
        try:
            for number in range(KILLS):
                if number == KILLS // 2:
                    self.fake.outage(30)
                self.apply_and_kill(server, self.rng.uniform(*KILLED_AFTER))
                self.fake.recover()
                self.deliver(lost=0.2)
        finally:
            server.stop()
        self.fake.base_url = "https://stripe.test"

    def deliver(self, lost=0.0):
        """Deliver what Stripe has to say, shuffled, without some of it."""
        waiting = [event for event in self.fake.outbox if event["type"] in EVENTS and self.rng.random() >= lost]
        self.fake.outbox = waiting
        self.fake.deliver(poster(), order=lambda batch: self.rng.sample(batch, len(batch)))
        self.fake.events.clear()

    def rehearse(self):
        """Rehearse the year by command, and return its lines."""
        self.year = self.prices.with_name("year.csv")
        self.run_step("plan", "--year", str(self.year))
        with mock.patch.object(timezone, "now", return_value=datetime.fromtimestamp(MOVE, UTC)):
            readers, prices = self.world.readers, read_prices(self.prices)
            return rehearse(planning.make(readers, prices, pace=pace.Pace(0)), now=timezone.now())

    def test_the_move_and_a_year(self):
        self.lines = self.rehearse()
        refused = {email: self.state_of(email) for email in self.world.of(REFUSED)}
        self.move()
        by_killed = MovedContract.objects.done().count()
        self.run_step("apply", "--shop-is-off")
        self.deliver()
        self.assertEqual((len(mail.outbox), SentEmail.objects.count()), (0, 0))
        self.check_who_is_here()
        fees = self.world.of(["fee"])
        self.check_verify(fees)
        with mock.patch("subscriptions.emails.once._send"):
            self.live_a_year()
        self.check_charges()
        self.check_verify([])
        self.check_rehearsal()
        for email, before in refused.items():
            self.assertEqual(self.state_of(email), before)
        if IS_LARGE:
            payments = Payment.objects.count()
            print(f"{READERS} readers, {by_killed} moved by processes that were killed, {payments} payments")
            print(f"Charges of the rehearsal: {self.figures}")

    def state_of(self, email):
        contracts = self.fake.all("subscription", customer=self.world.customers[email])
        return [(contract["metadata"], contract["status"]) for contract in contracts]

    def check_who_is_here(self):
        moved = {row.user.email: row.action for row in MovedContract.objects.done().select_related("user")}
        expected = dict.fromkeys(self.world.of(ADOPTED), "adopt") | dict.fromkeys(self.world.of(CREATED), "create")
        expected |= dict.fromkeys(self.world.of(LISTED), "access")
        self.assertEqual(
            {email: self.world.kinds[email] for email in expected if expected[email] != moved.get(email)}, {}
        )
        self.assertEqual(moved, expected)
        self.assertEqual(Subscription.objects.count(), len(expected))
        marks = [found["metadata"].get("moved", "") for found in self.fake.all("subscription")]
        made = [mark for mark in marks if mark.startswith("woo")]
        self.assertEqual(len(made), len(self.world.of(CREATED)))

    def check_verify(self, fees):
        """Nothing differs but the fees that are left."""
        out = StringIO()
        try:
            call_command("import_contracts", "verify", "--prices", str(self.prices), "--rate", "0", stdout=out)
        except import_contracts.CommandError as error:
            self.assertEqual(str(error), f"Differences: {len(fees)}", out.getvalue())
        found = [line for line in out.getvalue().splitlines() if "still takes 10%" in line]
        self.assertEqual(len(found), len(fees), out.getvalue())

    # The year

    def check_rehearsal(self):
        """What was announced is what happened, on both sides, to the day and the cent, but for cards that failed."""
        owners = {found["id"]: found["email"] for found in self.fake.all("customer")}
        until = add_interval(MOVE, "year", 1)
        failing, own = set(self.world.of(["failing"])), set(self.world.of([*ADOPTED, *CREATED]))
        moved = {found["id"] for found in self.fake.all("subscription") if "moved" in found["metadata"]}
        here = Counter(self.paid(self.fake, until, owners, moved))
        self.assertEqual(self.announced("here", own - failing), without(here, failing))
        twin = Counter(self.paid(self.twin, until, owners, {found["id"] for found in self.twin.all("subscription")}))
        twin += Counter((owners[customer], day_of(at), minor) for customer, minor, at in self.old.shop_charges(until))
        strange = self.world.of(["items", "currency", "foreign", *LISTED])
        left_out = failing | set(strange) | {owners[customer] for customer in self.world.soon}
        self.assertEqual(self.announced("before", set(self.world.kinds) - left_out), without(twin, left_out))
        text = self.run_step("verify", "--year", str(self.year))
        self.assertIn("as announced", text)
        self.assertEqual("(Unpaid since then)" in text, bool(failing), text)
        self.assertNotIn("without being in the rehearsal", text)
        self.figures = {"announced and made": sum(here.values()), "of failing cards": self.left_of(failing)}

    def left_of(self, failing):
        return sum(self.announced("here", failing).values())

    def paid(self, fake, until, owners, contracts):
        """Yield the charges of these contracts in the year: address, day and amount."""
        for invoice in fake.all("invoice", status="paid"):
            at = invoice["status_transitions"]["paid_at"]
            if MOVE < at <= until and invoice["amount_paid"] and subscription_of(invoice) in contracts:
                yield owners[invoice["customer"]], day_of(at), invoice["amount_paid"]

    def announced(self, side, emails):
        charges = [(line.entry.email, getattr(line, side)) for line in self.lines if line.entry.email in emails]
        known = [(email, charge) for email, charge in charges if charge is not None]
        return Counter((email, day_of(charge.at.timestamp()), charge.amount.minor) for email, charge in known)

    def live_a_year(self):
        for contract in self.fake.all("subscription"):
            contract["application_fee_percent"] = None  # as the old platform has ended it
        end = MOVE + 366 * DAY
        while self.fake.now < end:
            to = min(self.fake.now + STEP * DAY, end)
            self.fake.advance(to)
            self.twin.advance(to)
            self.clock.move_to(to)
            self.deliver(lost=LOST)
            if (to - MOVE) % (ASKED * DAY) == 0 or to == end:
                while sync_due(timezone.now()):
                    pass
                end_due(timezone.now())
                self.check_access()

    def check_access(self):
        """Who has paid can read, and who has not paid cannot, once processing time and grace are over."""
        now = timezone.now()
        for email in self.world.of([*ADOPTED, *CREATED]):
            user = User.objects.get(email=email)
            contract = self.fake.get(Subscription.objects.filter(user=user).latest("pk").provider_ref)
            invoices = self.fake.all("invoice", status="paid", customer=contract["customer"])
            paid = [invoice for invoice in invoices if subscription_of(invoice) == contract["id"]]
            ends = [line["period"]["end"] for invoice in paid for line in invoice["lines"]["data"]]
            end = max(ends)
            if self.world.kinds[email] == "cancelled later":  # In the middle of a period: it ends with the contract.
                end = min(end, contract["ended_at"] or end)
            level = access_for(user, now).level
            if end > self.fake.now:
                self.assertEqual(level, 10, f"{email} has paid")
            elif end + PROCESSING_TIME.total_seconds() + settings.GRACE_DAYS * DAY < self.fake.now:
                self.assertEqual(level, 0, f"{email} has not paid")
        for row in MovedContract.objects.done().filter(action="access").select_related("user", "subscription"):
            is_paid = row.subscription.period_end > now
            is_over = row.subscription.period_end + PROCESSING_TIME < now
            self.assertIn(access_for(row.user, now).level, [10] if is_paid else [0] if is_over else [0, 10], row.key)

    def check_charges(self):
        """Everybody was charged as in the world without a move, at the same time, and it is recorded once."""
        soon = self.world.soon
        shoppers = {customer for customer, *_ in self.world.shop}
        expected = charges(self.twin, MOVE) + self.old.shop_charges(self.fake.now)
        self.assertEqual(sorted(charges(self.fake, MOVE, soon)), sorted(expected))
        self.assertEqual(len([c for c in charges(self.fake, MOVE) if c[0] in shoppers]) > 0, bool(shoppers))
        for customer in soon:
            first, *others = sorted(at for found, _minor, at in charges(self.fake, MOVE) if found == customer)
            self.assertEqual(first, SOONEST)
            self.assertIn(len(others), (11, 12))
        ours = {self.world.customers[email] for email in self.world.of([*ADOPTED, *CREATED])}
        marked = {found["id"] for found in self.fake.all("subscription") if "moved" in found["metadata"]}
        paid = [i for i in self.fake.all("invoice", status="paid") if subscription_of(i) in marked and i["amount_paid"]]
        since = [i for i in paid if i["status_transitions"]["paid_at"] > MOVE and i["customer"] in ours]
        kept = Payment.objects.filter(status="succeeded")
        self.assertEqual(sorted(kept.values_list("invoice_ref", flat=True)), sorted(i["id"] for i in since))
        self.assertEqual(sum(kept.values_list("minor", flat=True)), sum(i["amount_paid"] for i in since))
