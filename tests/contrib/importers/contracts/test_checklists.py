"""The checklists of docs/moving-in.md, rehearsed: their commands are run in the order of the page."""

import contextlib
import re
import shlex
import zipfile
from datetime import timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core import mail
from django.core.management import CommandError, call_command
from django.test import SimpleTestCase
from django.utils import timezone

from subscriptions.models import SentEmail, Subscription, User
from tests.contrib.importers.contracts.base import OldSystem
from tests.subscriptions.stripe.base import StripeCase
from tests.test_docs import DOCS
from tests.truthlytics.newsletters.factories import make_newsletter
from truthlytics.contrib.importers.contracts.models import MovedContract

PAGE = (DOCS / "moving-in.md").read_text(encoding="utf-8")
SOURCES = ["Ghost", "Substack", "WooCommerce", "Memberful", "other systems"]
# A step and its continuation lines, which are indented.
STEP = re.compile(r"^ {0,1}(\d+)\. (.+(?:\n(?: +.*)?)*)", re.MULTILINE)
COMMAND = re.compile(r"^ {7,8}manage\.py (.+)$", re.MULTILINE)
FILE = re.compile(r"`([\w-]+\.(?:csv|zip))`")
BY_HAND = "**By hand:**"


def steps_of(source):
    """Return the steps of a checklist, in order."""
    section = PAGE.split(f"### The day of switching: {source}\n")[1].split("\n#")[0]
    found = STEP.findall(section)
    assert [int(number) for number, _text in found] == [*range(1, len(found) + 1)], source
    return [text for _number, text in found]


def commands_in(step):
    return [shlex.split(line) for line in COMMAND.findall(step)]


class Rehearsal(StripeCase):
    """Does what the page says: a file is there once a step says to make it, and commands run as they are printed.

    `Old plan` costs €5.00 a month. Ada subscribed long ago, and Bea between the two lists.
    """

    source = ""
    # What `verify` may find, by the number of its step.
    found_in: dict[int, str] = {}

    def setUp(self):
        super().setUp()
        self.user.delete()
        self.plan.slug = "reader"
        self.plan.save()
        make_newsletter(slug="weekly")
        self.old = OldSystem(self.fake)
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.begin()

    def begin(self):
        """Set the old system up."""

    def list_of(self, number):
        """Return the names and texts of the tables in the first or second list."""
        raise NotImplementedError

    def by_hand(self, step):
        """Do what a step says that is more than to export a list."""

    def write(self, name):
        path = self.folder / name
        if name == "prices.csv":
            path.write_text("\n".join(f"{old},{here}" for old, here in self.prices().items()))
            return
        tables = self.list_of(2 if "-2" in name else 1)
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as archive:
                for table, text in tables.items():
                    archive.writestr(table, text)
        else:
            path.write_text(next(iter(tables.values())))

    def prices(self):
        return dict.fromkeys(self.old.prices.values(), "reader") | {"Old plan": "reader"}

    def rehearse(self):
        """Follow the checklist to its end, and check that everybody is here, was charged once and got no email."""
        for number, step in enumerate(steps_of(self.source), start=1):
            if BY_HAND in step:
                self.by_hand(step)
                for name in FILE.findall(step):
                    self.write(name)
            for command in commands_in(step):
                with self.subTest(step=number, command=" ".join(command)):
                    if number == len(steps_of(self.source)):
                        self.pass_time(days=33)
                        self.deliver()
                    self.run_command(number, command)
        self.assertEqual(set(User.objects.values_list("email", flat=True)), {"ada@example.org", "bea@example.org"})
        self.assertEqual(Subscription.objects.live().count(), 2)

    def run_command(self, number, command):
        error = ""
        with contextlib.chdir(self.folder), self.committing():
            try:
                call_command(*command, stdout=StringIO(), stderr=StringIO())
            except CommandError as refused:
                error = str(refused)
        expected = self.found_in.get(number, "") if "verify" in command else ""
        self.assertEqual(error, expected)
        if "import_readers" in command or "apply" in command:
            self.assertEqual((len(mail.outbox), SentEmail.objects.count()), (0, 0))
        self.deliver()


class GhostTests(Rehearsal):
    source = "Ghost"

    def begin(self):
        self.ada = self.old.subscribe(listed=False)

    def list_of(self, number):
        rows = ["id,email,name,subscribed_to_emails,stripe_customer_id,created_at"]
        rows += [f"1,ada@example.org,Ada Orr,true,{self.ada['customer']},2025-01-02T10:00:00.000Z"]
        if number == 2:
            bea = self.old.subscribe("bea@example.org", listed=False)
            rows += [f"2,bea@example.org,Bea,true,{bea['customer']},2025-01-02T10:00:00.000Z"]
        return {"members.csv": "\n".join(rows)}

    def test_the_checklist(self):
        self.rehearse()
        self.assertEqual({row.action for row in MovedContract.objects.done()}, {"adopt"})
        self.assertEqual(self.payments(), [500, 500])


class SubstackTests(Rehearsal):
    source = "Substack"
    found_in = {8: "Differences: 1"}

    def begin(self):
        self.ada = self.old.subscribe(listed=False)
        self.ada["application_fee_percent"], self.ada["application"] = 10.0, "ca_substack"

    def by_hand(self, step):
        if "application_fee_percent=" in step:
            self.ada["application_fee_percent"] = None

    def list_of(self, number):
        everyone = ["email,active_subscription,expiry,email_disabled,created_at"]
        paying = ["email,expiry,email_disabled,stripe_connected_customer_id,type"]
        payers = [("ada@example.org", self.ada)]
        if number == 2:
            payers.append(("bea@example.org", self.old.subscribe("bea@example.org", listed=False)))
        end = timezone.now() + timedelta(days=20)
        for email, contract in payers:
            everyone.append(f"{email},true,{end:%Y-%m-%d},false,2025-01-02")
            paying.append(f"{email},{end:%Y-%m-%d},false,{contract['customer']},paid")
        return {"email_list.csv": "\n".join(everyone), "paying.csv": "\n".join(paying)}

    def test_the_checklist(self):
        self.rehearse()
        self.assertEqual({row.action for row in MovedContract.objects.done()}, {"adopt"})


class ShopRehearsal(Rehearsal):
    """The old system charges saved cards itself, each month."""

    def begin(self):
        self.due = timezone.now() + timedelta(days=20)
        self.ada = self.old.customer("ada@example.org")["id"]

    def payers(self, number):
        payers = [("ada@example.org", self.ada)]
        if number == 2:
            payers.append(("bea@example.org", self.old.customer("bea@example.org")["id"]))
        return payers

    def assert_charged_once(self):
        self.assertEqual({row.action for row in MovedContract.objects.done()}, {"create"})
        self.assertEqual(self.payments(), [500, 500])


class WooCommerceTests(ShopRehearsal):
    source = "WooCommerce"

    def list_of(self, number):
        heading = "customer_email,subscription_status,start_date,next_payment_date,billing_period,billing_interval"
        heading += ",order_total,order_currency,payment_method,payment_method_user_meta,order_items"
        rows = [
            f"{email},wc-active,2025-12-20 10:00:00,{self.due:%Y-%m-%d} 10:00:00,month,1,5.00,EUR,stripe,"
            f"_stripe_customer_id:{customer},name:Old plan|quantity:1"
            for email, customer in self.payers(number)
        ]
        return {"list.csv": "\n".join([heading, *rows])}

    def test_the_checklist(self):
        self.rehearse()
        self.assert_charged_once()


class MemberfulTests(ShopRehearsal):
    source = "Memberful"

    def list_of(self, number):
        rows = [
            f"{email},Ada,Old plan,5.00,EUR,month,active,{customer},{self.due:%Y-%m-%d}"
            for email, customer in self.payers(number)
        ]
        return {
            "list.csv": "\n".join(["Email,Name,Plan,Price,Currency,Interval,Status,Stripe customer,Renews on", *rows])
        }

    def test_the_checklist(self):
        self.rehearse()
        self.assert_charged_once()


class OtherSystemTests(ShopRehearsal):
    """Ada pays in an account that is not ours, and Bea with a card that is saved in ours."""

    source = "other systems"

    def begin(self):
        super().begin()
        self.ada = "cus_elsewhere"

    def list_of(self, number):
        rows = [
            f"{email},Old plan,5.00,EUR,month,active,card,{customer},{self.due:%Y-%m-%d}"
            for email, customer in self.payers(number)
        ]
        heading = "email,plan,amount,currency,interval,status,payment method,stripe customer id,next payment"
        return {"list.csv": "\n".join([heading, *rows])}

    def test_the_checklist(self):
        self.rehearse()
        actions = {row.user.email[:3]: row.action for row in MovedContract.objects.done().select_related("user")}
        self.assertEqual((actions, self.payments()), ({"ada": "access", "bea": "create"}, [500]))


class OrderTests(SimpleTestCase):
    """Traps are named before the step in which they snap."""

    def place(self, source, words):
        found = [number for number, step in enumerate(steps_of(source)) if words in " ".join(step.split())]
        self.assertTrue(found, f"{source}: {words}")
        return found[0]

    def test_every_source_turns_emails_off_before_the_plan_and_exports_again_before_applying(self):
        for source in SOURCES:
            with self.subTest(source):
                order = [
                    "automations in your mail provider",
                    "import_contracts plan",
                    "**again**",
                    "import_contracts apply",
                ]
                places = [self.place(source, words) for words in order]
                self.assertEqual(places, sorted(places))
                self.assertIn("import_contracts verify", steps_of(source)[-1])

    def test_traps_come_before_their_step(self):
        for source, trap, step in [
            ("Substack", "Never press “Disconnect Stripe”", "import_contracts plan"),
            ("Substack", "Only Substack's support", "import_contracts plan"),
            ("Substack", "end its fee", "import_contracts apply"),
            ("WooCommerce", "only deactivating the plugin of the payment gateway stops them", "--shop-is-off"),
            ("Memberful", "revoke Memberful's access", "--shop-is-off"),
            ("Memberful", "Delete no member there", "--shop-is-off"),
            ("other systems", "stop charges to saved cards", "--shop-is-off"),
        ]:
            with self.subTest(trap):
                self.assertLess(self.place(source, trap), self.place(source, step))

    def test_a_step_without_a_command_is_done_by_hand(self):
        for source in SOURCES:
            for step in steps_of(source):
                with self.subTest(source, step=step):
                    self.assertNotEqual(BY_HAND in step, bool(commands_in(step)))
