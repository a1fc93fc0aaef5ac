"""From the cart to an order, and from the order to the provider's page."""

from datetime import datetime

from django.db import transaction

from subscriptions import emails
from subscriptions.models import CartLine, Order, OrderLine, Subscription, User
from subscriptions.providers import Provider, offered_providers, provider_named
from subscriptions.services import lifecycle
from subscriptions.services.cart import open_lines


class CannotOrder(Exception):
    """`code` is one of unverified, subscribed, empty, changed, provider; the text says it to the reader."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def consent_text(line: CartLine) -> str:
    """What the reader agrees to with the button; kept on the order word for word."""
    return (
        f"With “Order and pay” I order {line.price.description}, for {line.quoted}. Reading begins as soon as it is "
        f"paid, for the time that one payment buys. Nothing renews by itself and nothing more is charged."
    )


def confirmation_of(line: CartLine) -> str:
    """Names what the reader had before their eyes, so that another tab's change is noticed."""
    return f"{line.price_id}:{line.quoted_minor}:{line.price.currency}"


def begin(*, user: User, provider: str, confirmed: str, now: datetime) -> Order:
    """The order of what is in the cart, begun at the provider. A double click or second tab gets the same one.

    Not a transaction: providers are called between two of them. Raises CannotOrder, and ProviderError when
    the provider does not answer; the order and the cart are kept then, and calling again goes on.
    """
    lifecycle.end_due(now, user=user)
    order, replaced = place_order(user=user, provider=_offered(provider).code, confirmed=confirmed, now=now)
    if replaced is not None and replaced.checkout_ref:
        provider_named(replaced.provider).close_checkout(replaced.checkout_ref)
    return start(order=order)


@transaction.atomic
def place_order(*, user: User, provider: str, confirmed: str, now: datetime) -> tuple[Order, Order | None]:
    """The reader's one open order with the content of their cart, and the other one that gave way to it.

    The amount and the words that the reader agreed to are frozen on it. Raises CannotOrder.
    """
    # Locked before anything is checked: two tabs come here one after the other, and after a payment under way.
    standing = Order.objects.select_for_update().filter(user=user, status=Order.Status.OPEN).first()
    line = _what_to_order(user, confirmed)
    if standing is not None and _same(standing, line, provider):
        return standing, None
    if standing is not None:
        standing.status = Order.Status.CANCELED
        standing.save(update_fields=["status"])
    order, made = Order.objects.get_or_create(
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
    if made:
        order.number = f"{now.year}-{order.pk:05d}"
        order.save(update_fields=["number"])
        OrderLine.objects.create(
            order=order,
            price=line.price,
            description=line.price.description,
            total_minor=line.quoted_minor,
            currency=line.price.currency,
        )
    return order, standing


def start(*, order: Order) -> Order:
    """Begin the payment at the provider, once; the order then knows where the reader pays. No transaction."""
    if order.checkout_ref or not order.is_open:
        return order
    begun = provider_named(order.provider).start_checkout(order, key=f"{order.uuid}:{order.attempt}")
    with transaction.atomic():
        unbegun = Order.objects.filter(pk=order.pk, checkout_ref="")
        first = unbegun.update(checkout_ref=begun.ref, checkout_url=begun.url)
        order.refresh_from_db()
        if first and begun.due_at:
            emails.transfer(order, begun.due_at)
    return order


def _offered(code: str) -> Provider:
    providers = offered_providers()
    if not providers:
        raise CannotOrder("provider", "Nothing can be paid here yet. Your cart is kept.")
    if not code:
        return providers[0]
    for provider in providers:
        if provider.code == code:
            return provider
    raise CannotOrder("provider", "This way to pay is not offered. Choose another one.")


def _what_to_order(user: User, confirmed: str) -> CartLine:
    if user.verified_at is None:
        raise CannotOrder("unverified", "Confirm your e-mail address first. Your cart is kept.")
    if Subscription.objects.live().filter(user=user).exists():
        raise CannotOrder("subscribed", "You have a subscription. When it has ended you can order again.")
    line = open_lines(token="", user=user).first()
    if line is None:
        raise CannotOrder("empty", "Your cart is empty. Choose a plan first.")
    if not line.can_be_ordered or (confirmed and confirmed != confirmation_of(line)):
        raise CannotOrder("changed", "Something has changed since you chose. Please look again before you order.")
    return line


def _same(order: Order, line: CartLine, provider: str) -> bool:
    ordered = order.lines.get()
    return (order.provider, ordered.price_id, order.total_minor, order.currency) == (
        provider,
        line.price_id,
        line.quoted_minor,
        line.price.currency,
    )
