"""Steps of a reader's journey as a browser without JavaScript takes them."""

import re

from django.conf import settings
from django.core import mail
from django.test import override_settings
from django.urls import reverse

from subscriptions.models import Order
from tests.factories import PASSWORD

on_demo = override_settings(
    DEMO=True,
    PAYMENT_PROVIDERS=["truthlytics.tools.demo.provider.Demo", "subscriptions.providers.manual.Manual"],
)


def emails_to(address):
    return [email for email in mail.outbox if email.to == [address]]


def code_for(address):
    """The code in the last email to `address`."""
    return re.search(r"^\s*([A-Z0-9]{3,4}-?[A-Z0-9]{3,4}|\d{6})\s*$", emails_to(address)[-1].body, re.M)[1]


class Steps:
    """TestCase mixin with one method per step."""

    def choose(self, price):
        return self.client.post(reverse("subscriptions:cart_lines"), {"price": price.pk})

    def sign_up(self, email="nadia@example.org", name="Nadia Lund", next_url="/cart/", **data):
        url = f"{reverse('account_signup')}?next={next_url}"
        return self.client.post(url, {"email": email, "display_name": name, "next": next_url, **data})

    def confirm(self, email="nadia@example.org"):
        return self.client.post(reverse("account_email_verification_sent"), {"code": code_for(email)})

    def log_in(self, user, password=PASSWORD, next_url="/account/"):
        data = {"login": user.email, "password": password, "next": next_url}
        return self.client.post(f"{reverse('account_login')}?next={next_url}", data)

    def order(self, provider="demo", **data):
        """Order the cart. Redirects to the order."""
        return self.client.post(reverse("subscriptions:checkout"), {"provider": provider, **data})

    def demo(self, outcome):
        order = Order.objects.latest("pk")
        return self.client.post(reverse("demo:payment", args=[order.uuid]), {"outcome": outcome}, follow=True)

    def see(self, name, *args, text, status=200):
        response = self.client.get(reverse(name, args=args))
        self.assertContains(response, text, status_code=status)
        return response

    @property
    def has_session(self):
        return settings.SESSION_COOKIE_NAME in self.client.cookies
