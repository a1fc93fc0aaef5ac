"""Our plans, coupons and readers at Stripe. Each is created when it is first needed."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac

from subscriptions.models import Coupon, Plan, Price, ProviderCustomer, User
from subscriptions.money import Money
from subscriptions.providers.stripe.client import Missing, Refused, api, errors, same_mode
from subscriptions.providers.stripe.wire import to_wire

CODE = "stripe"
DAYS_IN_LONGEST_MONTH = 31


def product_for(plan: Plan) -> str:
    """Return the id of the plan's product, after giving it the plan's present name."""
    ref, shown = f"plan-{plan.slug}", {"name": plan.name, "active": True}
    try:
        with errors():
            api().products.update(ref, shown)
    except Missing:
        _create_once(api().products, {"id": ref, **shown})
    return ref


def _create_once(service: Any, data: dict[str, object]) -> None:
    """Create an object with our own id, unless another process has done so."""
    try:
        with errors():
            service.create(data)
    except Refused:
        with errors():
            service.retrieve(data["id"])


def price_data(price: Price, *, once: bool = False, minor: int | None = None) -> dict[str, object]:
    """Return the parameter that describes `price`, which contains tax, for one payment or for each period."""
    amount = price.money if minor is None else Money(minor, price.currency)
    data: dict[str, object] = {
        "product": product_for(price.plan),
        "currency": price.currency.lower(),
        "unit_amount": to_wire(amount),
        "tax_behavior": "inclusive",
    }
    if not once:
        data["recurring"] = {"interval": price.interval, "interval_count": price.count}
    return data


def coupon_for(coupon: Coupon, price: Price, *, first_charge_in_days: int = 0) -> str:
    """Return the id of the coupon at Stripe, which is named after what it gives, as ours may be edited.

    Stripe counts a number of periods in months from the start, so those before the first charge are added.
    """
    data: dict[str, object] = {"duration": str(coupon.duration), "name": coupon.code}
    if coupon.percent is not None:
        data["percent_off"], off = coupon.percent, f"{coupon.percent}pct"
    else:
        amount = Money(coupon.minor or 0, coupon.currency)
        data |= {"amount_off": to_wire(amount), "currency": coupon.currency.lower()}
        off = f"{coupon.minor}{coupon.currency}"
    parts = [coupon.code, off, str(coupon.duration)]
    if coupon.duration == Coupon.Duration.REPEATING:
        months = coupon.periods * price.months + first_charge_in_days // DAYS_IN_LONGEST_MONTH
        data["duration_in_months"] = months
        parts.append(str(months))
    ref = "-".join(parts)
    try:
        with errors():
            api().coupons.retrieve(ref)
    except Missing:
        _create_once(api().coupons, {"id": ref, **data})
    return ref


def customer_for(user: User, *, instead_of: str = "") -> str:
    """Return the reader's customer id. Each reader has one, however many tabs ask.

    `instead_of` is an id that Stripe doesn't know, as after it was deleted there or the key was changed.
    """
    known = ProviderCustomer.objects.filter(provider=CODE, user=user)
    known.filter(ref=instead_of).delete()
    if (ref := known.values_list("ref", flat=True).first()) is not None:
        return ref
    # The same key from two tabs gives the same customer.
    key = salted_hmac("subscriptions.providers.stripe", f"{user.pk}:{user.email}:{instead_of}").hexdigest()
    with errors():
        created = api().customers.create(
            {"email": user.email, "name": user.display_name}, {"idempotency_key": f"customer:{key}"}
        )
    ref = str(same_mode(created).id)
    try:
        with transaction.atomic():
            ProviderCustomer.objects.create(provider=CODE, user=user, ref=ref)
    except IntegrityError:
        return known.get().ref
    return ref
