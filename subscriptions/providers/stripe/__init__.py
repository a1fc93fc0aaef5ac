"""Card payments through Stripe. Needs the extra `stripe`."""

from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured

if find_spec("stripe") is None:
    raise ImproperlyConfigured("Stripe is configured, but its library is not installed. Install the extra `stripe`.")

from subscriptions.providers.stripe.provider import Stripe

__all__ = ["Stripe"]
