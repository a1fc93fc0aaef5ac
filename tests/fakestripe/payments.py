"""Cards, charges, refunds and disputes."""

from typing import Any

from tests.fakestripe.requests import ApiError
from tests.fakestripe.store import Object
from tests.fakestripe.webhooks import Webhooks

# Stripe's test cards: brand, last four digits, and whether they can be charged.
CARDS = {
    "pm_card_visa": ("visa", "4242", True),
    "pm_card_mastercard": ("mastercard", "4444", True),
    "pm_card_amex": ("amex", "8431", True),
    "pm_card_chargeDeclined": ("visa", "0002", False),
    "pm_card_chargeCustomerFail": ("visa", "0341", False),
}
EXPIRES = (12, 2034)


def charges(card: str) -> bool:
    """Return whether the test card can be charged."""
    return CARDS[card][2]


class Payments(Webhooks):
    """Charges the card of a customer. `tokens` maps payment methods to test cards."""

    def __init__(self, now: int | None = None) -> None:
        super().__init__(now)
        self.tokens: dict[str, str] = {}

    def new_card(self, customer: str, card: str, *, expires: tuple[int, int] = EXPIRES) -> Object:
        brand, last4, _ = CARDS[card]
        details = {"brand": brand, "last4": last4, "exp_month": expires[0], "exp_year": expires[1], "country": "DE"}
        method = self.put("payment_method", "pm", type="card", customer=customer, card=details)
        self.tokens[method["id"]] = card
        self.emit("payment_method.attached", method)
        return method

    def use_card(self, customer: str, card: str, *, expires: tuple[int, int] = EXPIRES) -> Object:
        """Replace the customer's card, as the reader does in the billing portal."""
        method = self.new_card(customer, card, expires=expires)
        holder = self.get(customer, "customer")
        holder["invoice_settings"] = {**holder["invoice_settings"], "default_payment_method": method["id"]}
        self.emit("customer.updated", holder)
        for subscription in self.all("subscription", customer=customer):
            if subscription["default_payment_method"]:
                subscription["default_payment_method"] = None
        return method

    def card_of(self, customer: str, subscription: Object | None = None) -> str | None:
        """Return the payment method that is charged next, or None."""
        default = self.get(customer, "customer")["invoice_settings"]["default_payment_method"]
        return (subscription and subscription["default_payment_method"]) or default

    def chargeable(self, method: str | None) -> bool:
        return method is not None and charges(self.tokens[method])

    def charge(
        self,
        customer: str,
        amount: int,
        currency: str,
        *,
        method: str | None,
        metadata: dict[str, str] | None = None,
        intent: Object | None = None,
    ) -> Object:
        """Charge a card and return the payment intent, which has status `succeeded` if that worked.

        Pass the `intent` of an earlier attempt to try it again.
        """
        paid = self.chargeable(method)
        error = {"type": "card_error", "code": "card_declined", "message": "Your card was declined."}
        amounts = {"amount": amount, "currency": currency, "customer": customer, "metadata": dict(metadata or {})}
        intent = intent or self.put("payment_intent", "pi", **amounts)
        intent.update(
            amount_received=amount if paid else 0,
            payment_method=method,
            status="succeeded" if paid else "requires_payment_method",
            last_payment_error=None if paid else error,
        )
        card = self.get(method)["card"] if method else None
        charge = self.put(
            "charge",
            "ch",
            amount=amount,
            currency=currency,
            customer=customer,
            amount_captured=amount if paid else 0,
            amount_refunded=0,
            captured=paid,
            refunded=False,
            disputed=False,
            paid=paid,
            payment_intent=intent["id"],
            payment_method=method,
            payment_method_details={"type": "card", "card": card} if card else None,
            failure_code=None if paid else "card_declined",
            failure_message=None if paid else "Your card was declined.",
            metadata=dict(metadata or {}),
            refunds={"object": "list", "url": "", "has_more": False, "data": []},
            status="succeeded" if paid else "failed",
        )
        charge["receipt_url"] = f"{self.base_url}/receipt/{charge['id']}" if paid else None
        intent["latest_charge"] = charge["id"]
        self.emit("payment_intent.succeeded" if paid else "payment_intent.payment_failed", intent)
        self.emit("charge.succeeded" if paid else "charge.failed", charge)
        return intent

    # Refunds and disputes

    def charge_of(self, payment: str) -> Object:
        """Return the charge of a payment intent, or the charge itself."""
        obj = self.get(payment)
        return self.get(obj["latest_charge"], "charge") if obj["object"] == "payment_intent" else obj

    def create_refund(
        self,
        payment_intent: str | None = None,
        charge: str | None = None,
        amount: int | None = None,
        reason: str | None = None,
        metadata: Any = None,
    ) -> Object:
        charged = self.charge_of(charge or payment_intent or "")
        left = charged["amount"] - charged["amount_refunded"]
        amount = left if amount is None else amount
        if charged["disputed"]:
            raise ApiError(400, f"Charge {charged['id']} has been charged back.", code="charge_disputed")
        if left == 0:
            raise ApiError(400, f"Charge {charged['id']} has already been refunded.", code="charge_already_refunded")
        if not 0 < amount <= left:
            raise ApiError(400, f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})")
        refund = self.put(
            "refund",
            "re",
            amount=amount,
            currency=charged["currency"],
            reason=reason,
            charge=charged["id"],
            payment_intent=charged["payment_intent"],
            status="succeeded",
            metadata=metadata or {},
        )
        charged["amount_refunded"] += amount
        charged["refunded"] = charged["amount_refunded"] == charged["amount"]
        charged["refunds"]["data"].insert(0, refund)
        self.emit("refund.created", refund)
        self.emit("charge.refunded", charged)
        return refund

    def refund_in_dashboard(self, payment: str, amount: int | None = None) -> Object:
        """Refund as the publisher can in Stripe's dashboard."""
        with self.lock:
            return self.create_refund(charge=self.charge_of(payment)["id"], amount=amount)

    def dispute(self, payment: str, reason: str = "fraudulent") -> Object:
        """Open a chargeback of a payment intent or charge."""
        with self.lock:
            charge = self.charge_of(payment)
            charge["disputed"] = True
            dispute = self.put(
                "dispute",
                "du",
                amount=charge["amount"] - charge["amount_refunded"],
                currency=charge["currency"],
                charge=charge["id"],
                payment_intent=charge["payment_intent"],
                reason=reason,
                status="needs_response",
                is_charge_refundable=False,
            )
            self.emit("charge.dispute.created", dispute)
            self.emit("charge.dispute.funds_withdrawn", dispute)
            return dispute

    def close_dispute(self, id: str, status: str) -> Object:
        """Close a dispute as `won` or `lost`. `charge.disputed` stays set either way."""
        with self.lock:
            dispute = self.get(id, "dispute")
            dispute["status"] = status
            if status == "won":
                self.emit("charge.dispute.funds_reinstated", dispute)
            return self.emit("charge.dispute.closed", dispute)["data"]["object"]
