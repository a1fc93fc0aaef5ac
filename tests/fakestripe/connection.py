"""Connects the site under test with the fake."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.test import Client, override_settings

from tests.fakestripe.transport import FakeStripe
from tests.fakestripe.webhooks import SECRET, Post

PROVIDER = "subscriptions.providers.stripe.Stripe"
BUILT_IN = ["subscriptions.providers.manual.Manual"]
WEBHOOK_PATH = "/webhooks/stripe/"


@contextmanager
def connected(fake: FakeStripe, **settings: Any) -> Iterator[FakeStripe]:
    """Let the Stripe provider talk to `fake` without a socket. `settings` override further settings."""
    changes = {
        "PAYMENT_PROVIDERS": [PROVIDER, *BUILT_IN],
        "STRIPE_SECRET_KEY": "sk_live_fake" if fake.livemode else "sk_test_fake",
        "STRIPE_WEBHOOK_SECRET": SECRET,
    } | settings
    transport = mock.patch("subscriptions.providers.stripe.client.transport", return_value=fake)
    with override_settings(**changes), transport:
        yield fake


def poster(client: Client | None = None, path: str = WEBHOOK_PATH) -> Post:
    """Return the function that `FakeStripe.deliver` needs to post webhooks to the site under test."""
    client = client or Client()

    def post(body: bytes, headers: dict[str, str]) -> int:
        return client.post(path, body, content_type="application/json", headers=headers).status_code

    return post
