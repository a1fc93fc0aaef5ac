"""System checks for payment providers, currency and tiers."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import DatabaseError, connection

from subscriptions.models import Tier, TierLevel
from subscriptions.money import EXPONENTS
from subscriptions.providers import all_providers, offered_providers
from truthlytics.publication import get_publication


@register()
def providers(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Run each provider's own check and require unique codes."""
    try:
        installed = all_providers()
    except ImportError as error:
        return [Error(f"PAYMENT_PROVIDERS: {error}.", hint="List classes by dotted path.", id="subscriptions.E002")]
    codes = [provider.code for provider in installed]
    found = [message for provider in installed for message in provider.check()]
    if len(set(codes)) < len(codes):
        found.append(Error("Two payment providers have the same code.", id="subscriptions.E003"))
    return found


@register(Tags.security, deploy=True)
def payment_method(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Without a way to pay, no one can subscribe."""
    try:
        if offered_providers():
            return []
    except DatabaseError:  # before the first `migrate`
        return []
    hint = (
        "Enter a bank account in the newsroom (Settings, Payments), or set BANK_IBAN for bank transfers or "
        "STRIPE_SECRET_KEY for cards, if you sell subscriptions."
    )
    return [Warning("Readers have no way to pay.", hint=hint, id="subscriptions.W001")]


@register(Tags.security, deploy=True)
def provider_connections(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    """Ask each provider whether it accepts our key."""
    try:
        installed = all_providers()
        offered = [provider for provider in installed if provider.offered()]
    except (ImportError, DatabaseError):  # reported by `providers`, or before the first `migrate`
        return []
    return [message for provider in offered for message in provider.check_connection()]


@register()
def currency(app_configs: Sequence[AppConfig] | None, **kwargs: object) -> list[CheckMessage]:
    if settings.DEFAULT_CURRENCY in EXPONENTS:
        return []
    hint = f"Choose one of {', '.join(sorted(EXPONENTS))}."
    return [Error(f"DEFAULT_CURRENCY is {settings.DEFAULT_CURRENCY!r}.", hint=hint, id="subscriptions.E004")]


@register(Tags.database)
def tax(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Require one source of tax (runs with `migrate` and `check --database`): ours, or that of Stripe."""
    if not databases or not settings.STRIPE_AUTOMATIC_TAX:
        return []
    try:
        publication = get_publication()
    except DatabaseError:  # In a new database, `migrate` runs this check before the table exists.
        return []
    if publication.tax_rate is None and not publication.small_business:
        return []
    hint = "Remove STRIPE_AUTOMATIC_TAX, or the rate and the small-business scheme in Settings → Tax."
    return [
        Warning("Stripe computes the tax, so that of the settings is not used.", hint=hint, id="subscriptions.W002")
    ]


@register(Tags.database)
def tiers(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """Require known tier levels (runs with `migrate` and `check --database`)."""
    # In a new database, `migrate` runs this check before the table exists.
    if not databases or Tier._meta.db_table not in connection.introspection.table_names():
        return []
    odd = Tier.objects.exclude(level__in=TierLevel.values).values_list("name", "level")
    hint = f"Levels are {', '.join(str(level) for level in TierLevel.values)}."
    return [Error(f"The tier {name} has level {level}.", hint=hint, id="subscriptions.E005") for name, level in odd]
