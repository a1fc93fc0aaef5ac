"""The tick box for a newsletter while registering and buying."""

import re

from django.core import mail
from django.core.cache import cache
from django.test import TestCase

from tests.factories import PASSWORD, make_price, make_user
from tests.truthlytics.newsletters.factories import make_address, make_newsletter
from truthlytics.newsletters.models import SignUp
from truthlytics.publication.models import Publication

SIGN_UP, CONFIRM, CART = "/accounts/signup/", "/accounts/confirm-email/", "/cart/"


class TickedTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        Publication.objects.create(name="The Paper")
        cls.newsletter, cls.price = make_newsletter(name="Dispatch"), make_price()

    def setUp(self):
        cache.clear()
        self.box = f'<input type="checkbox" name="newsletters" value="{self.newsletter.pk}">'

    def register(self, **fields):
        data = {"email": "ada@example.org", "display_name": "Ada Moss", "password1": PASSWORD, "password2": PASSWORD}
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(SIGN_UP, data | fields)
        self.assertFalse(SignUp.objects.exists())
        code = re.search(r"(?m)^[A-Z0-9-]{6,}$", mail.outbox[-1].body)[0]
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(CONFIRM, {"code": code})

    def test_registering(self):
        self.assertContains(self.client.get(SIGN_UP), self.box, html=True)
        self.register(newsletters=self.newsletter.pk)
        row = SignUp.objects.get()
        self.assertEqual((row.address.email, row.address.user.email), ("ada@example.org", "ada@example.org"))
        self.assertEqual((row.newsletter, row.source), (self.newsletter, "registration"))
        self.assertLess(row.asked_at, row.confirmed_at)

    def test_the_tick_is_kept_when_the_form_has_errors(self):
        page = self.client.post(SIGN_UP, {"email": "nobody", "newsletters": self.newsletter.pk})
        self.assertContains(page, self.box.replace(">", " checked>"), html=True)

    def test_without_a_tick_nobody_is_signed_up(self):
        self.register()
        for bad in ("x", "0", str(2**70)):
            self.client.post(SIGN_UP, {"newsletters": bad})
        self.assertFalse(SignUp.objects.exists())

    def test_a_visitor_who_buys_registers_and_gets_it(self):
        self.client.post("/cart/lines/", {"price": self.price.pk})
        self.assertContains(self.client.get(CART), self.box, html=True)
        self.client.post("/checkout/", {"provider": "manual", "newsletters": self.newsletter.pk})
        self.assertNotContains(self.client.get(SIGN_UP), "Send me the newsletter")
        self.register()
        self.assertEqual(SignUp.objects.get().source, "cart")

    def test_a_reader_who_gets_it_is_not_asked(self):
        reader = make_user()
        make_address(self.newsletter, email=reader.email, user=reader)
        self.client.force_login(reader)
        self.client.post("/cart/lines/", {"price": self.price.pk})
        self.assertNotContains(self.client.get(CART), "Dispatch")

    def test_an_order_that_is_refused_signs_nobody_up(self):
        self.client.force_login(make_user())
        self.client.post("/cart/lines/", {"price": self.price.pk})
        self.client.post("/checkout/", {"provider": "nobody", "newsletters": self.newsletter.pk})
        self.assertFalse(SignUp.objects.exists())

    def test_nothing_is_offered_without_a_newsletter(self):
        self.newsletter.is_offered = False
        self.newsletter.save()
        self.assertNotContains(self.client.get(SIGN_UP), 'name="newsletters"')
        self.register(newsletters=self.newsletter.pk)
        self.assertFalse(SignUp.objects.exists())
