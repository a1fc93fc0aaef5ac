"""What differs between Stripe and the site after a move is found."""

import re
from datetime import timedelta
from unittest import mock

from django.utils import timezone

from subscriptions.models import Grant, Payment
from tests.contrib.importers.contracts.base import DAY, ContractsCase
from tests.factories import make_user
from truthlytics.contrib.importers.management.commands import import_contracts
from truthlytics.contrib.importers.readers.lists import Lists

# What docs/moving-in.md says that a restricted key needs.
READ = {"charges", "customers", "invoices", "payment_methods", "webhook_endpoints", "subscriptions", "invoice_payments"}
WRITTEN = {"products", "subscriptions"}


class DifferenceTests(ContractsCase):
    def setUp(self):
        super().setUp()
        self.contract = self.old.subscribe()
        self.pass_time(days=10)
        self.apply()
        self.deliver()

    def assert_found(self, text):
        self.assertIn(f"{self.contract['id']}: {text}", self.verify(fails=True))

    def test_sums_are_equal(self):
        self.assertIn("Charged each period: €5.00 here, €5.00 at Stripe.", self.verify())

    def test_another_price_at_Stripe(self):
        self.contract["items"]["data"][0]["price"] = self.fake.get(self.old.price(800))
        self.assert_found("Stripe charges €8.00 a month, but its price here is €5.00 a month")

    def test_another_day_of_the_next_charge(self):
        self.contract["items"]["data"][0]["current_period_end"] += 3 * DAY
        self.assert_found("its next charge is on 2026-03-03 instead of 2026-02-28")

    def test_a_missing_mark(self):
        self.contract["metadata"].pop("order")
        self.assert_found("our mark is missing at Stripe")

    def test_access_that_was_taken(self):
        Grant.objects.all().delete()
        self.assert_found("it is paid until 2026-02-28, but gives no access")

    def test_an_end_that_was_not_heard_of(self):
        self.fake.cancel_in_dashboard(self.contract["id"], at_period_end=False)
        self.fake.lose()
        self.assert_found("it is “Active” here and “canceled” at Stripe")

    def test_a_renewal_that_is_not_recorded(self):
        self.pass_time(days=22)
        self.fake.lose()
        text = self.verify(fails=True)
        self.assertIn("€5.00 was charged on 2026-02-28, but is not recorded here", text)
        self.assertIn("the period from 2026-02-28 was not charged", text)
        self.assertEqual(Payment.objects.count(), 0)

    def test_emails_that_the_move_sent(self):
        run = self.row().run
        self.reader.sent_emails.create(kind="welcome", key="1", sent_at=run.started_at)
        self.assertIn("1 emails were sent to moved readers meanwhile", self.verify(fails=True))

    def test_it_says_when_to_verify_again(self):
        self.assertIn("Verify again after the last first charge, on 2026-02-28.", self.verify())
        self.pass_period()
        self.assertNotIn("Verify again", self.verify())

    def test_what_the_reader_changes_afterwards_is_no_difference(self):
        self.pass_period()
        self.client.force_login(self.reader)
        with self.committing():
            self.client.post("/account/cancellation/")
        self.deliver()
        self.verify()


class KeyTests(ContractsCase):
    def test_a_restricted_key_is_enough(self):
        self.old.subscribe()
        terms = {"amount": 500, "currency": "EUR", "interval": "month"}
        shopper = self.old.customer("cid@example.org")["id"]
        until = timezone.now() + timedelta(days=20)
        self.old.list("cid@example.org", customer_ref=shopper, paid_through=until, **terms)
        self.fake.requests.clear()
        self.apply("--shop-is-off")
        self.verify()
        self.undo()
        asked = [re.match(r"(\w+) /v1/(\w+)", request).groups() for request, _data in self.fake.requests]
        self.assertLessEqual({name for method, name in asked if method == "GET"}, READ)
        self.assertLessEqual({name for method, name in asked if method != "GET"}, WRITTEN)

    def test_lists_without_cards_need_no_key(self):
        until = timezone.now() + timedelta(days=20)
        terms = {"amount": 500, "currency": "EUR", "interval": "month", "payment": "transfer", "paid_through": until}
        self.old.list("ada@example.org", **terms)
        self.fake.requests.clear()
        with self.settings(STRIPE_SECRET_KEY=""):
            self.apply()
            self.verify()
            self.undo()
        self.assertEqual(self.fake.requests, [])

    def test_a_key_without_rights_says_what_to_read(self):
        self.fake.fail("GET /v1/subscriptions", 403, 10)
        self.assertIn("docs/moving-in.md lists the rights", self.plan_of(fails=True))


class MapTests(ContractsCase):
    def test_wrong_lines_are_named(self):
        for line, text in [
            ("price_1", "Line 2 needs an old price"),
            ("price_1,gold", "there is no plan gold"),
            ("price_1,987654", "there is no price 987654"),
            ("price_1,reader\nPRICE_1,reader", "Line 3: PRICE_1 is mapped twice"),
        ]:
            with self.subTest(line):
                self.lines = {"": line}
                prices = self.folder / "wrong.csv"
                prices.write_text(f"old,here\n{line}\n")
                self.assertIn(text, self.run_step("plan", "--prices", str(prices), fails=True))

    def test_a_missing_file(self):
        self.assertIn("missing.csv", self.run_step("plan", "--prices", "missing.csv", fails=True))


class AccountTests(ContractsCase):
    def test_a_deleted_account_is_not_used(self):
        make_user(email="ada@example.org", is_active=False)
        contract = self.old.subscribe()
        self.assertIn("The account is closed.", self.apply())
        self.assertEqual(self.fake.get(contract["id"])["metadata"], {})


class FileTests(ContractsCase):
    """Lists as the old systems export them."""

    def run_on(self, kind, text, step="apply", **more):
        path = self.folder / "list.csv"
        path.write_text(text)
        with mock.patch.object(import_contracts, "Lists", lambda paths, kind, **said: Lists([path], kind, **said)):
            return self.run_step(step, "--shop-is-off", kind=kind, **more)

    def test_members_of_Ghost(self):
        contract = self.old.subscribe(listed=False)
        heading = (
            "id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels"
        )
        rows = [f"1,ADA@example.org,Ada Orr,,true,false,{contract['customer']},2025-01-02T10:00:00.000Z,,"]
        rows += ["2,free@example.org,,,true,false,cus_other,2025-01-02T10:00:00.000Z,,"]
        text = self.run_on("ghost", "\n".join([heading, *rows]))
        self.assertIn("Done: 1 adopt", text)
        self.assertEqual((self.subscription.user, self.subscription.provider_ref), (self.reader, contract["id"]))

    def test_subscriptions_of_WooCommerce(self):
        customer = self.old.customer("ada@example.org")["id"]
        heading = "customer_email,subscription_status,start_date,next_payment_date,billing_period,billing_interval"
        heading += ",order_total,order_currency,payment_method,payment_method_user_meta,order_items"
        row = "ada@example.org,wc-active,2025-12-20 10:00:00,2026-02-20 10:00:00,month,1,5.00,EUR,stripe,"
        row += f"_stripe_customer_id:{customer},name:Old plan|quantity:1"
        self.run_on("woocommerce", f"{heading}\n{row}\n")
        bought = self.subscription
        self.assertEqual((bought.price.minor, f"{bought.period_end:%Y-%m-%d}"), (500, "2026-02-20"))
        self.assertEqual(self.fake.all("subscription")[0]["customer"], customer)

    def test_what_is_no_list(self):
        self.assertIn("list.csv", self.run_on("ghost", "nothing\n1\n", fails=True))
