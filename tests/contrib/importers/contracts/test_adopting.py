"""Contracts that exist in the same Stripe account are continued here as they are."""

from datetime import timedelta
from unittest import mock

from django.utils import timezone

from subscriptions.models import (
    Declaration,
    Grant,
    IgnoredWebhook,
    Order,
    Payment,
    Price,
    ProviderCustomer,
    Subscription,
)
from subscriptions.providers.stripe import moving
from subscriptions.reports import months
from subscriptions.services import accounts_check, reconcile
from tests.contrib.importers.contracts.base import DAY, ContractsCase
from tests.factories import make_subscription, make_user
from tests.subscriptions.stripe.base import BROKEN_CARD
from truthlytics.audit.log import AuditEntry


class AdoptingTests(ContractsCase):
    def setUp(self):
        super().setUp()
        self.contract = self.old.subscribe()
        self.pass_time(days=10)
        self.fake.lose()

    def test_the_contract_is_only_marked(self):
        before = self.stripe()
        self.assertIn("1 attach", self.plan_of())
        self.assertEqual((self.stripe(), Subscription.objects.count()), (before, 0))
        self.apply()
        marked = self.contract.pop("metadata")
        before[self.contract["id"]].pop("metadata")
        self.assertEqual(self.stripe(), before)
        bought = self.subscription
        order = Order.objects.get()
        self.assertEqual(
            marked, {"order": str(order.uuid), "price": str(bought.price.pk), "moved": self.contract["id"]}
        )

    def test_it_continues_here_with_an_archived_price_of_the_same_amount(self):
        self.apply()
        bought = self.subscription
        self.assertEqual((bought.user, bought.status), (self.reader, "active"))
        self.assertEqual((bought.price.plan, bought.price.minor, bought.price.interval), (self.plan, 500, "month"))
        self.assertIsNotNone(bought.price.archived_at)
        self.assertEqual(bought.period_end.timestamp(), self.contract["items"]["data"][0]["current_period_end"])
        self.assertEqual((self.level(self.reader), self.reader.display_name), (10, "Ada Orr"))
        self.assertEqual((self.reader.verified_at, self.reader.has_usable_password()), (None, False))
        self.assertEqual(AuditEntry.objects.filter(model="importers.movedcontract").count(), 1)

    def test_applying_again_does_nothing(self):
        self.apply()
        before = self.stripe()
        self.assertIn("Done: nothing", self.apply())
        self.assertEqual((Subscription.objects.count(), self.stripe()), (1, before))

    def test_messages_from_before_change_nothing_and_send_nothing(self):
        self.fake.outbox = list(self.fake.events)
        self.apply()
        self.deliver(copies=2)
        self.tick()
        self.assert_no_emails()
        self.assertEqual((self.events(), Payment.objects.count(), Grant.objects.count()), (["moved"], 0, 1))

    def test_renewals_are_ours(self):
        self.apply()
        self.deliver()
        self.pass_period()
        payment = Payment.objects.get()
        self.assertEqual((payment.minor, payment.user, payment.receipts.count()), (500, self.reader, 1))
        self.assertEqual(self.events(), ["moved", "renewed"])
        self.assertEqual(Grant.objects.filter(source="invoice").count(), 1)
        self.assertNotIn("not recorded", self.verify())

    def test_access_without_a_renewal_ends_with_the_paid_period(self):
        self.apply()
        end = self.subscription.period_end
        self.clock.move_to(end + timedelta(hours=40))
        self.assertEqual(self.level(self.reader), 0)

    def test_the_books_begin_with_the_first_renewal(self):
        self.apply()
        self.deliver()
        self.pass_period()
        for month in (timezone.localdate().replace(month=1, day=1), timezone.localdate().replace(day=1)):
            self.assertEqual(list(accounts_check.differences(month)), [])
            self.assertEqual(list(accounts_check.provider_differences(month)), [])
        self.assertEqual(list(reconcile.differences(since=timezone.now() - timedelta(days=90), now=timezone.now())), [])

    def test_it_adds_to_the_monthly_revenue_but_is_not_new(self):
        self.apply()
        [month] = months("EUR", first=timezone.localdate().replace(day=1), last=timezone.localdate())
        self.assertEqual((month.mrr, month.new), (500, 0))

    def test_verify_agrees(self):
        self.assertIn("Compared: 1 contracts", self.apply() + self.verify())

    def test_a_reader_who_has_an_account_keeps_it(self):
        known = make_user(email="ADA@example.org".lower(), display_name="Ada")
        self.apply()
        self.assertEqual((self.subscription.user, self.reader.display_name), (known, "Ada"))

    def test_a_young_contract_that_is_withdrawn_from_waits_until_it_is_paid_back_there(self):
        self.apply()
        self.client.force_login(self.reader)
        with self.committing():
            self.client.post(f"/account/withdrawal/{Order.objects.get().uuid}/")
        self.deliver()
        self.assertEqual((self.subscription.end_reason, self.level(self.reader)), ("withdrawn", 0))
        self.assertIsNone(Declaration.objects.get().handled_at)
        self.pass_period()
        self.assertEqual((self.payments(), self.contract["status"]), ([], "canceled"))

    def test_a_cancelled_contract_ends_with_its_period(self):
        self.fake.cancel_in_dashboard(self.contract["id"])
        self.fake.lose()
        self.apply()
        self.assertEqual(self.subscription.cancel_at, self.subscription.period_end)
        self.pass_period()
        self.assertEqual((self.subscription.status, self.level(self.reader), self.payments()), ("ended", 0, []))

    def test_an_unpaid_renewal_is_retried_by_Stripe(self):
        self.fake.use_card(self.contract["customer"], BROKEN_CARD)
        self.pass_time(days=22)
        self.fake.lose()
        self.apply()
        self.deliver()
        self.assertEqual((self.subscription.status, self.level(self.reader)), ("past_due", 10))
        self.assert_no_emails()
        self.fake.change_card(self.contract["customer"], "pm_card_visa")
        self.deliver()
        self.assertEqual((self.subscription.status, self.payments()), ("active", [500]))

    def test_what_was_never_paid_long_ago_is_not_recorded(self):
        old = self.fake.put("payment_intent", "pi", amount=500, currency="eur", status="requires_payment_method")
        invoice = self.fake.all("invoice")[0]
        payment = {"type": "payment_intent", "payment_intent": old["id"]}
        unpaid = self.fake.put("invoice_payment", "inpay", amount_requested=500, currency="eur", payment=payment)
        lost = invoice | {
            "id": "in_lost",
            "status": "uncollectible",
            "attempted": True,
            "created": invoice["created"] - DAY,
        }
        self.fake.put("invoice", "in", **lost | {"payments": {"object": "list", "url": "", "data": [unpaid]}})
        self.apply()
        self.deliver()
        self.assertEqual(Payment.objects.count(), 0)

    def test_customer_balance_and_discounts_go_on(self):
        coupon = self.fake.create_coupon(percent_off=20, duration="forever")
        self.fake.update_subscription(self.contract["id"], discounts=[{"coupon": coupon["id"]}])
        self.fake.get(self.contract["customer"])["balance"] = -100
        text = self.plan_of()
        self.assertIn("discount ", text)
        self.assertIn("balance €1.00", text)
        self.apply()
        self.pass_period()
        self.assertEqual(self.payments(), [300])
        self.verify()

    def test_a_paused_contract_is_not_charged_and_gives_no_access_after_its_period(self):
        self.contract["pause_collection"] = {"behavior": "void", "resumes_at": None}
        self.assertIn("charges are paused", self.plan_of())
        self.apply()
        self.pass_period()
        self.pass_time(days=3)
        self.assertEqual((self.payments(), self.level(self.reader)), ([], 0))
        self.verify()

    def test_country_and_vat_id_are_taken_over(self):
        customer = self.fake.get(self.contract["customer"])
        customer["address"] = {"country": "AT"}
        customer["tax_ids"]["data"] = [
            {"id": "txi_1", "object": "tax_id", "type": "eu_vat", "value": "ATU 12345675", "customer": customer["id"]}
        ]
        self.apply()
        profile = self.reader.billing_profile
        self.assertEqual((profile.country, profile.vat_id), ("AT", "ATU12345675"))
        profile.country, profile.vat_id = "FR", ""
        profile.save()
        self.pass_period()
        self.assertEqual((Payment.objects.get().vat_id, Payment.objects.get().order), ("", None))


class TrialTests(ContractsCase):
    def test_a_trial_is_charged_when_it_ends(self):
        self.old.subscribe(trial_end=self.fake.now + 14 * DAY)
        self.pass_time(days=2)
        self.fake.lose()
        self.apply()
        self.deliver()
        self.assertEqual(
            (self.subscription.status, self.level(self.reader), self.events()), ("trialing", 10, ["moved"])
        )
        self.pass_period()
        self.assertEqual((self.subscription.status, self.payments()), ("active", [500]))


class BucketTests(ContractsCase):
    def test_several_items(self):
        contract = self.old.subscribe()
        contract["items"]["data"].append(contract["items"]["data"][0] | {"id": "si_other"})
        self.assert_refused("it has 2 items")
        self.assertIn("1 contract was left alone (it has 2 items", self.verify())

    def test_quantity(self):
        self.old.subscribe(quantity=3)
        self.assert_refused("its quantity is 3")

    def test_schedule(self):
        self.old.subscribe()["schedule"] = "sub_sched_1"
        self.assert_refused("the schedule sub_sched_1 will change it")

    def test_invoices_by_email(self):
        self.old.subscribe()["collection_method"] = "send_invoice"
        self.assert_refused("invoices that Stripe sends by email")

    def test_unknown_currency(self):
        self.old.subscribe(price=self.old.price(currency="xts"))
        self.assert_refused("the currency XTS is not known")

    def test_another_interval(self):
        self.old.subscribe(price=self.old.price(interval="week"))
        text = self.plan_of(fails=True)
        self.assertIn("€5.00 a week, and no plan here has such a period", text)

    def test_not_on_the_list(self):
        contract = self.old.subscribe(listed=False)
        self.assertIn(f"{contract['id']}: it is live at Stripe", self.verify(fails=True))
        self.assert_refused("it is not on the list; export the list again")
        self.assertIn(f"{contract['id']}: it is live at Stripe", self.verify(fails=True))

    def test_unpaid(self):
        self.old.subscribe()["status"] = "unpaid"
        self.assert_refused("Stripe has given up charging it")

    def test_a_discount_that_can_not_be_read(self):
        contract = self.old.subscribe()
        coupon = self.fake.create_coupon(percent_off=20, duration="forever")
        customer, item = self.fake.get(contract["customer"]), contract["items"]["data"][0]
        other = self.fake.create_coupon(amount_off=100, currency="xts", duration="forever")
        odd = {"id": "di_odd", "object": "discount", "end": None, "source": {"type": "coupon", "coupon": None}}
        for holder, name, discount in (
            (customer, "discount", {"id": "di_1", "object": "discount", "source": {"coupon": coupon["id"]}}),
            (item, "discounts", ["di_1"]),
            (contract, "discounts", ["di_never_expanded"]),
            (contract, "discounts", [odd]),
            (contract, "discounts", [odd | {"source": {"type": "coupon", "coupon": other}}]),
        ):
            before, holder[name] = holder.get(name), discount
            with self.subTest(name, discount=discount):
                self.assert_refused("it has a discount that can’t be read")
            holder[name] = before

    def test_a_price_that_is_not_in_the_map_is_left_alone(self):
        contract = self.old.subscribe("shop@example.org", listed=False)
        self.old.prices.clear()
        self.lines = {"nothing": "reader"}
        text = self.plan_of()
        self.assertIn(f"{contract['items']['data'][0]['price']['id']}: 1", text)
        self.apply()
        self.assertEqual((self.contract_metadata(contract), Subscription.objects.count()), ({}, 0))

    def contract_metadata(self, contract):
        return self.fake.get(contract["id"])["metadata"]

    def test_two_contracts_of_a_reader_are_shown_first(self):
        first = self.old.subscribe()
        self.old.subscribe(price=self.old.price(5000, "year"), customer=first["customer"])
        text = self.plan_of()
        self.assertTrue(text.startswith("Readers who are probably paying twice:\n    ada@example.org"))
        self.apply()
        self.assertEqual((self.subscription.price.minor, self.contract_metadata(first)), (5000, {}))

    def test_a_reader_who_has_subscribed_here_too_is_shown_first(self):
        make_subscription(make_user(email="ada@example.org"))
        self.old.subscribe()
        self.assertIn("probably paying twice:\n    ada@example.org", self.plan_of())
        self.apply()
        self.assertEqual(Subscription.objects.count(), 1)

    def test_no_card_no_address_and_a_fee_are_named_and_go_on(self):
        contract = self.old.subscribe()
        self.fake.get(contract["customer"])["invoice_settings"]["default_payment_method"] = None
        contract["automatic_tax"]["enabled"] = True
        contract["application_fee_percent"], contract["application"] = 10.0, "ca_old"
        text = self.plan_of()
        for part in ("no default payment method", "no address, which Stripe needs", "takes 10% of each payment"):
            self.assertIn(part, text)
        self.assertIn("What ends it:", text)
        self.apply()
        text = self.verify(fails=True)
        self.assertIn("the old platform still takes 10% of each payment", text)
        self.assertIn("made by the application ca_old", text)

    def test_a_price_mapped_to_another_amount_stops_everything(self):
        self.old.subscribe()
        self.lines[self.old.price()] = str(self.year.pk)
        self.assertIn(f"it costs €5.00 a month, but is mapped to price {self.year.pk}", self.plan_of(fails=True))
        self.assertIn("Correct the map of prices first", self.apply(fails=True))
        self.assertEqual(Subscription.objects.count(), 0)

    def test_a_price_that_only_another_plan_has_is_doubted(self):
        self.old.subscribe(price=self.old.price(1500))
        text = self.plan_of()
        self.assertIn(f"{self.old.price(1500)} costs €15.00 a month like {self.supporter.plan.name} here", text)
        self.lines[self.old.price(1500)] = str(self.supporter.pk)
        self.assertNotIn("Probably wrong", self.plan_of())

    def test_a_price_here_with_the_same_amount_is_used(self):
        self.old.subscribe(price=self.old.price(900))
        self.apply()
        self.assertEqual((self.subscription.price, Price.objects.count()), (self.month, 3))

    def test_the_customer_of_another_reader_is_refused(self):
        contract = self.old.subscribe()
        ProviderCustomer.objects.create(provider="stripe", user=make_user(), ref=contract["customer"])
        self.assertIn("The reader has another customer at Stripe here", self.apply())
        self.assertEqual((self.fake.get(contract["id"])["metadata"], Order.objects.count()), ({}, 0))


class MarkTests(ContractsCase):
    def test_a_request_is_repeated_with_its_key_and_another_one_has_another(self):
        contract = self.old.subscribe()
        with mock.patch.object(self.fake, "handle", wraps=self.fake.handle) as sent:
            for values in ({"order": "1", "price": "2"}, {"order": "1", "price": "2"}, {"order": "3"}, {"order": ""}):
                moving.set_metadata(contract["id"], values, key="move:1")
        first, repeated, other, removed = (call.args[3] for call in sent.call_args_list)
        self.assertEqual(first, repeated)
        self.assertEqual(len({first, other, removed}), 3)
        self.assertEqual(contract["metadata"], {"price": "2"})


class SharedAccountTests(ContractsCase):
    def test_messages_about_others_are_ignored_and_counted(self):
        other = self.old.subscribe("shop@example.org", price=self.old.price(currency="xts"), listed=False)
        self.lines[self.old.price(currency="xts")] = "not ours"
        self.old.subscribe()
        self.fake.lose()
        self.apply()
        self.deliver()
        self.fake.advance(days=32)
        self.clock.move_to(self.fake.now)
        self.deliver()
        self.assertEqual(self.fake.outbox, [])
        self.assertEqual((Subscription.objects.count(), self.payments()), (1, [500]))
        [counted] = IgnoredWebhook.objects.all()
        self.assertGreaterEqual(counted.number, 2)
        self.assertIn(f"were ignored: {counted.number}", self.verify())
        self.assertEqual(self.fake.get(other["id"])["metadata"], {})

    def test_other_endpoints_are_listed(self):
        self.fake.create_webhook_endpoint("https://old.example/stripe", ["*"])
        self.fake.create_webhook_endpoint("http://localhost:8000/webhooks/stripe/", ["*"])
        text = self.verify()
        self.assertIn("Another webhook endpoint: https://old.example/stripe", text)
