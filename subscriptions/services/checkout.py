"""Checkout: turn the cart into an order and start the payment at the provider."""

from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import Cart, CartLine, Order, OrderLine, Subscription, User
from subscriptions.providers import Provider, offered_providers, provider_named
from subscriptions.services import lifecycle
from subscriptions.services.cart import open_lines


class CannotOrder(Exception):
    """The order can't be placed; the text is for the reader.

    `code` is one of unverified, subscribed, empty, changed, provider, waiting.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def consent_text(line: CartLine) -> str:
    """Return the terms that the order button accepts; stored verbatim on the order."""
    return _(
        "By choosing “Order and pay”, I order the plan “%(plan)s” for %(amount)s. The subscription starts when the "
        "payment is received and lasts for the period paid for. It does not renew automatically, and I won’t be "
        "charged again."
    ) % {"plan": line.price.description, "amount": line.quoted}


def confirmation_token(line: CartLine) -> str:
    """Return a token for the price shown, so that a change in another tab is detected."""
    return f"{line.price_id}:{line.quoted_minor}:{line.price.currency}"


def awaited_order(user: User) -> Order | None:
    """Return the open order of `user` for which payment details were sent, so that money may be on its way."""
    return Order.objects.filter(user=user, status=Order.Status.OPEN, cart__status=Cart.Status.DONE).first()


def place_and_start(*, user: User, provider: str, confirmed: str, now: datetime, replace: str = "") -> Order:
    """Place the order for the cart and start its payment. A double click or second tab gets the same order.

    `replace` is the number of the order, awaiting a transfer, that the reader wants to replace.
    Not atomic: the provider is called between two transactions. Raises CannotOrder, or ProviderError if
    the provider doesn't respond; order and cart are kept, and calling again resumes.
    """
    lifecycle.end_due(now, user=user)
    code = _chosen_provider(provider).code
    order, replaced = place_order(user=user, provider=code, confirmed=confirmed, now=now, replace=replace)
    if replaced is not None and replaced.checkout_ref:
        provider_named(replaced.provider).close_checkout(replaced.checkout_ref)
    return start_payment(order=order)


@transaction.atomic
def place_order(
    *, user: User, provider: str, confirmed: str, now: datetime, replace: str = ""
) -> tuple[Order, Order | None]:
    """Return the reader's single open order for the content of their cart, and the order it replaced.

    An order for which payment details were sent is replaced only if `replace` is its number. The amount and the
    accepted terms are stored on the order. Raises CannotOrder.
    """
    # Lock before checking anything, so that two tabs and a payment in progress are serialised.
    open_order = Order.objects.select_for_update().filter(user=user, status=Order.Status.OPEN).first()
    awaited = awaited_order(user)
    if awaited is not None and not open_lines(token="", user=user).exists():
        return awaited, None  # The button was pressed again after the order had emptied the cart.
    line = _line_to_order(user, confirmed)
    if open_order is not None and _matches(open_order, line, provider):
        if awaited is not None:
            _close(line.cart)
        return open_order, None
    if awaited is not None and replace != awaited.number:
        raise CannotOrder("waiting", _("Order %(number)s is waiting for your transfer.") % {"number": awaited.number})
    if open_order is not None:
        open_order.status = Order.Status.CANCELED
        open_order.save(update_fields=["status"])
        if awaited is not None:
            emails.replaced(awaited)
    order, created = Order.objects.get_or_create(
        user=user,
        status=Order.Status.OPEN,
        defaults={
            "cart": line.cart,
            "placed_at": now,
            "total_minor": line.quoted_minor,
            "currency": line.price.currency,
            "consent_text": consent_text(line),
            "consented_at": now,
            "provider": provider,
        },
    )
    if created:
        order.number = f"{now.year}-{order.pk:05d}"
        order.save(update_fields=["number"])
        OrderLine.objects.create(
            order=order,
            price=line.price,
            description=line.price.description,
            total_minor=line.quoted_minor,
            currency=line.price.currency,
        )
    return order, open_order


def start_payment(*, order: Order) -> Order:
    """Start the payment at the provider, once, and store its URL on the order. Not atomic.

    An order that is paid later by transfer empties the cart.
    """
    if order.checkout_ref or not order.is_open:
        return order
    checkout = provider_named(order.provider).start_checkout(order, key=f"{order.uuid}:{order.attempt}")
    with transaction.atomic():
        unstarted = Order.objects.filter(pk=order.pk, checkout_ref="")
        updated = unstarted.update(checkout_ref=checkout.ref, checkout_url=checkout.url)
        order.refresh_from_db()
        if updated and checkout.due_at:
            if order.cart is not None:
                _close(order.cart)
            emails.transfer(order, checkout.due_at)
    return order


def withdraw_open_order(user: User) -> Order | None:
    """Cancel the open order of `user` and close its checkout after the commit. Returns it, None if there is none."""
    order = Order.objects.select_for_update().filter(user=user, status=Order.Status.OPEN).first()
    if order is not None:
        order.status = Order.Status.CANCELED
        order.save(update_fields=["status"])
        if order.checkout_ref:
            close = partial(provider_named(order.provider).close_checkout, order.checkout_ref)
            transaction.on_commit(close, robust=True)
    return order


def _close(cart: Cart) -> None:
    cart.status = Cart.Status.DONE
    cart.save(update_fields=["status", "updated_at"])


def _chosen_provider(code: str) -> Provider:
    providers = offered_providers()
    if not providers:
        raise CannotOrder("provider", _("Payments aren’t available yet. We’ll keep your cart."))
    if not code:
        return providers[0]
    for provider in providers:
        if provider.code == code:
            return provider
    raise CannotOrder("provider", _("This payment method isn’t available. Choose another one."))


def _line_to_order(user: User, confirmed: str) -> CartLine:
    if user.verified_at is None:
        raise CannotOrder("unverified", _("Confirm your email address first. We’ll keep your cart."))
    if Subscription.objects.live().filter(user=user).exists():
        raise CannotOrder("subscribed", _("You already have a subscription. You can order again when it has ended."))
    line = open_lines(token="", user=user).first()
    if line is None:
        raise CannotOrder("empty", _("Your cart is empty. Choose a plan first."))
    if not line.can_be_ordered or (confirmed and confirmed != confirmation_token(line)):
        raise CannotOrder(
            "changed", _("Your cart has changed since you opened this page. Please review it before you order.")
        )
    return line


def _matches(order: Order, line: CartLine, provider: str) -> bool:
    ordered = order.lines.get()
    return (order.provider, ordered.price_id, order.total_minor, order.currency) == (
        provider,
        line.price_id,
        line.quoted_minor,
        line.price.currency,
    )
