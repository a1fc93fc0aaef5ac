"""Order a gift subscription: a fixed term for someone else, paid once."""

from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from subscriptions.models import Gift, Order, OrderLine, Price, User
from subscriptions.models.orders import OrderQuerySet
from subscriptions.providers import ProviderError, offered_providers
from subscriptions.services.agreements import Agreement, current_agreement
from subscriptions.services.checkout import CannotOrder, require_consent, start_payment
from subscriptions.services.stale_orders import cancel_order, close_checkout
from subscriptions.services.sync import sync_order
from subscriptions.services.taxation import profile_of, tax_order

# How long after its delivery a gift can be redeemed.
REDEEM_WITHIN = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class GiftDetails:
    """What the giver enters. `recipient_email` is empty if they hand over the link themselves."""

    price: Price
    deliver_at: datetime
    giver_name: str = ""
    recipient_name: str = ""
    recipient_email: str = ""
    message: str = ""

    @property
    def fields(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def consent_text(price: Price) -> str:
    """Return the terms that the order button accepts; stored verbatim on the order."""
    return _(
        "By choosing “Order and pay”, I order the plan “%(plan)s” as a gift for %(amount)s. It lasts for %(length)s "
        "from the day it is redeemed and doesn’t renew."
    ) % {"plan": price.plan.name, "amount": price.money, "length": price.length}


def place_and_start(
    *, user: User, details: GiftDetails, provider: str, now: datetime, agrees_to_start: bool = False
) -> Order:
    """Place the order of a gift and start its payment. A double click gets the same order.

    Not atomic: the provider is called outside transactions. Raises CannotOrder, or ProviderError if the provider
    doesn't respond; the order is kept, and calling again resumes.
    """
    if user.verified_at is None:
        raise CannotOrder("unverified", _("Confirm your email address first."))
    if provider not in [offered.code for offered in offered_providers()]:
        raise CannotOrder("provider", _("This payment method isn’t available. Choose another one."))
    if not details.price.on_sale:
        raise CannotOrder("gone", _("This price is no longer offered. Please choose one of the plans on sale."))
    agreement = current_agreement()
    require_consent(agreement, agrees_to_start)
    _settle_open(user)
    order, replaced = _place(user, details, provider, now, agreement)
    if replaced is not None:
        close_checkout(replaced, now)
    return start_payment(order=order)


def _settle_open(user: User) -> None:
    """Ask about an open order of a gift before it is replaced, as its reader may have paid and closed the tab."""
    for order in _open_orders(user).exclude(checkout_ref=""):
        try:
            sync_order(order)
        except ProviderError:
            continue  # Should the money arrive later, it is refunded.


@transaction.atomic
def _place(
    user: User, details: GiftDetails, provider: str, now: datetime, agreement: Agreement
) -> tuple[Order, Order | None]:
    """Return the giver's single open order of a gift, and the order it replaced."""
    open_order = _open_orders(user).select_for_update(of=("self",)).first()
    if open_order is not None and open_order.provider == provider and _details(open_order) == details:
        return open_order, None
    if open_order is not None:
        cancel_order(open_order)
    price = details.price
    order, created = Order.objects.get_or_create(
        user=user,
        status=Order.Status.OPEN,
        kind=Order.Kind.GIFT,
        defaults={
            "placed_at": now,
            "subtotal_minor": price.minor,
            "total_minor": price.minor,
            "currency": price.currency,
            "consent_text": consent_text(price),
            "consented_at": now,
            "provider": provider,
            **agreement.fields(now),
        },
    )
    if created:
        order.number = f"{now.year}-{order.pk:05d}"
        tax_order(order, profile_of(user)).save()
        description = f"{price.plan.name}, {price.length}"
        OrderLine.objects.create(
            order=order, price=price, description=description, total_minor=price.minor, currency=price.currency
        )
        redeem_by = details.deliver_at + REDEEM_WITHIN
        Gift.objects.create(order=order, redeem_by=redeem_by, **details.fields)
    return order, open_order


def _open_orders(user: User) -> OrderQuerySet:
    return Order.objects.filter(user=user, status=Order.Status.OPEN, kind=Order.Kind.GIFT)


def _details(order: Order) -> GiftDetails:
    gift = order.gift
    return GiftDetails(
        price=gift.price,
        deliver_at=gift.deliver_at,
        giver_name=gift.giver_name,
        recipient_name=gift.recipient_name,
        recipient_email=gift.recipient_email,
        message=gift.message,
    )
