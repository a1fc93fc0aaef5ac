"""Requests are checked by the SDK's own types; keys make them safe to repeat; failures can be injected."""

import stripe
from django.test import SimpleTestCase

from tests.fakestripe.answers import check
from tests.subscriptions.fakestripe.base import FakeStripeTestCase


class ParameterTests(FakeStripeTestCase):
    def test_unknown_mistyped_and_missing_parameters_are_refused(self):
        price = self.price()
        cases = [
            ("unknown parameter: bogus", lambda: self.checkout(bogus=1)),
            (r"unknown parameter: line_items\[0\]\[bogus\]", lambda: self.checkout(line_items=[{"bogus": 1}])),
            ("must be one of", lambda: self.api.checkout.sessions.create({"mode": "rent"})),
            ("Invalid integer", lambda: self.api.prices.create({**price, "unit_amount": "9.00"})),
            ("Missing required param: currency", lambda: self.api.prices.create({"product": "reader"})),
            ("success_url", lambda: self.api.checkout.sessions.create({"mode": "payment", "line_items": []})),
        ]
        for message, request in cases:
            with self.subTest(message), self.assertRaisesRegex(stripe.InvalidRequestError, message):
                request()

    def test_our_product_id_is_taken_only_once(self):
        with self.assertRaises(stripe.InvalidRequestError) as caught:
            self.api.products.create({"id": "reader", "name": "Again"})
        self.assertEqual(caught.exception.code, "resource_already_exists")

    def test_combinations_that_stripe_refuses(self):
        coupon = self.api.coupons.create({"id": "HALF", "percent_off": 50, "duration": "once"})
        cases = [
            {"allow_promotion_codes": True, "discounts": [{"coupon": coupon.id}]},
            {"customer_email": "reader@example.com"},
            {"subscription_data": {"trial_period_days": 7, "trial_end": self.fake.now + 900_000}},
            {"subscription_data": {"trial_end": self.fake.now + 3600}},
            {"automatic_tax": {"enabled": True}},
            {"mode": "payment"},
        ]
        for parameters in cases:
            with self.subTest(parameters), self.assertRaises(stripe.InvalidRequestError):
                self.checkout(**parameters)

    def test_unknown_objects_and_paths(self):
        with self.assertRaises(stripe.InvalidRequestError) as caught:
            self.api.subscriptions.retrieve("sub_nothing")
        self.assertEqual((caught.exception.http_status, caught.exception.code), (404, "resource_missing"))

    def test_expanding(self):
        self.subscribe()
        page = self.api.invoices.list({"expand": ["data.payments", "data.customer"]})
        self.assertEqual(page.data[0].customer.email, "reader@example.com")
        self.assertEqual(page.data[0].payments.data[0].amount_paid, 900)
        self.assertNotIn("payments", self.api.invoices.list().data[0])
        for path in ["data.nothing", "data.payments.data.payment.payment_intent"]:
            with self.subTest(path), self.assertRaisesRegex(stripe.InvalidRequestError, "expand"):
                self.api.invoices.list({"expand": [path]})


class IdempotencyTests(FakeStripeTestCase):
    def create(self, email="a@example.com"):
        return self.api.customers.create({"email": email}, {"idempotency_key": "key"})

    def test_same_key_gives_the_same_answer(self):
        self.assertEqual(self.create().id, self.create().id)
        with self.assertRaises(stripe.IdempotencyError):
            self.create("b@example.com")

    def test_repeating_a_request_whose_answer_was_lost(self):
        self.fake.fail("POST /v1/customers", "lost")
        with self.assertRaises(stripe.APIConnectionError):
            self.create()
        self.create()
        self.assertEqual(len(self.fake.all("customer")), 2)

    def test_the_sdk_repeats_lost_requests_with_one_key(self):
        self.fake.fail("POST /v1/customers", "lost", times=2)
        self.client_of(self.fake, retries=2).customers.create({"email": "a@example.com"})
        self.assertEqual(len(self.fake.all("customer")), 2)


class FailureTests(FakeStripeTestCase):
    def test_injected_failures(self):
        cases = [(503, stripe.APIError), (429, stripe.RateLimitError), ("timeout", stripe.APIConnectionError)]
        for how, error in cases:
            with self.subTest(how):
                self.fake.fail("POST /v1/customers", how)
                with self.assertRaises(error):
                    self.api.customers.create({})
        self.assertEqual(len(self.fake.all("customer")), 1)

    def test_an_outage_ends(self):
        self.fake.outage(requests=2)
        for _ in range(2):
            with self.assertRaises(stripe.APIError):
                self.api.customers.retrieve(self.customer)
        self.api.customers.retrieve(self.customer)


class AnswerTests(SimpleTestCase):
    def test_fields_that_the_sdk_does_not_declare_are_found(self):
        for obj in [
            {"object": "refund", "bogus": 1},
            {"object": "invoice", "status_transitions": {"bogus": 1}},
            {"object": "invoice", "lines": {"object": "list", "data": [{"object": "line_item", "bogus": 1}]}},
            {"object": "subscription", "current_period_end": 1},
        ]:
            with self.subTest(obj), self.assertRaises(AssertionError):
                check(obj)
