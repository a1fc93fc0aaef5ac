"""Contracts at Stripe that another system has made: what they are like, our mark on them, and new ones for saved cards.

Nothing here charges a card or changes what Stripe will charge for a contract that exists.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from subscriptions.models import Price
from subscriptions.money import EXPONENTS, Money
from subscriptions.providers.stripe import catalogue, reading
from subscriptions.providers.stripe.client import Missing, api, errors, same_mode
from subscriptions.providers.stripe.wire import from_timestamp, from_wire, optional_time, to_timestamp

PAGE = 100
# Marks a contract that was moved, with its name in the old system.
MARK = "moved"
# Stripe begins a new contract with a first charge at least so far away.
EARLIEST_CHARGE = timedelta(hours=48)
# Stripe accepts no longer wait for the first charge.
LONGEST_WAIT = timedelta(days=730)
EXPAND = ["default_payment_method", "latest_invoice", "discounts.source.coupon", "customer.tax_ids"]
EXPAND += ["customer.invoice_settings.default_payment_method"]


@dataclass(frozen=True, slots=True)
class Discount:
    """What a coupon takes off the next invoices: percent or minor units; neither is known of one we can't read."""

    percent: Decimal | None = None
    minor: int | None = None
    lasts_after_use: bool = True
    ends_at: datetime | None = None

    @property
    def is_known(self) -> bool:
        return self.percent is not None or self.minor is not None

    def holds_at(self, at: datetime) -> bool:
        return self.ends_at is None or at < self.ends_at

    def off(self, minor: int) -> int | None:
        """Return what it takes off this amount, None if that is not known."""
        if self.percent is not None:
            return min(minor, int((minor * self.percent / 100).quantize(Decimal(1), ROUND_HALF_UP)))
        return None if self.minor is None else min(minor, self.minor)


@dataclass(frozen=True, slots=True)
class Contract:
    """A subscription at Stripe, as it is. `amount` is None if Stripe computes it, or in a currency we don't know.

    `paid_until` is the end of the period that was paid last, at `paid_at`. `notes` are what will go on as it is. Stripe
    counts the periods from `anchor`. `balance` is added to the next invoices: what the customer has to their credit is
    below zero. After a failed payment, `open_amount` is tried again at `next_attempt`. `adds_tax`: to the price.
    """

    ref: str
    status: str
    customer: str
    email: str
    name: str
    price: str
    amount: Money | None
    currency: str
    interval: str
    count: int
    items: int
    quantity: int
    created: datetime
    paid_from: datetime
    paid_until: datetime
    paid_at: datetime
    period_end: datetime
    anchor: datetime
    cancel_at: datetime | None = None
    trial_days: int = 0
    schedule: str = ""
    is_invoiced_by_email: bool = False
    has_card: bool = True
    needs_address: bool = False
    fee: float = 0
    application: str = ""
    country: str = ""
    vat_id: str = ""
    is_paused: bool = False
    resumes_at: datetime | None = None
    discounts: tuple[Discount, ...] = ()
    balance: int = 0
    next_attempt: datetime | None = None
    open_amount: Money | None = None
    adds_tax: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """The key under which it was moved, "" if it was not."""
        return self.metadata.get(MARK, "")


def contracts() -> Iterator[Contract]:
    """Return all contracts at Stripe that have not ended, also those of other applications. A request for each 100.

    None without a key.
    """
    if not settings.STRIPE_SECRET_KEY:
        return
    asked = {"limit": PAGE, "expand": [f"data.{name}" for name in EXPAND]}
    with errors():
        for found in api().subscriptions.list(asked).auto_paging_iter():
            yield _read(found)


def contract(ref: str) -> Contract | None:
    """Return the contract `ref` as it is now, None if there is none."""
    try:
        with errors():
            return _read(same_mode(api().subscriptions.retrieve(ref, {"expand": EXPAND})))
    except Missing:
        return None


def contracts_of(customer: str) -> list[Contract]:
    """Return the contracts of a customer that have not ended."""
    asked = {"customer": customer, "limit": PAGE, "expand": [f"data.{name}" for name in EXPAND]}
    with errors():
        return [_read(found) for found in api().subscriptions.list(asked).auto_paging_iter()]


def _read(found: Any) -> Contract:
    items, customer = found["items"].data, found.customer
    item, price, recurring = items[0], items[0].price, items[0].price.recurring
    currency = str(price.currency).upper()
    paid_from, paid_until, paid_at = _paid_period(found, item)
    address = getattr(customer, "address", None)
    tax_ids = customer.tax_ids.data if getattr(customer, "tax_ids", None) else []
    return Contract(
        ref=found.id,
        status=found.status,
        customer=customer.id,
        email=getattr(customer, "email", None) or "",
        name=getattr(customer, "name", None) or "",
        price=price.id,
        amount=_amount(price, currency),
        currency=currency,
        interval=recurring.interval if recurring else "",
        count=recurring.interval_count if recurring else 0,
        items=len(items),
        quantity=item.quantity if item.quantity is not None else 1,
        created=from_timestamp(found.start_date),
        paid_from=paid_from,
        paid_until=paid_until,
        paid_at=paid_at,
        period_end=from_timestamp(item.current_period_end),
        anchor=from_timestamp(found.billing_cycle_anchor),
        cancel_at=reading.cancel_at(found, item),
        trial_days=_trial_days(found),
        schedule=reading.id_of(found.schedule),
        is_invoiced_by_email=found.collection_method == "send_invoice",
        has_card=bool(found.default_payment_method or _default_card(customer)),
        needs_address=bool(found.automatic_tax and found.automatic_tax.enabled and not address),
        fee=float(found.application_fee_percent or 0),
        application=reading.id_of(found.application),
        country=(getattr(address, "country", None) or "") if address else "",
        vat_id=next((tax_id.value for tax_id in tax_ids if tax_id.type == "eu_vat"), ""),
        **_charges(found, item, currency),
        metadata=reading.metadata(found),
        notes=tuple(_notes(found, customer, price)),
    )


def _amount(price: Any, currency: str) -> Money | None:
    if price.unit_amount is None or currency not in EXPONENTS:
        return None
    if price.recurring and price.recurring.usage_type == "metered":
        return None
    return from_wire(price.unit_amount, currency)


def _charges(found: Any, item: Any, currency: str) -> dict[str, Any]:
    """Return what decides when how much is charged, beside price and period."""
    latest, balance, paused = found.latest_invoice, found.customer.balance, found.pause_collection
    is_open = latest is not None and latest.status == "open" and currency in EXPONENTS
    return {
        "is_paused": bool(paused),
        "resumes_at": optional_time(paused.resumes_at) if paused else None,
        "discounts": tuple(_discounts(found, item, currency)),
        "balance": from_wire(balance, currency).minor if balance and currency in EXPONENTS else 0,
        "adds_tax": item.price.tax_behavior == "exclusive",
        "next_attempt": optional_time(latest.next_payment_attempt) if is_open else None,
        "open_amount": from_wire(latest.amount_remaining, currency) if is_open else None,
    }


def _discounts(found: Any, item: Any, currency: str) -> Iterator[Discount]:
    """Yield the discounts of a contract. Those of its item, or of its customer, are not read: one that is not known."""
    known = [one for one in found.discounts or () if not isinstance(one, str)]
    for one in known:
        source = getattr(one, "source", None)
        coupon = source.coupon if source else getattr(one, "coupon", None)
        if coupon is None or isinstance(coupon, str):
            yield Discount()
            continue
        percent, amount = coupon.percent_off, coupon.amount_off
        is_readable = currency in EXPONENTS and str(coupon.currency).upper() == currency
        yield Discount(
            Decimal(str(percent)) if percent is not None else None,
            from_wire(amount, currency).minor if amount is not None and is_readable else None,
            lasts_after_use=coupon.duration != "once",
            ends_at=optional_time(one.end),
        )
    unread = len(found.discounts or ()) - len(known) + len(getattr(item, "discounts", None) or ())
    if unread or (not known and getattr(found.customer, "discount", None)):
        yield Discount()


def _default_card(customer: Any) -> Any:
    settings = getattr(customer, "invoice_settings", None)
    return (settings and settings.default_payment_method) or getattr(customer, "default_source", None)


def _paid_period(found: Any, item: Any) -> tuple[datetime, datetime, datetime]:
    """Return start and end of the period that was paid last, and when it was paid."""
    start, end = item.current_period_start, item.current_period_end
    latest = found.latest_invoice
    if latest is None:  # It was made without an invoice, as by Stripe's own migration.
        return from_timestamp(start), from_timestamp(end), from_timestamp(found.created)
    if latest.status == "paid":
        return from_timestamp(start), from_timestamp(end), from_timestamp(latest.status_transitions.paid_at)
    with errors():
        paid = api().invoices.list({"subscription": found.id, "status": "paid", "limit": 1}).data
    if not paid:
        return from_timestamp(found.start_date), from_timestamp(found.start_date), from_timestamp(found.created)
    periods = [line.period for line in paid[0].lines.data if line.amount >= 0 and line.period.end > line.period.start]
    first = min((period.start for period in periods), default=found.start_date)
    last = max((period.end for period in periods), default=start)
    return from_timestamp(first), from_timestamp(last), from_timestamp(paid[0].status_transitions.paid_at)


def _trial_days(found: Any) -> int:
    if found.status != "trialing" or not found.trial_start:
        return 0
    return max(1, round(int(found.trial_end - found.trial_start) / 86_400))


def _notes(found: Any, customer: Any, price: Any) -> Iterator[str]:
    """Name what is unusual about a contract, and continues unchanged."""
    if found.discounts:
        yield _("discount %(names)s") % {"names": ", ".join(filter(None, map(_discount, found.discounts)))}
    if found.pause_collection:
        resumes = optional_time(found.pause_collection.resumes_at)
        yield _("charges are paused until %(day)s") % {"day": resumes.date()} if resumes else _("charges are paused")
    if found.pending_update:
        yield _("a change of price waits for its payment")
    if customer.balance:
        balance = from_wire(-customer.balance, found.currency) if found.currency.upper() in EXPONENTS else ""
        yield _("balance %(amount)s") % {"amount": balance}
    if price.tax_behavior == "exclusive":
        yield _("tax is added to the price")


def _discount(discount: Any) -> str:
    source = getattr(discount, "source", None)
    return reading.id_of(source.coupon if source else getattr(discount, "coupon", None))


# Our mark


def facts(order: str, price: Price, key: str) -> dict[str, str]:
    """Return the metadata that makes a contract ours."""
    return {reading.ORDER: order, reading.PRICE: str(price.pk), MARK: key[:200]}


def set_metadata(ref: str, values: Mapping[str, str], *, key: str) -> None:
    """Set these keys of a contract's metadata, and delete those with an empty value. Nothing else is changed."""
    with errors():
        data = {"metadata": dict(values)}
        api().subscriptions.update(ref, data, {"idempotency_key": _key(key, data)})


def _key(name: str, data: Mapping[str, object]) -> str:
    """Return the idempotency key of a request: Stripe refuses one that comes again with other parameters."""
    return f"{name}:{sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]}"


# New contracts for saved cards


def saved_card(customer: str) -> str:
    """Return the payment method that a customer has saved: the default one, or the only one; "" if there is none.

    Customers of older systems have a default source instead.
    """
    if not settings.STRIPE_SECRET_KEY:
        return ""
    try:
        with errors():
            found = same_mode(api().customers.retrieve(customer))
    except Missing:
        return ""
    if getattr(found, "deleted", False):
        return ""
    if found.invoice_settings.default_payment_method:
        return reading.id_of(found.invoice_settings.default_payment_method)
    if source := getattr(found, "default_source", None):
        return reading.id_of(source)
    with errors():
        methods = api().payment_methods.list({"customer": customer, "limit": 2}).data
    return str(methods[0].id) if len(methods) == 1 else ""


def create(
    *, customer: str, card: str, price: Price, first_charge: datetime, metadata: Mapping[str, str], key: str
) -> Contract:
    """Begin a contract that charges `card` first at `first_charge`, and nothing now. Safe to repeat with the same key.

    Stripe calls the time until then a trial. A fixed billing date could not be further away than one period.
    """
    known = [made for made in contracts_of(customer) if made.mark == metadata[MARK]]
    if known:  # Stripe forgets a key after a day.
        return known[0]
    item = {"price_data": catalogue.price_data(price)}
    data: dict[str, object] = {
        "customer": customer,
        "items": [item],
        "default_payment_method" if card.startswith("pm_") else "default_source": card,
        "trial_end": to_timestamp(first_charge),
        "metadata": dict(metadata),
        "off_session": True,
    }
    if settings.STRIPE_AUTOMATIC_TAX:
        data["automatic_tax"] = {"enabled": True}
    with errors():
        made = same_mode(api().subscriptions.create(data, {"idempotency_key": _key(key, data)}))
        return _read(api().subscriptions.retrieve(made.id, {"expand": EXPAND}))


def end(ref: str) -> None:
    """End a contract that has charged nothing. Safe to repeat."""
    try:
        with errors():
            api().subscriptions.cancel(ref)
    except Missing:
        return


# What else has access


def charges_since(since: datetime, customers: set[str]) -> Iterator[tuple[str, str, Money, datetime]]:
    """Return payment, customer, amount and time of the charges of these customers that succeeded since then."""
    if not customers:
        return
    with errors():
        for charge in api().charges.list({"created": {"gte": to_timestamp(since)}, "limit": PAGE}).auto_paging_iter():
            customer = reading.id_of(charge.customer)
            if charge.status == "succeeded" and customer in customers:
                amount = from_wire(charge.amount, charge.currency)
                yield reading.id_of(charge.payment_intent), customer, amount, from_timestamp(charge.created)


def other_endpoints(own: str) -> list[str]:
    """Return the addresses that hear from Stripe beside our own."""
    if not settings.STRIPE_SECRET_KEY:
        return []
    with errors():
        found = api().webhook_endpoints.list({"limit": PAGE}).auto_paging_iter()
        return sorted({endpoint.url for endpoint in found if endpoint.url != own and endpoint.status == "enabled"})
