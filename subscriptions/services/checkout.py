"""Checkout: turn the cart into an order and start the payment at the provider."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import Cart, CartLine, Order, OrderLine, Subscription, User
from subscriptions.providers import Provider, ProviderError, offered_providers, provider_named
from subscriptions.services import coupons, lifecycle, provider_requests, trials
from subscriptions.services.agreements import Agreement, current_agreement
from subscriptions.services.cart import open_lines
from subscriptions.services.checkout_failures import mark_solved, record_failure
from subscriptions.services.coupons import CouponRefused
from subscriptions.services.stale_orders import cancel_order, close_checkout
from subscriptions.services.sync import mark_paid, sync_order
from subscriptions.services.taxation import profile_of, tax_order
from subscriptions.services.terms import Terms, confirmation_token, terms_for


class CannotOrder(Exception):
    """The order can't be placed; the text is for the reader.

    `code` is one of unverified, pending, renews, subscribed, empty, changed, consent, coupon, provider, waiting, gone.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def awaited_order(user: User) -> Order | None:
    """Return the open order of `user` for which payment details were sent, so that money may be on its way."""
    orders = Order.objects.for_subscription().filter(user=user, status=Order.Status.OPEN)
    return orders.filter(cart__status=Cart.Status.DONE).first()


def live_subscription(user: User) -> Subscription | None:
    """Return the subscription that an order of `user` would extend or change, None if they have none.

    One that does not renew is over at the end of its paid period, even if `tick` has not ended it yet.
    """
    is_over = Q(provider_ref="", period_end__lte=timezone.now())
    live = Subscription.objects.live().exclude(is_over)
    return live.filter(user=user).select_related("price__plan", "next_price__plan").first()


def refusal_for(live: Subscription | None) -> CannotOrder | None:
    """Return why a reader with this subscription can't order; None if they can.

    Without a subscription they start one. One that they pay themselves, or were given, is extended. One that its
    provider renews changes its plan instead.
    """
    if live is None or (not live.has_contract and live.status != Subscription.Status.PENDING):
        return None
    if live.status == Subscription.Status.PENDING:
        return CannotOrder("pending", _("We’re still confirming your last payment. You don’t need to order again."))
    if live.renews:
        return CannotOrder(
            "renews", _("Your subscription renews automatically. You can change the plan in your account.")
        )
    return CannotOrder(
        "subscribed", _("Your subscription is cancelled. Resume it in your account, or order again when it has ended.")
    )


def place_and_start(
    *, user: User, provider: str, confirmed: str, now: datetime, replace: str = "", agrees_to_start: bool = False
) -> Order:
    """Place the order for the cart and start its payment. A double click or second tab gets the same order.

    `replace` is the number of the order, awaiting a transfer, that the reader wants to replace. `agrees_to_start` is
    whether they ticked that it begins at once.
    Not atomic: the provider is called between two transactions. Raises CannotOrder, or ProviderError if
    the provider doesn't respond; order and cart are kept, and calling again resumes.
    """
    lifecycle.end_due(now, user=user)
    if provider_requests.is_still_charging(user, now):
        raise CannotOrder("pending", _("We’re still ending your last subscription. Please try again in an hour."))
    chosen = _chosen_provider(provider)
    if (paid := _paid_meanwhile(user)) is not None:
        return paid
    order, replaced = place_order(
        user=user, provider=chosen.code, confirmed=confirmed, now=now, replace=replace, agrees_to_start=agrees_to_start
    )
    if replaced is not None:
        close_checkout(replaced, now)
    return start_payment(order=order)


def _paid_meanwhile(user: User) -> Order | None:
    """Ask about an open order before another is placed, as its reader may have paid and closed the tab."""
    started = Order.objects.for_subscription().filter(user=user, status=Order.Status.OPEN).exclude(checkout_ref="")
    order = started.first()
    if order is None:
        return None
    try:
        order = sync_order(order)
    except ProviderError:
        return None  # They may pay in another way. Should the money arrive, it is refunded.
    return order if order.is_paid else None


@transaction.atomic
def place_order(
    *, user: User, provider: str, confirmed: str, now: datetime, replace: str = "", agrees_to_start: bool = False
) -> tuple[Order, Order | None]:
    """Return the reader's single open order for the content of their cart, and the order it replaced.

    An order for which payment details were sent is replaced only if `replace` is its number. The amounts and the
    accepted terms are stored on the order, and a use of its coupon is reserved. Raises CannotOrder.
    """
    # Lock before checking anything, so that two tabs and a payment in progress are serialised.
    own = Order.objects.for_subscription().filter(user=user)
    open_order = own.select_for_update(of=("self",)).filter(status=Order.Status.OPEN).first()
    awaited = awaited_order(user)
    if awaited is not None and not open_lines(token="", user=user).exists():
        return awaited, None  # The button was pressed again after the order had emptied the cart.
    agreement = current_agreement()
    try:
        line, terms = _line_to_order(user, provider, confirmed, now, agreement)
        require_consent(agreement, agrees_to_start)
    except CannotOrder as error:
        # The first of two clicks may have emptied the cart in between.
        if error.code != "empty" or (awaited := awaited_order(user)) is None:
            raise
        return awaited, None
    if open_order is not None and _matches(open_order, terms):
        return _order_again(open_order, line.cart, agreement, now), None
    if awaited is not None and replace != awaited.number:
        raise CannotOrder("waiting", _("Order %(number)s is waiting for your transfer.") % {"number": awaited.number})
    if open_order is not None:
        cancel_order(open_order)
        if awaited is not None:
            emails.replaced(awaited)
    order, created = own.get_or_create(
        user=user, status=Order.Status.OPEN, defaults=_order_fields(line.cart, terms, now) | agreement.fields(now)
    )
    if created:
        _complete(order, line, now)
    return order, open_order


def _order_again(order: Order, cart: Cart, agreement: Agreement, now: datetime) -> Order:
    """Bring an open order for the same thing up to date, and return it.

    If its payment details were sent, the cart is emptied again, and a reader who has agreed to other texts this time
    gets the email again, with these texts.
    """
    tax_order(order, profile_of(order.user)).save()
    is_awaited = order.cart is not None and order.cart.status == Cart.Status.DONE
    has_changed = not agreement.is_that_of(order)
    if has_changed or not is_awaited:
        Order.objects.filter(pk=order.pk).update(**agreement.fields(now))
    if is_awaited:
        _close(cart)
        if has_changed:
            order.refresh_from_db()
            emails.transfer(order, agreement.token)
    return order


def _complete(order: Order, line: CartLine, now: datetime) -> None:
    """Give a new order its number, tax, line and a use of its coupon. Raises CannotOrder if that is refused."""
    order.number = f"{now.year}-{order.pk:05d}"
    tax_order(order, profile_of(order.user)).save()
    OrderLine.objects.create(
        order=order,
        price=line.price,
        description=line.price.description,
        total_minor=line.price.minor,
        currency=line.price.currency,
    )
    try:
        coupons.reserve(order)
    except CouponRefused as refusal:
        raise CannotOrder("coupon", str(refusal)) from None


def _order_fields(cart: Cart, terms: Terms, now: datetime) -> dict[str, object]:
    return {
        "cart": cart,
        "kind": terms.kind,
        "placed_at": now,
        "subtotal_minor": terms.price.minor,
        "discount_minor": terms.discount.minor,
        "total_minor": terms.total.minor,
        "currency": terms.price.currency,
        "coupon": terms.coupon,
        "trial_days": terms.trial_days,
        "renews": terms.renews,
        "came_from": cart.back_to,
        "campaign": cart.campaign,
        "consent_text": terms.consent,
        "consented_at": now,
        "provider": terms.provider.code,
    }


def start_payment(*, order: Order) -> Order:
    """Start the payment at the provider, once, and store its URL on the order. Not atomic.

    What a provider says that refuses it, because of a wrong key or a setting, is for staff: readers can't help it.
    An order that is paid later by transfer empties the cart and starts its free trial. One that costs nothing is paid.
    """
    if order.checkout_ref or not order.is_open:
        return order
    provider = provider_named(order.provider)
    key = f"{order.uuid}:{order.attempt}"
    try:
        checkout = provider.start_checkout(order, key=key, starts_at=_first_charge_at(order))
    except ProviderError as error:
        record_failure(order, error)
        raise
    mark_solved(order.provider)
    with transaction.atomic():
        unstarted = Order.objects.filter(pk=order.pk, status=Order.Status.OPEN, checkout_ref="")
        updated = unstarted.update(checkout_ref=checkout.ref, checkout_url=checkout.url)
        order.refresh_from_db()
        if updated and checkout.due_at:
            if order.cart is not None:
                _close(order.cart)
            trials.start(order, order.placed_at)
            if order.total_minor:
                emails.transfer(order)
    if updated and checkout.due_at and not order.total_minor:
        mark_paid(order=order, by="coupon")
        order.refresh_from_db()
    return order


def start_again(*, order: Order, now: datetime) -> Order:
    """Start the payment of an open order again after its checkout has expired. Not atomic.

    Raises CannotOrder if its price is no longer sold, or ProviderError.
    """
    if not order.is_open or order.checkout_ref:
        return order
    if not all(line.price.on_sale for line in order.lines.select_related("price__plan")):
        cancel_order(order)
        raise CannotOrder("gone", _("This price is no longer offered. Please choose one of the plans on sale."))
    return start_payment(order=order)


def withdraw_open_order(user: User) -> Order | None:
    """Cancel the open orders of `user` and close their checkouts after the commit. Returns one of them, or None."""
    orders = list(Order.objects.select_for_update(of=("self",)).filter(user=user, status=Order.Status.OPEN))
    for order in orders:
        cancel_order(order)
        transaction.on_commit(partial(close_checkout, order, timezone.now()), robust=True)
    return orders[0] if orders else None


def _close(cart: Cart) -> None:
    cart.status = Cart.Status.DONE
    cart.save(update_fields=["status", "updated_at"])


def _first_charge_at(order: Order) -> datetime | None:
    """Return when the reader's present period ends, for an order that a provider renews from then on."""
    if order.kind != Order.Kind.EXTENSION or not order.renews:
        return None
    live = live_subscription(order.user)
    return live.period_end if live is not None else None


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


def require_consent(agreement: Agreement, agrees: bool) -> None:
    """Raise CannotOrder if the reader was asked for an immediate start and did not tick it."""
    if agreement.start_text and not agrees:
        raise CannotOrder(
            "consent", _("Tick the box to start straight away, so that you don’t have to wait for 14 days.")
        )


def _line_to_order(
    user: User, provider: str, confirmed: str, now: datetime, agreement: Agreement
) -> tuple[CartLine, Terms]:
    if user.verified_at is None:
        raise CannotOrder("unverified", _("Confirm your email address first. We’ll keep your cart."))
    live = live_subscription(user)
    if (reason := refusal_for(live)) is not None:
        raise reason
    line = open_lines(token="", user=user).first()
    if line is None:
        raise CannotOrder("empty", _("Your cart is empty. Choose a plan first."))
    coupon, refused = None, ""
    try:
        coupon = coupons.in_cart(line, user=user, now=now)
    except CouponRefused as refusal:
        refused = str(refusal)
    offered = terms_for(line, offered_providers(), user=user, live=live, coupon=coupon)
    is_confirmed = confirmed == confirmation_token(line, offered, agreement)
    if refused and not is_confirmed:  # The cart page was shown while the coupon could be used.
        raise CannotOrder("coupon", refused)
    if not line.can_be_ordered or (confirmed and not is_confirmed):
        raise CannotOrder(
            "changed", _("Your cart has changed since you opened this page. Please review it before you order.")
        )
    return line, _terms_with(provider, offered)


def _terms_with(provider: str, offered: Sequence[Terms]) -> Terms:
    return next(terms for terms in offered if terms.provider.code == provider)


def _matches(order: Order, terms: Terms) -> bool:
    """Whether `order` is for the same thing. A free trial by transfer has begun, so that it is no longer offered."""
    same = (order.provider, order.lines.get().price_id, order.currency, order.discount_minor, order.coupon_id) == (
        terms.provider.code,
        terms.price.pk,
        terms.price.currency,
        terms.discount.minor,
        terms.coupon.pk if terms.coupon else None,
    )
    has_begun = order.trial_days > 0 and not order.renews and bool(order.checkout_ref)
    same_start = (order.kind, order.trial_days) == (terms.kind, terms.trial_days)
    return same and order.subtotal_minor == terms.price.minor and (has_begun or same_start)
