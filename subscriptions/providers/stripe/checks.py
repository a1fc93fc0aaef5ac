"""System checks of the Stripe settings."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from subscriptions.providers.base import KeyRefused, ProviderError
from subscriptions.providers.stripe.client import api, errors, is_live

KEYS = ("sk_live_", "rk_live_", "sk_test_", "rk_test_")


def problems() -> list[CheckMessage]:
    key, is_public = settings.STRIPE_SECRET_KEY, not (settings.DEBUG or settings.DEMO)
    found: list[CheckMessage] = []
    if not key.startswith(KEYS):
        hint = "Copy the secret key (sk_…) or a restricted key (rk_…) from Stripe’s dashboard."
        return [Error("STRIPE_SECRET_KEY is not a secret key of Stripe.", hint=hint, id="subscriptions.E010")]
    if is_live() and not is_public:
        hint = "Use a test key: readers would be charged."
        found.append(Error("A demo or development site uses a live key of Stripe.", hint=hint, id="subscriptions.E011"))
    if is_live() and settings.STRIPE_API_BASE:
        hint = "Remove STRIPE_API_BASE: the key would be sent to that server."
        found.append(Error("A live key of Stripe is used with another server.", hint=hint, id="subscriptions.E012"))
    if not is_live() and is_public:
        hint = "Cards are not charged. Set the live key when you open the shop."
        found.append(Warning("Stripe is in test mode.", hint=hint, id="subscriptions.W010"))
    if not settings.STRIPE_WEBHOOK_SECRET:
        hint = "Add the webhook address in Stripe’s dashboard and set STRIPE_WEBHOOK_SECRET. See docs/payments.md."
        found.append(Warning("Stripe can’t report payments: no webhook secret.", hint=hint, id="subscriptions.W011"))
    return found


def connection_problems() -> list[CheckMessage]:
    """Ask Stripe for a checkout, which needs a valid key with the permission that selling needs."""
    try:
        with errors():
            api().checkout.sessions.list({"limit": 1})
    except KeyRefused as error:
        hint = "Copy the key again from Stripe’s dashboard. A restricted key needs write access to Checkout Sessions."
        return [Error(f"Stripe does not accept STRIPE_SECRET_KEY: {error}", hint=hint, id="subscriptions.E013")]
    except ProviderError as error:
        hint = "Your key may be right. See status.stripe.com, and run the check again."
        return [Warning(f"Stripe does not respond: {error}", hint=hint, id="subscriptions.W012")]
    return []
