"""Change the plan or period of a subscription that its provider renews."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_urlsafe

from django.core import signing
from django.utils.translation import gettext as _

from subscriptions.models import Price, Subscription
from subscriptions.providers import Provider, ProviderError, provider_named
from subscriptions.providers.base import ChangePreview, Declined, Unavailable
from subscriptions.services.sync import sync_subscription

# How long a page with prices can be used: the amount due at once depends on the time.
LIFETIME = timedelta(hours=1)
SALT = "subscriptions.plan_change"


class CannotChange(Exception):
    """The plan can't be changed; the text is for the reader."""


@dataclass(frozen=True, slots=True)
class Option:
    """A way to change to `price`. `at_once` is what the provider charges for changing now, None if it isn't offered."""

    price: Price
    at_once: ChangePreview | None
    token: str


def refusal(subscription: Subscription, now: datetime) -> str:
    """Return why the plan can't be changed, "" if it can."""
    if not subscription.has_contract or not subscription.is_live:
        return _("Your subscription doesn’t renew. You can extend it with any plan.")
    if subscription.cancel_at is not None:
        return _("Your subscription is cancelled. Resume it before you change the plan.")
    if subscription.is_past_due:
        return _("The last renewal hasn’t been paid. Change the card before you change the plan.")
    if subscription.period_end <= now:
        return _("Your subscription is being renewed. Please try again in an hour.")
    return ""


def choices(subscription: Subscription) -> Sequence[Price]:
    """Return the prices on sale that the subscriber can change to."""
    on_sale = Price.objects.current().filter(currency=subscription.price.currency)
    return list(on_sale.exclude(pk=subscription.upcoming_price.pk))


def option(subscription: Subscription, price: Price, *, ask: bool = True) -> Option:
    """Return what changing to `price` costs, as the provider says. Not atomic.

    Changing at once is offered only if the reader gets something for it now. Without an answer from the provider, or
    without asking it, only the next renewal is offered.
    """
    preview = None
    if ask and not subscription.is_trial and price.pk != subscription.price_id:
        try:
            preview = provider_named(subscription.provider).preview_change(subscription, price)
        except ProviderError:
            preview = None
    worth_it = preview is not None and preview.due_now.minor > 0
    return Option(price, preview if worth_it else None, token_for(subscription))


def token_for(subscription: Subscription) -> str:
    """Return a token for what the page shows of the subscription. It is also the key of the request."""
    return signing.dumps([token_urlsafe(8), *_shown(subscription)], salt=SALT)


def change(*, subscription: Subscription, price: Price, at_renewal: bool, token: str, now: datetime) -> None:
    """Change to `price` at the next renewal, or at once and charge the difference. Not atomic.

    The provider changes the plan, then our record follows. Sending the same form twice changes it once. Raises
    CannotChange if the subscription or the price has changed since the page with `token` was opened, or if the provider
    refuses.
    """
    if _is_done(subscription, price, at_renewal):
        return
    if text := refusal(subscription, now):
        raise CannotChange(text)
    key = _checked(token, subscription)
    if not price.on_sale and price.pk != subscription.price_id:
        raise CannotChange(_("This price is no longer available. Nothing was changed."))
    provider = provider_named(subscription.provider)
    try:
        # What costs less waits for the next period: the present one is paid, and can be read to its end.
        if not at_renewal and provider.preview_change(subscription, price).due_now.minor <= 0:
            raise CannotChange(_("You can change to this plan at the next renewal. Nothing was changed."))
        provider.change_price(subscription, price, at_renewal=at_renewal, key=f"change:{subscription.uuid}:{key}")
    except ProviderError as error:
        raise CannotChange(_reason(error)) from error
    _follow(provider, subscription)


def _is_done(subscription: Subscription, price: Price, at_renewal: bool) -> bool:
    same = price.pk == subscription.upcoming_price.pk
    return same and subscription.is_live and (at_renewal or subscription.next_price_id is None)


def _checked(token: str, subscription: Subscription) -> str:
    """Return the key in the token. Raises CannotChange if it is too old or the subscription has changed."""
    try:
        key, *shown = signing.loads(token, salt=SALT, max_age=LIFETIME)
    except signing.BadSignature:
        raise CannotChange(_("This page was open for too long. Please check the amounts and confirm again.")) from None
    if shown != _shown(subscription):
        raise CannotChange(
            _("Your subscription has changed since you opened the page. Please check the amounts and confirm again.")
        )
    return str(key)


def _shown(subscription: Subscription) -> list[object]:
    return [subscription.pk, subscription.price_id, subscription.next_price_id, subscription.period_end.isoformat()]


def _reason(error: ProviderError) -> str:
    if isinstance(error, Declined):
        return _("Your card was declined. Nothing was changed.")
    if isinstance(error, Unavailable):
        return _("The payment service isn’t responding. Reload this page in a few minutes.")
    return _("The payment service refused the change. Nothing was changed.")


def _follow(provider: Provider, subscription: Subscription) -> None:
    """Record the change. If the provider doesn't respond now, the webhook or `tick` does it."""
    try:
        sync_subscription(provider.code, subscription.provider_ref)
    except ProviderError:
        return
