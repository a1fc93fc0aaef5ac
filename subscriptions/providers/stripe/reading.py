"""Reads Stripe's objects. No other module knows their fields."""

import calendar
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from django.utils.translation import gettext as _

from subscriptions.providers.base import (
    ChangedObject,
    CheckoutState,
    InvoiceState,
    PaymentState,
    RefundState,
    SubscriptionState,
)
from subscriptions.providers.stripe.wire import from_timestamp, from_wire, optional_time

# Metadata that we set on Stripe's objects.
ORDER, PRICE, PRICE_UNTIL_RENEWAL, KEY = "order", "price", "price_until_renewal", "key"
STATUSES: dict[str, Literal["pending", "trialing", "active", "past_due", "ended"]] = {
    "incomplete": "pending",
    "incomplete_expired": "ended",
    "trialing": "trialing",
    "active": "active",
    "past_due": "past_due",
    "unpaid": "past_due",
    "paused": "past_due",
    "canceled": "ended",
}
CHECKOUT_STATUSES: dict[str, Literal["open", "complete", "expired"]] = {
    "open": "open",
    "complete": "complete",
    "expired": "expired",
}
BRANDS = {"visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "diners": "Diners Club"}
BRANDS |= {"jcb": "JCB", "unionpay": "UnionPay", "discover": "Discover", "cartes_bancaires": "Cartes Bancaires"}


def id_of(reference: Any) -> str:
    """Return the id of an object that Stripe gives as an id, as the object itself, or not at all."""
    return "" if reference is None else reference if isinstance(reference, str) else reference.id


def metadata(obj: Any) -> dict[str, str]:
    return obj.metadata.to_dict() if obj.metadata else {}


def names_order(facts: Mapping[str, str]) -> bool:
    """Return whether metadata names an order as we do, by its uuid. Other systems number theirs."""
    try:
        return bool(UUID(facts.get(ORDER, "")))
    except ValueError:
        return False


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() else None


# Payments


def payment_state(charge: Any, *, ref: str, tax: int = 0, country: str = "", dispute: Any = None) -> PaymentState:
    """Read a successful charge and the latest dispute about it."""
    status = _dispute(dispute.status if dispute else "") if charge.disputed else ""
    return PaymentState(
        ref=ref,
        status="succeeded" if charge.status == "succeeded" else "processing",
        amount=from_wire(charge.amount, charge.currency),
        paid_at=from_timestamp(charge.created),
        tax=from_wire(tax, charge.currency).minor,
        country=country,
        method=method_of(charge.payment_method_details),
        refunds=tuple(refund_state(refund) for refund in reversed(charge.refunds.data) if counts(refund)),
        dispute=status,
        disputed_at=from_timestamp(dispute.created) if status and dispute else None,
    )


def _dispute(status: str) -> Literal["", "open", "won", "lost"]:
    """Read the status of a dispute. Warnings are inquiries of the bank, which take no money."""
    if status.startswith("warning_"):
        return ""
    if status in ("won", "prevented"):
        return "won"
    return "lost" if status == "lost" else "open"


def counts(refund: Any) -> bool:
    return refund.status not in ("failed", "canceled")


def refund_state(refund: Any) -> RefundState:
    amount = from_wire(refund.amount, refund.currency)
    return RefundState(refund.id, amount, from_timestamp(refund.created), metadata(refund).get(KEY, ""))


def method_of(details: Any) -> str:
    """Return "Visa ending 4242", or the name of another method."""
    if details is None:
        return ""
    card = details.card if details.type == "card" else None
    return card_name(card) if card else str(details.type).replace("_", " ").capitalize()


def card_name(card: Any) -> str:
    brand = BRANDS.get(card.brand, str(card.brand).capitalize())
    return _("%(brand)s ending %(digits)s") % {"brand": brand, "digits": card.last4}


# Checkouts


def checkout_state(session: Any, dispute: Any = None) -> CheckoutState:
    """Read a session with its payment intent, charge and refunds expanded."""
    status = CHECKOUT_STATUSES.get(session.status, "open")
    payments: tuple[PaymentState, ...] = ()
    if (intent := session.payment_intent) is not None:
        tax = session.total_details.amount_tax if session.total_details else 0
        buyer = session.customer_details
        country = _taxed_country(session, buyer.address if buyer else None)
        payments = tuple(_intent_payments(intent, tax, country, dispute))
    return CheckoutState(session.id, status, id_of(session.subscription), payments)


def _intent_payments(intent: Any, tax: int, country: str, dispute: Any) -> Iterator[PaymentState]:
    charge, amount = intent.latest_charge, from_wire(intent.amount, intent.currency)
    if intent.status == "succeeded" and charge is not None:
        yield payment_state(charge, ref=intent.id, tax=tax, country=country, dispute=dispute)
    elif intent.status == "processing":
        yield PaymentState(intent.id, "processing", amount)
    elif intent.last_payment_error is not None:
        yield PaymentState(intent.id, "failed", amount)


def _taxed_country(taxed: Any, address: Any) -> str:
    """Return the country for which Stripe has computed the tax of an invoice or session; "" if it has not."""
    is_automatic = taxed.automatic_tax is not None and taxed.automatic_tax.enabled
    return (address.country or "") if is_automatic and address is not None else ""


# Subscriptions


def subscription_state(
    subscription: Any, invoices: Iterable[Any], charges: Iterable[Any], disputes: dict[str, object]
) -> SubscriptionState:
    """Read a subscription with its card expanded, its invoices with their payments, and its customer's charges.

    `disputes` maps charges to their latest dispute.
    """
    by_intent = {id_of(charge.payment_intent): charge for charge in charges if charge.status == "succeeded"}
    ordered = sorted(invoices, key=lambda invoice: (invoice.created, invoice.number or ""))
    paid = (_invoice(invoice, by_intent, disputes) for invoice in ordered if invoice.status == "paid")
    facts, item, card = metadata(subscription), item_of(subscription), _card(subscription)
    return SubscriptionState(
        ref=subscription.id,
        status=STATUSES[subscription.status],
        order=facts.get(ORDER, ""),
        price_id=number(facts.get(PRICE)),
        period_start=from_timestamp(item.current_period_start),
        period_end=from_timestamp(item.current_period_end),
        cancel_at=cancel_at(subscription, item),
        ended_at=optional_time(subscription.ended_at),
        is_unpaid=_is_unpaid(subscription),
        invoices=tuple(state for state in paid if state is not None),
        failed_payments=tuple(_failed(ordered)),
        card=card_name(card) if card else "",
        card_expires_on=_last_day(card.exp_year, card.exp_month) if card else None,
    )


def item_of(subscription: Any) -> Any:
    """Return the one item of a subscription."""
    return subscription["items"].data[0]


def cancel_at(subscription: Any, item: Any) -> datetime | None:
    if subscription.status == "canceled":
        return None
    if subscription.cancel_at_period_end:
        return from_timestamp(subscription.cancel_at or item.current_period_end)
    return optional_time(subscription.cancel_at)


def _is_unpaid(subscription: Any) -> bool:
    """Whether Stripe has given up after the last attempt to charge a renewal."""
    details = subscription.cancellation_details
    return subscription.status == "canceled" and details is not None and details.reason == "payment_failed"


def _card(subscription: Any) -> Any:
    settings = getattr(subscription.customer, "invoice_settings", None)
    method = subscription.default_payment_method or (settings and settings.default_payment_method)
    return method.card if method is not None and method.type == "card" else None


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _invoice(invoice: Any, charges: dict[str, object], disputes: dict[str, object]) -> InvoiceState | None:
    """Read a paid invoice, or return None if it covers no period.

    Credits for unused time are lines with a negative amount: the rest is the period that was bought.
    """
    lines = [line for line in invoice.lines.data if line.amount >= 0 and line.period.end > line.period.start]
    if not lines:
        return None
    facts = invoice.parent.subscription_details.metadata
    facts = facts.to_dict() if facts else {}
    is_trial = not any(line.amount for line in lines)
    price = facts.get(PRICE)
    if is_trial and invoice.billing_reason == "subscription_update":
        # The wait for the first charge of another price: the reader keeps what is paid for.
        price = facts.get(PRICE_UNTIL_RENEWAL) or price
    return InvoiceState(
        ref=invoice.id,
        period_start=from_timestamp(min(line.period.start for line in lines)),
        period_end=from_timestamp(max(line.period.end for line in lines)),
        price_id=number(price),
        payment=_invoice_payment(invoice, charges, disputes),
        url=invoice.hosted_invoice_url or "",
        is_trial=is_trial,
        paid_at=optional_time(invoice.status_transitions.paid_at),
    )


def _invoice_payment(invoice: Any, charges: dict[str, Any], disputes: dict[str, Any]) -> PaymentState | None:
    tax = sum(tax.amount for tax in invoice.total_taxes or ())
    country = _taxed_country(invoice, invoice.customer_address)
    for payment in invoice.payments.data:
        intent = id_of(payment.payment.payment_intent) if payment.payment.type == "payment_intent" else ""
        if payment.status == "paid" and (charge := charges.get(intent)):
            return payment_state(charge, ref=intent, tax=tax, country=country, dispute=disputes.get(charge.id))
    return None


def _failed(invoices: Iterable[Any]) -> Iterator[PaymentState]:
    """Read the payments of invoices that Stripe could not collect."""
    for invoice in invoices:
        if invoice.status in ("open", "uncollectible") and invoice.attempted:
            for payment in invoice.payments.data:
                amount = from_wire(payment.amount_requested, payment.currency)
                if intent := id_of(payment.payment.payment_intent):
                    yield PaymentState(intent, "failed", amount, due_at=from_timestamp(invoice.created))


# Events


def changed_object(event: Any) -> ChangedObject:
    """Return what an event is about. Nothing else of an event is used: its data may be old."""
    obj = event.data.object
    match str(event.type).split("."):
        case ["checkout", "session", *_]:
            return ChangedObject("checkout", obj.id)
        case ["customer", "subscription", *_]:
            return ChangedObject("subscription", obj.id)
        case ["invoice", *_]:
            return invoice_owner(obj)
        case ["charge", "refunded" | "dispute" | "refund", *_] | ["refund", *_]:
            ref = id_of(obj.payment_intent)
            return ChangedObject("payment", ref) if ref else ChangedObject("")
    return ChangedObject("")


def invoice_owner(invoice: object) -> ChangedObject:
    """Return the subscription that an invoice belongs to. Webhooks of older versions name it on the invoice itself."""
    parent = getattr(invoice, "parent", None)
    details = parent.subscription_details if parent else None
    ref = id_of(details.subscription if details else getattr(invoice, "subscription", None))
    return ChangedObject("subscription", ref) if ref else ChangedObject("")
