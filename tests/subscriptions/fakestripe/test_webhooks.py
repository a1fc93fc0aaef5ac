"""Webhooks: signed, in any order, any number of times, refused, or lost."""

import random

import stripe

from tests.fakestripe import SECRET
from tests.subscriptions.fakestripe.base import FakeStripeTestCase


class WebhookTests(FakeStripeTestCase):
    def setUp(self):
        super().setUp()
        self.subscribe()
        self.waiting = len(self.fake.outbox)

    def test_shuffled_and_repeated_deliveries_are_signed(self):
        seen = []

        def post(body, headers):
            seen.append(stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET).id)
            return 200

        generator = random.Random(7)
        self.fake.deliver(post, order=lambda batch: generator.sample(batch, len(batch)), copies=2)
        self.assertEqual((len(seen), len(set(seen))), (2 * self.waiting, self.waiting))
        self.assertNotEqual(seen, sorted(seen))
        self.assertEqual(self.fake.outbox, [])

    def test_refused_deliveries_stay(self):
        self.fake.deliver(lambda body, headers: 503)
        self.assertEqual(len(self.fake.outbox), self.waiting)

    def test_lost_deliveries(self):
        self.assertEqual(len(self.fake.lose("invoice.*")), 4)
        self.assertEqual(len(self.fake.outbox), self.waiting - 4)

    def test_other_secrets_do_not_verify(self):
        with self.assertRaises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(b"{}", self.fake.sign("{}", secret="whsec_other"), SECRET)

    def test_events_can_be_listed(self):
        events = list(self.api.events.list({"limit": 5}).auto_paging_iter())
        self.assertEqual(len(events), len(self.fake.events))
        paid = self.api.events.list({"types": ["invoice.paid"], "created": {"gte": self.fake.now}}).data
        self.assertEqual([event.type for event in paid], ["invoice.paid"])
        self.assertEqual(self.api.events.list({"created": {"gte": self.fake.now + 1}}).data, [])
        self.assertEqual(self.api.events.retrieve(events[0].id).id, events[0].id)
