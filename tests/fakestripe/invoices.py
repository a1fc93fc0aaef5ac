"""Invoices: lines, discounts, tax, customer balance, and their payment."""

import itertools
from collections.abc import Mapping
from typing import Any

from tests.fakestripe.discounts import Discounts
from tests.fakestripe.requests import ApiError, card_declined
from tests.fakestripe.store import DAY, Object, listed

ACTIVE = {"active", "trialing", "past_due"}


def subscription_of(invoice: Object) -> str | None:
    """Return the id of the subscription that an invoice belongs to."""
    return invoice["parent"]["subscription_details"]["subscription"] if invoice["parent"] else None


class Invoices(Discounts):
    """`tax_percent`, for all or by country, is charged where automatic tax is on; inclusive prices contain it.

    A failed payment is retried after each of `retry_days`; then the subscription becomes `on_exhausted`.
    """

    def __init__(
        self,
        now: int | None = None,
        *,
        tax_percent: float | Mapping[str, float] = 0,
        retry_days: tuple[int, ...] = (3, 5, 7),
        on_exhausted: str = "canceled",
    ) -> None:
        super().__init__(now)
        self.tax_percent, self.retry_days, self.on_exhausted = tax_percent, retry_days, on_exhausted
        self.retries: dict[str, list[int]] = {}

    def line(
        self,
        item: Object,
        amount: int,
        start: int,
        end: int,
        *,
        subscription: str | None,
        proration: bool = False,
        description: str = "",
    ) -> Object:
        """Return an invoice line for an item with its price, over a span of time."""
        details = {
            "invoice_item": self.new_id("ii") if proration else None,
            "proration": proration,
            "proration_details": None,
            "subscription": subscription,
            "subscription_item": item.get("id"),
        }
        price = item["price"]
        return {
            "id": self.new_id("il"),
            "object": "line_item",
            "amount": amount,
            "subtotal": amount,
            "currency": price["currency"],
            "description": description or None,
            "discount_amounts": [],
            "discountable": not proration,
            "livemode": self.livemode,
            "metadata": {},
            "parent": {"type": "subscription_item_details", "subscription_item_details": details}
            if subscription
            else None,
            "period": {"start": start, "end": end},
            "pricing": {
                "type": "price_details",
                "price_details": {"price": price["id"], "product": price["product"]},
                "unit_amount_decimal": str(price["unit_amount"]),
            },
            "quantity": item["quantity"],
            "taxes": [],
        }

    def tax_on(self, amount: int, price: Object, *, automatic: bool, address: Object | None) -> tuple[int, bool]:
        """Return the tax on `amount` for a customer with this address, and whether the amount contains it."""
        inclusive = price.get("tax_behavior") == "inclusive"
        percent = self.tax_percent
        if isinstance(percent, Mapping):
            percent = percent.get(address["country"], 0) if address else 0
        if not automatic or not percent or amount <= 0:
            return 0, inclusive
        if inclusive:
            return amount - round(amount * 100 / (100 + percent)), True
        return round(amount * percent / 100), False

    def draft_invoice(
        self,
        customer: str,
        lines: list[Object],
        reason: str,
        *,
        price: Object,
        discounts: list[tuple[str, int]] = (),
        automatic_tax: bool = False,
        subscription: Object | None = None,
        metadata: Any = None,
    ) -> Object:
        """Return the fields of an invoice over `lines`, without storing it."""
        subtotal = sum(line["amount"] for line in lines)
        after = subtotal - sum(off for _, off in discounts)
        holder = self.get(customer, "customer")
        tax, inclusive = self.tax_on(after, price, automatic=automatic_tax, address=holder["address"])
        total = after + (0 if inclusive else tax)
        balance = holder["balance"]
        due = max(0, total + balance)
        taxes = {
            "amount": tax,
            "tax_behavior": "inclusive" if inclusive else "exclusive",
            "tax_rate_details": {"tax_rate": "txr_fake"},
            "taxability_reason": "standard_rated",
            "taxable_amount": after - tax if inclusive else after,
            "type": "tax_rate_details",
        }
        details = subscription and {
            "subscription": subscription["id"],
            "metadata": dict(subscription["metadata"]),
            "subscription_proration_date": None,
        }
        if discounts and lines:
            lines[0]["discount_amounts"] = [{"amount": off, "discount": id} for id, off in discounts]
        return {
            "customer": customer,
            "customer_address": holder["address"],
            "currency": price["currency"],
            "status": "draft",
            "billing_reason": reason,
            "collection_method": "charge_automatically",
            "number": None,
            "subtotal": subtotal,
            "total": total,
            "total_excluding_tax": total - tax,
            "starting_balance": balance,
            "ending_balance": None,
            "amount_due": due,
            "amount_paid": 0,
            "amount_remaining": due,
            "attempt_count": 0,
            "attempted": False,
            "automatic_tax": {"enabled": automatic_tax, "status": "complete" if automatic_tax else None},
            "total_discount_amounts": [{"amount": off, "discount": id} for id, off in discounts],
            "discounts": [id for id, _ in discounts],
            "total_taxes": [taxes] if tax else [],
            "period_start": self.now,
            "period_end": self.now,
            "hosted_invoice_url": None,
            "invoice_pdf": None,
            "next_payment_attempt": None,
            "metadata": dict(metadata or {}),
            "parent": {"type": "subscription_details", "quote_details": None, "subscription_details": details}
            if details
            else None,
            "payments": listed([]),
            "status_transitions": {
                "finalized_at": None,
                "marked_uncollectible_at": None,
                "paid_at": None,
                "voided_at": None,
            },
            "lines": listed(lines),
        }

    def issue(self, draft: Object) -> Object:
        """Store a draft as an open invoice with a number, and use up the customer's balance."""
        number = len(self.groups.get(("invoice", ""), ())) + 1
        invoice = self.put("invoice", "in", **draft)
        customer = self.get(invoice["customer"], "customer")
        customer["balance"] = invoice["total"] + invoice["starting_balance"] - invoice["amount_due"]
        if (subscription := subscription_of(invoice)) is not None:
            details = invoice["parent"]["subscription_details"]
            details["metadata"] = dict(self.get(subscription)["metadata"])
        for line in invoice["lines"]["data"]:
            line["invoice"] = invoice["id"]
        invoice.update(
            status="open",
            number=f"FAKE-{number:04d}",
            ending_balance=customer["balance"],
            hosted_invoice_url=f"{self.base_url}/i/{invoice['id']}",
            invoice_pdf=f"{self.base_url}/i/{invoice['id']}.pdf",
        )
        invoice["status_transitions"]["finalized_at"] = self.now
        self.emit("invoice.created", invoice)
        self.emit("invoice.finalized", invoice)
        return invoice

    def collect(self, invoice: Object) -> bool:
        """Charge the customer's card for an open invoice. Returns whether it is paid."""
        subscription = self.get(id) if (id := subscription_of(invoice)) else None
        invoice["attempt_count"] += 1
        invoice["attempted"] = True
        if invoice["amount_due"] and not self._charge(invoice, subscription):
            retries = self.retries.get(invoice["id"], [])
            invoice["next_payment_attempt"] = retries[0] if retries else None
            if subscription and subscription["status"] != "canceled":
                subscription["status"] = "past_due" if subscription["status"] in ACTIVE else "incomplete"
            self.emit("invoice.payment_failed", invoice)
            if subscription:
                self.emit("customer.subscription.updated", subscription)
            return False
        invoice.update(status="paid", amount_paid=invoice["amount_due"], amount_remaining=0, next_payment_attempt=None)
        invoice["status_transitions"]["paid_at"] = self.now
        self.retries.pop(invoice["id"], None)
        # An ended subscription stays ended, even if its last invoice is paid afterwards.
        if subscription and subscription["status"] not in ("trialing", "canceled") and not self.owes(subscription):
            subscription["status"] = "active"
        self.emit("invoice.paid", invoice)
        self.emit("invoice.payment_succeeded", invoice)
        return True

    def owes(self, subscription: Object) -> bool:
        """Return whether the subscription's latest invoice is open."""
        latest = subscription["latest_invoice"]
        return latest is not None and self.get(latest)["status"] == "open"

    def _charge(self, invoice: Object, subscription: Object | None) -> bool:
        amount, currency = invoice["amount_due"], invoice["currency"]
        method = self.card_of(invoice["customer"], subscription)
        # An invoice has one payment, which is tried again.
        payments = invoice["payments"]["data"]
        earlier = self.get(payments[0]["payment"]["payment_intent"]) if payments else None
        intent = self.charge(invoice["customer"], amount, currency, method=method, intent=earlier)
        paid = intent["status"] == "succeeded"
        payment = payments[0] if payments else self._new_payment(invoice, intent)
        payment["amount_paid"] = amount if paid else None
        payment["status"] = "paid" if paid else "open"
        payment["status_transitions"] = {"canceled_at": None, "paid_at": self.now if paid else None}
        return paid

    def _new_payment(self, invoice: Object, intent: Object) -> Object:
        payment = self.put(
            "invoice_payment",
            "inpay",
            invoice=invoice["id"],
            currency=invoice["currency"],
            amount_requested=invoice["amount_due"],
            is_default=True,
            payment={"type": "payment_intent", "payment_intent": intent["id"]},
        )
        invoice["payments"]["data"].append(payment)
        return payment

    def plan_retries(self, invoice: Object) -> None:
        self.retries[invoice["id"]] = [self.now + days * DAY for days in itertools.accumulate(self.retry_days)]
        invoice["next_payment_attempt"] = self.retries[invoice["id"]][0] if self.retry_days else None

    def pay_invoice(self, id: str, **_: Any) -> Object:
        """Try to collect an open invoice now, as the hosted invoice page does."""
        invoice = self.get(id, "invoice")
        if invoice["status"] == "paid":
            raise ApiError(400, "Invoice is already paid", code="invoice_already_paid")
        if invoice["status"] != "open":
            raise ApiError(400, f"This invoice is {invoice['status']} and can't be paid.")
        if not self.collect(invoice):
            raise card_declined()
        if subscription := subscription_of(invoice):
            self.emit("customer.subscription.updated", self.get(subscription))
        return invoice
