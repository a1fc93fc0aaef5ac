"""The fake as a server: the API over HTTP, and the hosted pages."""

import threading
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

import stripe

from tests.budget import takes_longer
from tests.fakestripe import SECRET, serve
from tests.subscriptions.fakestripe.base import FakeStripeTestCase


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args):
        return None


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        event = stripe.Webhook.construct_event(body, self.headers["Stripe-Signature"], SECRET)
        self.server.received.append(event.type)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args):
        pass


class ServerTests(FakeStripeTestCase):
    def setUp(self):
        super().setUp()
        self.receiver = HTTPServer(("127.0.0.1", 0), Receiver)
        self.receiver.received = []
        threading.Thread(target=self.receiver.serve_forever, daemon=True).start()
        self.addCleanup(self.receiver.server_close)
        self.addCleanup(self.receiver.shutdown)
        self.server = serve(self.fake, webhook_url=f"http://127.0.0.1:{self.receiver.server_port}/")
        self.addCleanup(self.server.stop)
        addresses = {"api": self.fake.base_url}
        over_http = stripe.StripeClient("sk_test_fake", base_addresses=addresses, max_network_retries=0)
        self.api = over_http.v1

    def page(self, url):
        with urllib.request.urlopen(url) as answer:
            return answer.read().decode()

    def press(self, url, **form):
        body = urllib.parse.urlencode(form).encode()
        try:
            with urllib.request.build_opener(NoRedirect).open(url, body) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as redirect:
            self.assertEqual(redirect.code, 303)
            return redirect.headers["Location"]

    def test_paying_on_the_hosted_page(self):
        session = self.checkout(cancel_url="https://site.example/back")
        page = self.page(session.url)
        for text in ["900 EUR", "Reader", 'href="https://site.example/back"']:
            self.assertIn(text, page)
        self.assertIn("declined", self.press(session.url, card="pm_card_chargeDeclined"))
        self.assertEqual(self.press(session.url, card="pm_card_visa"), f"https://site.example/ok?s={session.id}")
        self.assertIn("checkout.session.completed", self.receiver.received)
        self.assertIn("closed", self.page(f"{self.fake.base_url}/pay/{session.id}"))
        self.assertEqual(self.api.checkout.sessions.retrieve(session.id).status, "complete")

    @takes_longer("Servers or workers run beside the test.")
    def test_changing_the_card_on_the_portal_page(self):
        self.subscribe()
        self.fake.use_card(self.customer, "pm_card_chargeCustomerFail")
        self.server.advance(days=29)
        self.assertIn("invoice.payment_failed", self.receiver.received)
        features = {"payment_method_update": {"enabled": True}, "invoice_history": {"enabled": True}}
        configuration = self.api.billing_portal.configurations.create({"features": features})
        portal = self.api.billing_portal.sessions.create(
            {"customer": self.customer, "configuration": configuration.id, "return_url": "https://site.example/"}
        )
        self.assertIn("ending in 0341", self.page(portal.url))
        self.assertIn("declined", self.press(portal.url, card="pm_card_chargeDeclined"))
        page = self.press(portal.url, card="pm_card_mastercard")
        for text in ["ending in 4444", "FAKE-0002: paid", 'href="https://site.example/"']:
            self.assertIn(text, page)
        self.assertEqual(self.paid(), [900, 900])

    def test_paying_an_open_invoice_on_its_page(self):
        self.subscribe()
        self.fake.use_card(self.customer, "pm_card_chargeCustomerFail")
        self.fake.advance(days=29)
        url = self.fake.all("invoice")[-1]["hosted_invoice_url"]
        self.assertIn("Status: open", self.page(url))
        self.assertIn("Status: paid", self.press(url, card="pm_card_visa"))

    def test_timeouts_and_lost_answers_break_the_connection(self):
        for how, created in [("timeout", 0), ("lost", 1)]:
            with self.subTest(how):
                before = len(self.fake.all("customer"))
                self.fake.fail("POST /v1/customers", how)
                with self.assertRaises(stripe.APIConnectionError):
                    self.api.customers.create({"email": "a@example.com"})
                self.assertEqual(len(self.fake.all("customer")) - before, created)

    def test_passing_a_month_on_the_first_page(self):
        self.subscribe()
        self.assertIn("reader@example.com", self.page(f"{self.fake.base_url}/"))
        self.press(f"{self.fake.base_url}/", days=31)
        self.assertEqual(self.paid(), [900, 900])
        self.assertEqual(self.receiver.received.count("invoice.paid"), 2)

    def test_unknown_pages(self):
        with self.assertRaises(urllib.error.HTTPError) as caught:
            self.page(f"{self.fake.base_url}/pay/nothing")
        self.assertEqual(caught.exception.code, 404)
