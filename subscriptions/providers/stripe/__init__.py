"""Card payments through Stripe. Needs the extra `stripe`."""

from django.core.exceptions import ImproperlyConfigured

try:
    import stripe as _sdk  # noqa: F401
except ImportError as error:
    raise ImproperlyConfigured(
        "Stripe is configured, but its library is not installed. Install the extra `stripe`."
    ) from error

from subscriptions.providers.stripe.provider import Stripe

__all__ = ["Stripe"]
