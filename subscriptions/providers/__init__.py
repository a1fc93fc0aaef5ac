"""The providers that `settings.PAYMENT_PROVIDERS` names, by their code."""

from django.conf import settings
from django.utils.module_loading import import_string

from subscriptions.providers.base import Provider, ProviderError

__all__ = ["Provider", "ProviderError", "all_providers", "offered_providers", "provider_named"]


def all_providers() -> list[Provider]:
    return [import_string(path)() for path in settings.PAYMENT_PROVIDERS]


def offered_providers() -> list[Provider]:
    """Those that a reader may choose, the usual one first."""
    return [provider for provider in all_providers() if provider.offered()]


def provider_named(code: str) -> Provider:
    """Raises ProviderError for one that is not, or no longer, installed."""
    for provider in all_providers():
        if provider.code == code:
            return provider
    raise ProviderError(f"No payment provider is called {code!r}. Add it to PAYMENT_PROVIDERS.")
