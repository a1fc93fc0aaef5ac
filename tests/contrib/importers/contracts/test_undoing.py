"""Undoing right away leaves everything as it was, and later keeps what readers have done."""

from datetime import timedelta

from django.apps import apps
from django.utils import timezone

from subscriptions.models import Order, Subscription, User
from tests.contrib.importers.contracts.base import ContractsCase
from tests.factories import make_user
from truthlytics.contrib.importers.contracts.models import ContractRun, MovedContract


def rows():
    """Return all rows about readers, field by field."""
    labels = ("subscriptions", "account", "newsletters", "comments")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    return {model.__name__: sorted(map(repr, model._base_manager.values_list())) for model in models}


class UndoingTests(ContractsCase):
    def setUp(self):
        super().setUp()
        self.contract = self.old.subscribe(metadata={"order": "77", "note": "theirs"})
        self.fake.cancel_in_dashboard(self.old.subscribe("bea@example.org")["id"])
        due = {"paid_through": timezone.now() + timedelta(days=20)}
        terms = {"amount": 500, "currency": "EUR", "interval": "month"} | due
        self.shopper = self.old.customer("cid@example.org")["id"]
        self.old.list("cid@example.org", customer_ref=self.shopper, **terms)
        self.old.list("dot@example.org", payment="transfer", **terms)
        make_user(email="dot@example.org")
        self.pass_time(days=3)
        self.deliver()

    def contracts(self):
        """Return Stripe's objects, without what Stripe can't forget: contracts that ended without a charge."""
        kinds = ("customer", "subscription", "charge", "payment_method", "price")
        found = [obj for obj in self.stripe().values() if obj["object"] in kinds]
        ended = [obj for obj in found if obj.get("status") == "canceled" and "moved" in obj["metadata"]]
        prices = [item["price"]["id"] for obj in ended for item in obj["items"]["data"]]
        return [obj for obj in found if obj not in ended and obj["id"] not in prices]

    def test_right_after_applying_everything_is_as_before(self):
        # A reader whose metadata has an order of another system is not taken for one who bought here.
        stripe, here = self.contracts(), rows()
        self.apply("--shop-is-off")
        self.deliver()
        self.tick()
        self.assertEqual(Subscription.objects.count(), 4)
        self.assertIn("Undone: 4", self.undo())
        self.deliver()
        self.tick()
        self.assertEqual(self.contracts(), stripe)
        self.assertEqual(rows() | {"IgnoredWebhook": here["IgnoredWebhook"]}, here)
        self.assert_no_emails()
        self.assertEqual(self.fake.all("charge", customer=self.shopper), [])

    def test_what_was_undone_can_be_moved_again(self):
        self.apply("--shop-is-off")
        self.undo()
        self.apply("--shop-is-off")
        self.assertEqual((Subscription.objects.count(), ContractRun.objects.count()), (4, 2))
        self.assertEqual(len([made for made in self.fake.all("subscription") if made["status"] != "canceled"]), 3)

    def test_what_readers_have_done_stays(self):
        self.apply("--shop-is-off")
        self.client.force_login(self.reader)
        with self.committing():
            self.client.post("/account/cancellation/")
        text = self.undo()
        self.assertIn(f"{self.contract['id']}: its status has changed since", text)
        self.assertTrue(self.contract["cancel_at_period_end"])
        self.assertEqual((Subscription.objects.get().user, Order.objects.count()), (self.reader, 1))

    def test_what_was_charged_since_stays(self):
        self.apply("--shop-is-off")
        self.pass_time(days=40)
        self.deliver()
        self.assertIn("it has been charged since", self.undo())
        self.assertEqual(MovedContract.objects.done().count(), 3)

    def test_an_account_in_use_stays(self):
        self.apply("--shop-is-off")
        User.objects.filter(email="ada@example.org").update(last_login=timezone.now())
        self.undo()
        self.assertEqual(set(User.objects.values_list("email", flat=True)), {"ada@example.org", "dot@example.org"})

    def test_undoing_what_was_interrupted(self):
        before = self.contracts()
        self.fake.fail("POST /v1/subscriptions", "lost", 1000)
        self.apply("--shop-is-off", fails=True)
        self.fake.recover()
        self.undo()
        self.assertEqual((self.contracts(), Subscription.objects.count()), (before, 0))
