"""The way to pay of docs/extending.md, as a reader and an editor use it."""

import re
import sys
import tempfile
import textwrap
from pathlib import Path

from django.core import mail
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import Grant, Order, Payment, Refund, Subscription
from subscriptions.services.refunds import refund, repeat_requested
from subscriptions.services.statements import _open
from tests.factories import make_editor, make_price, make_user
from tests.subscriptions.journeys import Steps
from truthlytics.env import BASE_DIR


def install(case):
    """Put the example where it can be imported."""
    text = (BASE_DIR / "docs/extending.md").read_text(encoding="utf-8")
    code = re.search(r"^`harbour/cash\.py`.*?:\n\n((?:    .*\n|\n)+)", text, re.MULTILINE | re.DOTALL)[1]
    folder = case.enterContext(tempfile.TemporaryDirectory())
    (Path(folder) / "counter_cash.py").write_text(textwrap.dedent(code), encoding="utf-8")
    sys.path.insert(0, folder)
    case.addCleanup(sys.path.remove, folder)
    case.addCleanup(sys.modules.pop, "counter_cash", None)


@override_settings(PAYMENT_PROVIDERS=["subscriptions.providers.manual.Manual", "counter_cash.Cash"])
class CashTests(Steps, TestCase):
    def setUp(self):
        install(self)
        self.reader, self.editor = make_user(), make_editor()
        self.client.force_login(self.reader)
        self.choose(make_price(minor=900))
        with self.captureOnCommitCallbacks(execute=True):
            self.placed = self.order("cash")
        self.bought = Order.objects.get()

    def mark(self):
        self.client.force_login(self.editor)
        data = {"action": "mark_as_paid", "_selected_action": self.bought.pk, "confirmed": "yes"}
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(reverse("admin:subscriptions_order_changelist"), data, follow=True)

    def test_the_reader_lands_on_a_page_that_says_how_to_pay(self):
        page = self.client.get(self.placed.url)
        self.assertContains(page, "Pay at our counter in the harbour")
        self.assertContains(page, self.bought.number)
        self.assertNotContains(page, "IBAN")
        self.assertNotContains(page, "by transfer")
        self.assertContains(self.client.get(self.bought.get_absolute_url()), "Pay at our counter")
        self.assertContains(self.client.get("/account/"), "How to pay €9.00")
        (email,) = [email for email in mail.outbox if email.to == [self.reader.email]]
        self.assertIn("Pay at our counter in the harbour", email.body)
        self.assertNotIn("IBAN", email.body + email.alternatives[0][0])

    def test_the_newsroom_marks_it_as_paid_and_access_opens(self):
        self.client.force_login(self.editor)
        form = reverse("admin:subscriptions_order_change", args=[self.bought.pk])
        self.assertContains(self.client.get(form), 'value="mark_as_paid"')
        self.assertEqual([(kind.kind, kind.minor) for _currency, kind in _open(timezone.now())], [("orders", 900)])
        self.assertFalse(Grant.objects.exists())
        self.assertContains(self.mark(), "€9.00 received from")
        self.bought.refresh_from_db()
        payment = Payment.objects.get()
        self.assertEqual((self.bought.status, payment.provider), (Order.Status.PAID, "cash"))
        self.assertEqual((payment.status, payment.method), (Payment.Status.SUCCEEDED, "Cash at the counter"))
        self.assertEqual(Subscription.objects.get().status, "active")
        self.assertTrue(Grant.objects.filter(user=self.reader).exists())
        self.assertEqual(_open(timezone.now()), [])
        self.assertNotContains(self.client.get(form), "mark_as_paid")

    def test_a_refund_waits_until_an_editor_has_paid_it_out(self):
        self.mark()
        payment = Payment.objects.get()
        made = refund(payment=payment, amount=payment.refundable, by="Edith")
        repeat_requested(timezone.now())
        self.assertEqual(Refund.objects.get().status, Refund.Status.REQUESTED)
        self.assertTrue(made.awaits_transfer)
        self.assertEqual(list(Refund.objects.awaiting_transfer()), [made])
