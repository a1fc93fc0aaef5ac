"""Saved cards without a contract at Stripe, and what only the list knows: transfers, PayPal, other accounts."""

from datetime import UTC, datetime, timedelta
from unittest import mock

from django.utils import timezone

from subscriptions.models import Coupon, Grant, Subscription
from subscriptions.services import accounts_check, reconcile, reminders
from subscriptions.services.accounts import mark_email_verified
from tests.contrib.importers.contracts.base import ContractsCase
from tests.factories import make_user
from tests.subscriptions.journeys import emails_to
from truthlytics.audit.log import AuditEntry
from truthlytics.contrib.importers.contracts import applying
from truthlytics.contrib.importers.contracts.models import ContractRun


class CreatingTests(ContractsCase):
    """A shop charges the saved card of its customer itself, next in 20 days."""

    def setUp(self):
        super().setUp()
        self.customer = self.old.customer("ada@example.org")
        self.due = timezone.now() + timedelta(days=20)
        self.list()

    def list(self, **fields):
        self.old.readers.clear()
        terms = {"amount": 500, "currency": "EUR", "interval": "month", "paid_through": self.due}
        refs = {"customer_ref": self.customer["id"], "subscription_ref": "woo-7"}
        self.old.list("ada@example.org", **terms | refs | fields)

    def test_it_needs_the_statement_that_the_shop_charges_nothing(self):
        self.assertIn("To switch off in the old shop before you apply", self.plan_of())
        self.assertIn("state that it is off", self.apply(fails=True))
        self.assertEqual(self.fake.all("subscription"), [])
        self.apply("--shop-is-off")
        self.assertEqual(ContractRun.objects.get().shop_off_at, timezone.now())
        self.assertTrue(AuditEntry.objects.filter(message__contains="the old shop charges nothing").exists())

    def test_the_first_charge_is_on_the_day_of_the_shop_and_none_is_made_now(self):
        self.assertIn(f"{self.due:%Y-%m-%d}: 1, €5.00", self.plan_of())
        self.apply("--shop-is-off")
        self.deliver()
        self.tick()
        self.assert_no_emails()
        self.assertEqual((self.fake.all("charge"), self.level(self.reader)), ([], 10))
        self.assertEqual((self.subscription.status, self.subscription.period_end), ("active", self.due))
        self.verify()
        self.pass_period()
        [charge] = self.fake.all("charge")
        self.assertEqual((charge["amount"], charge["created"]), (500, int(self.due.timestamp())))
        self.assertEqual((self.payments(), self.events()), ([500], ["moved", "renewed"]))
        self.pass_period()
        self.assertEqual(self.payments(), [500, 500])
        self.verify()
        self.assertEqual(list(reconcile.differences(since=self.due - timedelta(days=60), now=timezone.now())), [])
        self.assertEqual(list(accounts_check.provider_differences(timezone.localdate().replace(day=1))), [])

    def test_nothing_is_charged_within_48_hours(self):
        self.list(paid_through=timezone.now() + timedelta(hours=5))
        self.assertIn("which is too soon", self.plan_of())
        self.apply("--shop-is-off")
        self.assertGreater(self.subscription.period_end, timezone.now() + timedelta(hours=48))
        self.assertLess(self.subscription.period_end, timezone.now() + timedelta(hours=50))

    def test_what_was_due_before_is_refused(self):
        self.list(paid_through=timezone.now() - timedelta(days=1))
        self.assert_refused("export the list again once that is paid")

    def test_a_repetition_after_an_interruption_creates_one_contract(self):
        with (
            mock.patch.object(applying, "_record", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.apply("--shop-is-off")
        self.pass_time(days=2)
        self.fake._answered.clear()  # Stripe forgets keys after a day.
        self.apply()
        self.assertEqual((len(self.fake.all("subscription")), Subscription.objects.count()), (1, 1))
        self.assertEqual(self.subscription.period_end, self.due)

    def test_without_a_saved_card_the_reader_is_invited(self):
        self.customer["invoice_settings"]["default_payment_method"] = None
        self.fake.all("payment_method")[0]["customer"] = None
        self.assertIn("no saved card in this Stripe account, or several", self.plan_of())
        self.apply()
        self.assertEqual((self.subscription.provider, self.level(self.reader)), ("manual", 10))

    def test_a_reader_who_has_cancelled_keeps_access_until_the_end(self):
        self.list(cancelled=True, status="pending-cancel")
        self.apply()
        self.assertEqual((self.subscription.cancel_at, self.fake.all("subscription")), (self.due, []))
        self.clock.move_to(self.due + timedelta(minutes=1))
        self.assertEqual(
            (self.level(self.reader), list(reminders.ending(Subscription.objects.all(), self.due))), (0, [])
        )

    def test_the_old_shop_still_charging_is_found(self):
        self.apply("--shop-is-off")
        self.pass_time(days=20)
        card = self.customer["invoice_settings"]["default_payment_method"]
        self.fake.charge(self.customer["id"], 500, "eur", method=card)
        self.fake.charge(self.customer["id"], 3000, "eur", method=card)
        text = self.verify(fails=True)
        self.assertIn("€5.00 was charged on 2026-02-20 by another system", text)
        self.assertIn("1 charge was for something else than a moved contract: €30.00, of 1 customer", text)

    def test_a_later_list_cancels_and_postpones(self):
        self.apply("--shop-is-off")
        later = self.due + timedelta(days=30)
        self.list(paid_through=later)
        self.assertIn("1 paid for longer", self.apply())
        self.assertEqual(
            (self.subscription.period_end, Grant.objects.get(source="moved").ends_at.date()),
            (later, (later + timedelta(hours=36)).date()),
        )
        self.deliver()
        self.verify()
        self.list(paid_through=later, cancelled=True)
        self.assertIn("1 cancelled", self.apply())
        self.deliver()
        self.pass_time(days=80)
        self.deliver()
        self.tick()
        self.assertEqual((self.fake.all("charge"), self.subscription.status), ([], "ended"))


class ListedTests(ContractsCase):
    def setUp(self):
        super().setUp()
        self.until = datetime(2026, 3, 20, 12, tzinfo=UTC)

    def list(self, email="ada@example.org", **fields):
        terms = {"amount": 6000, "currency": "EUR", "interval": "year", "paid_through": self.until}
        self.old.list(email, **terms | {"payment": "transfer"} | fields)

    def test_a_transfer_gives_access_and_is_reminded(self):
        self.list()
        self.apply()
        bought = self.subscription
        self.assertEqual((bought.provider, bought.period_end, bought.price.minor), ("manual", self.until, 6000))
        self.assertEqual((self.level(self.reader), self.fake.all("customer")), (10, []))
        self.clock.move_to(self.until - timedelta(days=10))
        self.tick()
        self.assertEqual(len(emails_to("ada@example.org")), 1)
        self.verify(fails=False)
        self.clock.move_to(self.until + timedelta(hours=37))
        self.assertEqual(self.level(self.reader), 0)

    def test_paypal_and_another_account(self):
        self.list(payment="other")
        self.list("bea@example.org", payment="card", subscription_ref="sub_elsewhere", customer_ref="cus_elsewhere")
        text = self.plan_of()
        self.assertIn("2 access until the paid date", text)
        self.assertIn("no contract in this Stripe account: invite the reader to go on", text)
        self.apply()
        self.assertEqual(Subscription.objects.filter(provider="manual", period_end=self.until).count(), 2)

    def test_what_stripe_has_ended_but_the_service_still_serves(self):
        contract = self.old.subscribe(listed=False)
        self.fake.cancel_in_dashboard(contract["id"], at_period_end=False)
        self.list(payment="card", subscription_ref=contract["id"], status="canceled")
        self.apply()
        self.assertEqual((self.subscription.cancel_at, self.level(self.reader)), (self.until, 10))

    def test_free_readers_and_ended_contracts_get_nothing(self):
        self.list(status="expired", paid_through=None)
        self.assertIn("1 free", self.plan_of())
        self.apply()
        self.assertEqual(Subscription.objects.count(), 0)

    def test_a_customer_of_Stripe_without_a_contract_is_free(self):
        customer = self.old.customer("ada@example.org")["id"]
        self.old.list("ada@example.org", plan="Free", status="", customer_ref=customer)
        self.assertIn("1 free", self.plan_of())

    def test_rows_that_name_no_plan_are_mapped_together(self):
        self.lines[""] = str(self.year.pk)
        self.old.list("ada@example.org", plan="", payment="other", paid_through=self.until)
        other = self.old.subscribe("shop@example.org", price=self.old.price(700), listed=False)
        self.lines[self.old.prices.pop((700, "month", "eur", 1))] = "not ours"
        self.apply()
        self.assertEqual((self.subscription.price, self.fake.get(other["id"])["metadata"]), (self.year, {}))

    def test_a_plan_that_is_not_in_the_map_is_refused(self):
        self.list(plan="Gold")
        self.assert_refused("its plan “Gold” is not in the map")

    def test_a_later_list_extends(self):
        self.list()
        self.apply()
        self.old.readers.clear()
        self.until += timedelta(days=365)
        self.list()
        self.assertIn("1 paid for longer", self.apply())
        self.assertEqual(self.subscription.period_end, self.until)

    def test_no_address_is_kept_of_contracts_without_an_id(self):
        self.list()
        self.apply()
        self.assertNotIn("ada", self.row().key + str(self.row().facts))


class LinkTests(ContractsCase):
    """A reader who pays €5.00 in another account; here the plan costs €9.00."""

    def setUp(self):
        super().setUp()
        until = timezone.now() + timedelta(days=20)
        terms = {"amount": 500, "currency": "EUR", "interval": "month", "paid_through": until}
        self.old.list("ada@example.org", subscription_ref="sub_elsewhere", **terms)
        self.apply()
        mark_email_verified(user=self.reader)
        [_heading, line] = self.run_step("links").splitlines()
        self.email, self.link, self.amount = line.split(",")

    def test_the_reader_continues_at_the_old_price_when_the_paid_period_ends(self):
        self.assertEqual((self.email, self.amount), ("ada@example.org", "€5.00"))
        self.client.force_login(self.reader)
        self.assertContains(self.client.get(self.link), "€5.00 a month")
        self.assertRedirects(self.client.post(self.link), "/cart/")
        with self.committing():
            self.client.post("/checkout/", {"provider": "stripe"})
        self.fake.pay(self.reader.orders.get().checkout_ref)
        self.deliver()
        self.assertEqual(self.fake.all("charge"), [])
        self.pass_time(days=21)
        self.deliver()
        self.assertEqual([charge["amount"] for charge in self.fake.all("charge")], [500])
        self.assertEqual((self.level(self.reader), self.run_step("links").count("\n")), (10, 1))

    def test_nobody_else_can_use_it(self):
        self.client.force_login(make_user())
        self.assertEqual([self.client.get(self.link).status_code, self.client.post(self.link).status_code], [404, 404])
        self.client.logout()
        self.assertContains(self.client.get(self.link), "Log in and continue")
        self.assertIn("/login/", self.client.post(self.link)["Location"])
        code = Coupon.objects.get(reader=self.reader).code
        self.client.post("/cart/lines/", {"price": self.month.pk})
        self.assertContains(self.client.post("/cart/coupon/", {"coupon": code}), "We don’t know", status_code=422)

    def test_undoing_removes_the_coupon(self):
        self.undo()
        self.assertEqual((Coupon.objects.count(), self.client.get(self.link).status_code), (0, 404))


class UnmappedTests(ContractsCase):
    def test_no_second_contract_for_one_at_a_price_that_is_not_in_the_map(self):
        contract = self.old.subscribe(listed=False)
        terms = {
            "amount": 500,
            "currency": "EUR",
            "interval": "month",
            "paid_through": timezone.now() + timedelta(days=9),
        }
        self.old.list("ada@example.org", customer_ref=contract["customer"], **terms)
        self.old.prices.clear()
        self.assert_refused("has a contract at Stripe, whose price")
