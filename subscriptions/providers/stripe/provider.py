"""The Stripe provider: Checkout, subscriptions that Stripe renews, refunds, billing portal, webhooks."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import stripe
from django.conf import settings
from django.core.checks import CheckMessage
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from subscriptions.models import Order, Payment, Price, Subscription
from subscriptions.money import Money
from subscriptions.providers.base import (
    BadWebhook,
    ChangedObject,
    ChangePreview,
    CheckoutStart,
    CheckoutState,
    NotOurs,
    PaymentState,
    ProviderError,
    RefundState,
    SubscriptionState,
)
from subscriptions.providers.stripe import catalogue, own_charges, portal, reading
from subscriptions.providers.stripe.checks import connection_problems, problems
from subscriptions.providers.stripe.client import Missing, Refused, api, errors, is_live, same_mode
from subscriptions.providers.stripe.wire import from_timestamp, from_wire, to_timestamp, to_wire

# Stripe delays the first charge of a new subscription by at least two days.
EARLIEST_FIRST_CHARGE = timedelta(days=3)
LOCALES = {"de": "de", "en": "en-GB"}
PAGE = 100
EVENTS = ["charge.dispute.closed", "charge.dispute.created", "charge.refunded", "checkout.session.completed"]
EVENTS += ["checkout.session.expired", "customer.subscription.deleted", "customer.subscription.updated"]
EVENTS += ["invoice.paid", "invoice.payment_failed"]


class Stripe:
    code = catalogue.CODE
    label = _("Card")
    site = "Stripe"
    renews = True

    def check(self) -> list[CheckMessage]:
        return problems()

    def check_connection(self) -> list[CheckMessage]:
        return connection_problems()

    def offered(self) -> bool:
        return bool(settings.STRIPE_SECRET_KEY)

    # Checkout

    def start_checkout(self, order: Order, *, key: str, starts_at: datetime | None = None) -> CheckoutStart:
        customer = catalogue.customer_for(order.user)
        data = self._session_data(order, starts_at)
        try:
            session = self._create_session(data, customer, key)
        except Missing:
            customer = catalogue.customer_for(order.user, instead_of=customer)
            session = self._create_session(data, customer, f"{key}:{customer}")
        return CheckoutStart(ref=same_mode(session).id, url=session.url or "")

    def _create_session(self, data: dict[str, object], customer: str, key: str) -> Any:
        with errors():
            return api().checkout.sessions.create(data | {"customer": customer}, {"idempotency_key": f"checkout:{key}"})

    def _session_data(self, order: Order, starts_at: datetime | None) -> dict[str, object]:
        price = order.lines.select_related("price__plan").get().price
        page = settings.SITE_URL + order.get_absolute_url()
        facts = {reading.ORDER: str(order.uuid), reading.PRICE: str(price.pk)}
        data: dict[str, object] = {
            "client_reference_id": str(order.uuid),
            "metadata": facts,
            "success_url": f"{page}?returned=1",
            "cancel_url": page,
            "locale": LOCALES.get((get_language() or "")[:2], "auto"),
        }
        if settings.STRIPE_AUTOMATIC_TAX:
            data |= {"automatic_tax": {"enabled": True}, "customer_update": {"address": "auto"}}
        if order.kind == Order.Kind.GIFT:
            line = catalogue.price_data(price, once=True, minor=order.total_minor)
            return data | {
                "mode": "payment",
                "line_items": [{"price_data": line, "quantity": 1}],
                "payment_intent_data": {"metadata": facts},
            }
        begins, days = _first_charge(order, starts_at)
        if order.coupon is not None:
            coupon = catalogue.coupon_for(order.coupon, price, first_charge_in_days=days)
            data["discounts"] = [{"coupon": coupon}]
        elif settings.STRIPE_PROMOTION_CODES:
            data["allow_promotion_codes"] = True
        return data | {
            "mode": "subscription",
            "line_items": [{"price_data": catalogue.price_data(price), "quantity": 1}],
            "payment_method_collection": "always",
            "subscription_data": {"metadata": facts, **begins},
        }

    def checkout_state(self, ref: str) -> CheckoutState:
        expand = ["payment_intent.latest_charge.refunds"]
        try:
            with errors():
                session = api().checkout.sessions.retrieve(ref, {"expand": expand})
        except Missing:
            return CheckoutState(ref, "expired")
        charge = session.payment_intent.latest_charge if session.payment_intent else None
        disputes = self._disputes([charge] if charge else [])
        return reading.checkout_state(same_mode(session), disputes.get(charge.id) if charge else None)

    def close_checkout(self, ref: str) -> None:
        try:
            with errors():
                api().checkout.sessions.expire(ref)
        except Missing:
            return
        except Refused:
            if self.checkout_state(ref).status == "open":
                raise

    # Subscriptions

    def subscription_state(self, ref: str) -> SubscriptionState:
        found = self._retrieve(ref)
        if not reading.names_order(reading.metadata(found)):
            raise NotOurs(f"{ref} names no order.")
        with errors():
            invoices = list(
                api()
                .invoices.list({"subscription": ref, "limit": PAGE, "expand": ["data.payments"]})
                .auto_paging_iter()
            )
            paid = {"customer": found.customer.id, "limit": PAGE, "expand": ["data.refunds"]}
            charges = list(api().charges.list(paid).auto_paging_iter())
        return reading.subscription_state(found, invoices, charges, self._disputes(charges))

    def _retrieve(self, ref: str) -> Any:
        expand = ["default_payment_method", "customer.invoice_settings.default_payment_method"]
        with errors():
            return same_mode(api().subscriptions.retrieve(ref, {"expand": expand}))

    def _disputes(self, charges: list[Any]) -> dict[str, object]:
        """Return the latest dispute of each disputed charge."""
        found = {}
        for charge in charges:
            if charge.disputed:
                with errors():
                    disputes = api().disputes.list({"charge": charge.id, "limit": 1}).data
                found[charge.id] = disputes[0] if disputes else None
        return found

    def payment_owner(self, ref: str) -> ChangedObject:
        payment = {"type": "payment_intent", "payment_intent": ref}
        with errors():
            found = api().invoice_payments.list({"payment": payment, "expand": ["data.invoice"]}).data
            if found:
                return reading.invoice_owner(found[0].invoice)
            sessions = api().checkout.sessions.list({"payment_intent": ref}).data
        return ChangedObject("checkout", sessions[0].id) if sessions else ChangedObject("")

    # Cancelling and undoing look at the state first and don’t send our key: with one, Stripe would answer a second
    # cancellation, or the repetition of one that failed there, with the first answer.

    def cancel(self, subscription: Subscription, *, key: str) -> None:
        found = self._retrieve(subscription.provider_ref)
        end = to_timestamp(subscription.cancel_at) if subscription.cancel_at is not None else None
        is_early = end is not None and end < reading.item_of(found).current_period_end
        if found.status == "canceled":
            return
        if is_early and found.cancel_at != end:
            # We pay back the rest, so that Stripe must not credit it, too.
            self._update(subscription.provider_ref, {"cancel_at": end, "proration_behavior": "none"})
        elif not is_early and not found.cancel_at_period_end:
            self._update(subscription.provider_ref, {"cancel_at_period_end": True})

    def undo_cancel(self, subscription: Subscription, *, key: str) -> None:
        found = self._retrieve(subscription.provider_ref)
        if found.status == "canceled":
            raise ProviderError("The subscription has ended at Stripe.")
        if found.cancel_at_period_end:
            self._update(subscription.provider_ref, {"cancel_at_period_end": False})
        elif found.cancel_at:
            self._update(subscription.provider_ref, {"cancel_at": ""})

    def end(self, subscription: Subscription, *, key: str) -> None:
        try:
            if self._retrieve(subscription.provider_ref).status != "canceled":
                with errors():
                    api().subscriptions.cancel(subscription.provider_ref)
        except Missing:
            return  # ended by another process in between

    def _update(self, ref: str, data: dict[str, object], key: str | None = None) -> None:
        with errors():
            api().subscriptions.update(ref, data, {"idempotency_key": key})

    # Changes of price

    def preview_change(self, subscription: Subscription, price: Price) -> ChangePreview:
        found = self._retrieve(subscription.provider_ref)
        if found.status == "trialing":
            return ChangePreview(Money(0, price.currency), price.money, _period_end(found))
        details = {"items": _items(found, price), "proration_behavior": "always_invoice"}
        with errors():
            invoice = api().invoices.create_preview({"subscription": found.id, "subscription_details": details})
        ends = [line.period.end for line in invoice.lines.data if line.amount >= 0]
        next_at = from_timestamp(max(ends)) if ends else _period_end(found)
        return ChangePreview(from_wire(invoice.amount_due, invoice.currency), price.money, next_at)

    def change_price(self, subscription: Subscription, price: Price, *, at_renewal: bool, key: str) -> None:
        found = self._retrieve(subscription.provider_ref)
        before = reading.metadata(found).get(reading.PRICE, "")
        facts = {reading.PRICE: str(price.pk), reading.PRICE_UNTIL_RENEWAL: ""}
        data: dict[str, object] = {"items": _items(found, price), "metadata": facts}
        recurring = reading.item_of(found).price.recurring
        same_interval = (recurring.interval, recurring.interval_count) == (price.interval, price.count)
        if not at_renewal:
            data |= {"proration_behavior": "always_invoice", "payment_behavior": "error_if_incomplete"}
        elif same_interval:
            data |= {"proration_behavior": "none"}
        else:
            # Another interval would begin at once; Stripe waits for the end of what it calls a trial.
            facts[reading.PRICE_UNTIL_RENEWAL] = reading.metadata(found).get(reading.PRICE_UNTIL_RENEWAL) or before
            data |= {"proration_behavior": "none", "trial_end": reading.item_of(found).current_period_end}
        self._update(found.id, data, key)

    def postpone(self, subscription: Subscription, until: datetime, *, key: str) -> None:
        data = {"trial_end": to_timestamp(until), "proration_behavior": "none"}
        self._update(subscription.provider_ref, data, key)

    # Money back

    def refund(self, payment: Payment, amount: Money, *, key: str) -> RefundState:
        data = {"payment_intent": payment.provider_ref, "amount": to_wire(amount), "metadata": {reading.KEY: key}}
        with errors():
            made = api().refunds.create(data, {"idempotency_key": f"refund:{key}"})
        if not reading.counts(made):
            raise Refused(f"Stripe could not refund {amount}: {made.failure_reason or made.status}.")
        return reading.refund_state(made)

    # The reader's page at Stripe, and messages from Stripe

    def manage_url(self, subscription: Subscription, *, back: str) -> str:
        found = self._retrieve(subscription.provider_ref)
        if found.default_payment_method is not None and found.status != "canceled":
            portal.move_card_to_customer(found)
        return portal.session_url(found.customer.id, back=back)

    def read_webhook(self, body: bytes, headers: Mapping[str, str]) -> ChangedObject:
        if not settings.STRIPE_WEBHOOK_SECRET:
            raise BadWebhook("STRIPE_WEBHOOK_SECRET is not set.")
        signature = headers.get("Stripe-Signature", "")
        try:
            if not _is_event(json.loads(body)):
                raise BadWebhook("The message is no event.")
            event = stripe.Webhook.construct_event(body, signature, settings.STRIPE_WEBHOOK_SECRET)
        except (ValueError, RecursionError, stripe.SignatureVerificationError) as error:
            raise BadWebhook(str(error)) from error
        if getattr(event, "livemode", None) != is_live():
            raise BadWebhook("The event belongs to Stripe’s other mode.")
        return reading.changed_object(event)

    def changed_since(self, since: datetime) -> Iterator[ChangedObject]:
        asked = {"created": {"gte": to_timestamp(since)}, "types": EVENTS, "limit": PAGE}
        with errors():
            events = list(api().events.list(asked).auto_paging_iter())
        changed = (reading.changed_object(event) for event in reversed(events))
        yield from dict.fromkeys(item for item in changed if item.kind)

    def live_subscriptions(self) -> Iterator[str]:
        with errors():
            found = list(api().subscriptions.list({"limit": PAGE}).auto_paging_iter())
        yield from (live.id for live in found if reading.names_order(reading.metadata(live)))

    def payments_between(self, start: datetime, end: datetime) -> Iterator[PaymentState]:
        """Leave out charges of other customers: the account may serve another shop too."""
        charges = own_charges.between(start, end, owner_of=self.payment_owner)
        disputes = self._disputes(charges)
        for charge in charges:
            ref = reading.id_of(charge.payment_intent)
            yield reading.payment_state(charge, ref=ref, dispute=disputes.get(charge.id))


def _is_event(message: Any) -> bool:
    """Return whether a webhook's JSON has the parts of an event that we read. Stripe's library checks only its form."""
    data = message.get("data") if isinstance(message, dict) else None
    return isinstance(data, dict) and isinstance(data.get("object"), dict) and "type" in message


def _first_charge(order: Order, starts_at: datetime | None) -> tuple[dict[str, int], int]:
    """Return the parameter that delays the first charge, and by how many days."""
    if starts_at is None:
        return ({"trial_period_days": order.trial_days} if order.trial_days else {}), order.trial_days
    now = timezone.now().astimezone(UTC)
    # At the start of a day, so that a repeated request is the same.
    earliest = (now + EARLIEST_FIRST_CHARGE).replace(hour=0, minute=0, second=0, microsecond=0)
    first = max(starts_at, earliest)
    return {"trial_end": to_timestamp(first)}, (first - now).days


def _items(found: object, price: Price) -> list[dict[str, object]]:
    return [{"id": reading.item_of(found).id, "price_data": catalogue.price_data(price)}]


def _period_end(found: object) -> datetime:
    return from_timestamp(reading.item_of(found).current_period_end)
