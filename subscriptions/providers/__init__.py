"""Payment providers: those listed in `settings.PAYMENT_PROVIDERS`, then those of plug-ins."""

from django.conf import settings
from django.utils.module_loading import import_string

from subscriptions.providers.base import Provider, ProviderError
from subscriptions.providers.guarded import providers_of_plugins

__all__ = ["Provider", "ProviderError", "all_providers", "offered_providers", "provider_label", "provider_named"]


def all_providers() -> list[Provider]:
    return [*(import_string(path)() for path in settings.PAYMENT_PROVIDERS), *providers_of_plugins()]


def offered_providers() -> list[Provider]:
    """Return the providers that a reader can choose, default first."""
    return [provider for provider in all_providers() if provider.offered()]


def provider_named(code: str) -> Provider:
    """Return the provider with this code. Raises ProviderError if it isn't installed."""
    for provider in all_providers():
        if provider.code == code:
            return provider
    raise ProviderError(f"The payment provider {code!r} is not set up on this site. See docs/payments.md.")


def provider_label(code: str) -> str:
    """Return what readers call the provider; its code if it isn't installed."""
    return next((str(provider.label) for provider in all_providers() if provider.code == code), code)
