"""Give orders and payments the buyer's details and the tax of the day."""

from django.utils import timezone

from subscriptions.models import BillingDetails, BillingProfile, Order, Payment, User
from subscriptions.providers import provider_named
from subscriptions.tax import Buyer, Kind, Tax, is_computed_here, tax_on


def profile_of(user: User | None) -> BillingProfile | None:
    """Return the reader's details for orders to come, None if they never gave any."""
    return BillingProfile.objects.filter(user=user).first() if user is not None else None


def buyer_of(user: User | None) -> Buyer:
    """Return what of `user` decides about tax on prices that they are shown."""
    profile = profile_of(user) if is_computed_here() else None
    return profile.buyer if profile is not None else Buyer()


def tax_order(order: Order, profile: BillingDetails | None) -> Order:
    """Give an unsaved or open order the details of `profile` and the tax in its total. Does not save it."""
    order.copy_billing(profile)
    tax = tax_on(order.total, buyer=order.buyer, on=timezone.localdate(order.placed_at))
    if tax.kind == Kind.PROVIDER and not provider_named(order.provider).renews:
        tax = Tax(tax.gross, country=tax.country)  # No provider computes the tax on a bank transfer.
    order.country = tax.country
    order.set_tax(tax)
    return order


def tax_payment(payment: Payment, order: Order, *, reported: int, country: str = "") -> None:
    """Give a payment that succeeded its buyer's details and tax, unsaved.

    `reported` is the provider's figure, or 0, and `country` that of the buyer if the provider has asked for it.

    The first payment of `order` has its details; renewals have those that the reader has entered since.
    """
    profile = None if payment.order_id == order.pk else profile_of(payment.user)
    payment.copy_billing(profile or order)
    payment.country = country or payment.country
    set_payment_tax(payment, reported=reported)


def set_payment_tax(payment: Payment, *, reported: int = 0) -> None:
    """Set the tax in a payment for its buyer and the day on which it was paid, unsaved.

    The provider's figure wins. Under its automatic tax, a payment without one contains no tax that we know of.
    """
    day = timezone.localdate(payment.paid_at or payment.recorded_at)
    tax = tax_on(payment.money, buyer=payment.buyer, on=day)
    if reported:
        tax = Tax(payment.money, reported, kind=Kind.PROVIDER, country=tax.country)
    elif tax.kind == Kind.PROVIDER:
        tax = Tax(payment.money, country=tax.country)
    payment.country = tax.country
    payment.set_tax(tax)
