"""An old system with contracts at Stripe, the list that it exports, and the commands that move them in."""

import copy
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from django.core import mail
from django.core.management import CommandError, call_command

from subscriptions.models import SentEmail, User
from tests.subscriptions.stripe.base import StripeCase
from truthlytics.contrib.importers.contracts.models import MovedContract
from truthlytics.contrib.importers.management.commands import import_contracts
from truthlytics.contrib.importers.readers.records import ListedContract, ListedReader
from truthlytics.contrib.importers.readers.vocabulary import Vocabulary

DAY = 86_400


class OldSystem:
    """Contracts that another system made at `fake`, and its list of readers."""

    def __init__(self, fake):
        self.fake, self.readers, self.prices = fake, [], {}

    def price(self, minor=500, interval="month", currency="eur", count=1):
        """Return the id of an old price."""
        key = minor, interval, currency, count
        if key not in self.prices:
            product = self.fake.create_product(name="Old plan")["id"]
            recurring = {"interval": interval, "interval_count": count}
            made = self.fake.create_price(product=product, unit_amount=minor, currency=currency, recurring=recurring)
            self.prices[key] = made["id"]
        return self.prices[key]

    def customer(self, email, *, card="pm_card_visa", **details):
        made = self.fake.create_customer(email=email, name="", **details)
        if card:
            self.fake.use_card(made["id"], card)
        return made

    def subscribe(self, email="ada@example.org", price=None, *, listed=True, card="pm_card_visa", quantity=1, **data):
        """Let a reader subscribe in the old system, and be listed."""
        customer = data.pop("customer", None) or self.customer(email, card=card)["id"]
        items = [{"price": price or self.price(), "quantity": quantity}]
        made = self.fake.create_subscription(customer, items, **data)
        if listed:
            self.list(email, subscription_ref=made["id"], customer_ref=customer)
        return made

    def list(self, email, **fields):
        fields = {"plan": "Old plan", "payment": "card", "status": "active"} | fields
        meaning = Vocabulary("csv").word("status", fields["status"]).meaning
        contracts = (ListedContract(**{"cancelled": meaning in {"cancelled", "over"}} | fields),)
        self.readers.append(ListedReader(row=len(self.readers) + 1, email=email, name="Ada Orr", contracts=contracts))


class ContractsCase(StripeCase):
    """The plan of `StripeCase` has the slug `reader`; old prices are mapped to it with `map_prices`."""

    def setUp(self):
        super().setUp()
        self.user.delete()
        self.plan.slug = "reader"
        self.plan.save()
        self.old = OldSystem(self.fake)
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self.lines = {"Old plan": "reader"}
        lists = mock.Mock(tables=[], read=lambda report: iter(self.old.readers))
        self.enterContext(mock.patch.object(import_contracts, "Lists", return_value=lists))
        self.enterContext(mock.patch("time.sleep"))

    @property
    def reader(self):
        return User.objects.get(email="ada@example.org")

    def run_step(self, step, *options, kind="ghost", fails=False):
        """Run the command, and return what it prints, with the error if it fails."""
        prices = self.folder / "prices.csv"
        lines = dict.fromkeys(self.old.prices.values(), "reader") | self.lines
        prices.write_text("old,here\n" + "".join(f"{old},{here}\n" for old, here in lines.items()))
        arguments = ["--prices", str(prices), "--rate", "0", *options]
        if step in ("plan", "apply"):
            arguments += ["list.csv", "--from", kind]
        out, error = StringIO(), ""
        try:
            with self.committing():
                call_command("import_contracts", step, *arguments, stdout=out)
        except CommandError as refused:
            error = str(refused)
        self.assertEqual(bool(error), fails, error + out.getvalue())
        return out.getvalue() + error

    def plan_of(self, *options, **more):
        return self.run_step("plan", "-v2", *options, **more)

    def apply(self, *options, **more):
        text = self.run_step("apply", *options, **more)
        self.assert_no_emails()
        return text

    def verify(self, *options, **more):
        return self.run_step("verify", *options, **more)

    def verify_list(self, **more):
        """Verify with the list as it is now."""
        return self.verify("list.csv", "--from", "ghost", **more)

    def undo(self):
        return self.run_step("undo")

    def assert_no_emails(self):
        self.assertEqual((len(mail.outbox), SentEmail.objects.count()), (0, 0))

    def row(self):
        return MovedContract.objects.get()

    def assert_refused(self, reason):
        """The plan says why, and applying it changes neither Stripe nor anything here."""
        before = self.stripe()
        self.assertIn(reason, self.plan_of())
        self.apply()
        self.assertEqual((self.stripe(), MovedContract.objects.count()), (before, 0))

    def stripe(self):
        """Return all objects at Stripe as they are."""
        return copy.deepcopy(self.fake.objects)
