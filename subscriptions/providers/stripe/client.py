"""The connection to Stripe: time limits, errors, and protection against mixing test and live mode."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, lru_cache
from typing import Any

import stripe
from django.conf import settings

from subscriptions.providers.base import Declined, KeyRefused, ProviderError, Unavailable

TIMEOUT = 5  # seconds
RETRIES = 2
MISSING = "resource_missing"
# The library logs two lines for each request.
logging.getLogger("stripe").setLevel(logging.WARNING)
# Otherwise the library reports the duration of requests to Stripe.
stripe.enable_telemetry = False


class Missing(ProviderError):
    """Stripe has no such object."""


class Refused(ProviderError):
    """Stripe understood the request and refused it."""


@cache
def transport() -> stripe.HTTPClient:
    """Return the HTTP client, which keeps its connections open. Tests replace it."""
    return stripe.RequestsClient(timeout=TIMEOUT)


def api() -> Any:
    """Return Stripe's API, in the version that the library is made for."""
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE, transport()).v1


@lru_cache(maxsize=2)
def _client(key: str, base: str, http: stripe.HTTPClient) -> stripe.StripeClient:
    addresses: Any = {"api": base} if base else {}
    return stripe.StripeClient(key, http_client=http, max_network_retries=RETRIES, base_addresses=addresses)


def is_live() -> bool:
    """Whether the key moves real money."""
    return "_live_" in settings.STRIPE_SECRET_KEY


def same_mode(obj: Any) -> Any:
    """Return `obj`. Raises ProviderError if it belongs to the other of Stripe's two modes, live and test."""
    if obj.livemode != is_live():
        mode, other = ("live", "test") if is_live() else ("test", "live")
        raise ProviderError(f"{obj.id} belongs to Stripe’s {other} mode, but the key to its {mode} mode.")
    return obj


@contextmanager
def errors() -> Iterator[None]:
    """Turn Stripe's errors into those of the provider interface."""
    try:
        yield
    except stripe.CardError as error:
        raise Declined(error.user_message or str(error)) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise KeyRefused(str(error)) from error
    except (stripe.APIConnectionError, stripe.RateLimitError) as error:
        raise Unavailable(str(error)) from error
    except stripe.InvalidRequestError as error:
        raise (Missing if error.code == MISSING else Refused)(str(error)) from error
    except stripe.APIError as error:
        raise Unavailable(str(error)) from error
    except stripe.StripeError as error:
        raise ProviderError(str(error)) from error
