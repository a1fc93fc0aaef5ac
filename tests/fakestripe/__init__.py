"""A stateful Stripe in memory, for tests and the demo. Tests use it in either of two ways:

    fake = FakeStripe()                                            # no socket
    client = stripe.StripeClient("sk_test_fake", http_client=fake)

    server = serve(fake)                                           # a server on 127.0.0.1 with hosted pages
    client = stripe.StripeClient("sk_test_fake", base_addresses={"api": fake.base_url})

Requests are checked against the parameter types of the official SDK, and answers hold only fields that its resource
classes declare, so that a new version of the SDK is a new contract. Unlike Stripe's test mode, a test can move the
clock, choose the order and number of webhooks, and lose an answer after the request was applied.
"""

import unittest

try:
    import stripe  # noqa: F401
except ImportError:
    # Test modules that import this package are skipped.
    raise unittest.SkipTest("stripe is not installed (uv sync --group e2e)") from None

from tests.fakestripe.connection import connected, poster
from tests.fakestripe.server import serve
from tests.fakestripe.transport import FakeStripe
from tests.fakestripe.webhooks import SECRET

__all__ = ["SECRET", "FakeStripe", "connected", "poster", "serve"]
