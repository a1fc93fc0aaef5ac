"""Changes of price: what they cost now, computed without changing anything."""

from dataclasses import dataclass
from typing import Any

from tests.fakestripe.invoices import Invoices
from tests.fakestripe.requests import ApiError
from tests.fakestripe.store import Object, add_interval


@dataclass
class Change:
    """A planned change. `draft` is the invoice it causes now, if any; `restarts` says that a new period begins."""

    price: Object
    quantity: int
    draft: Object | None = None
    restarts: bool = False
    trial_end: int | None = None


class Changes(Invoices):
    def __init__(self, now: int | None = None, **options: Any) -> None:
        super().__init__(now, **options)
        # Subscriptions whose end of trial was announced.
        self.announced: set[str] = set()

    def create_product(self, **data: Any) -> Object:
        if "id" in data and data["id"] in self.objects:
            raise ApiError(400, "Product already exists.", code="resource_already_exists", param="id")
        product = self.put("product", "prod", **{"active": True, "description": None} | data)
        self.emit("product.created", product)
        return product

    def create_price(
        self,
        product: str | None = None,
        unit_amount: int | None = None,
        currency: str = "",
        recurring: Any = None,
        product_data: Any = None,
        **data: Any,
    ) -> Object:
        if (product is None) == (product_data is None):
            raise ApiError(400, "You must pass exactly one of product and product_data.", param="product")
        product = product or self.create_product(**product_data)["id"]
        if not self.get(product, "product")["active"]:
            raise ApiError(400, f"The product {product} is inactive.", param="product")
        if unit_amount is None:
            raise ApiError(400, "Missing required param: unit_amount.", code="parameter_missing", param="unit_amount")
        recurring = recurring and {"interval_count": 1, "usage_type": "licensed"} | recurring
        return self.put(
            "price",
            "price",
            **{"active": True, "billing_scheme": "per_unit", "tax_behavior": "unspecified"} | data,
            product=product,
            unit_amount=unit_amount,
            currency=currency.lower(),
            recurring=recurring,
            type="recurring" if recurring else "one_time",
        )

    def price_of(self, line: Object) -> Object:
        """Return the price of a line or item. Raises ApiError if it can't be used."""
        if "price" not in line:
            # Prices made for one use aren't offered for others.
            return self.create_price(**line["price_data"], active=False)
        price = self.get(line["price"], "price")
        if not price["active"]:
            raise ApiError(400, "The price specified is inactive.", param="price")
        return price

    def period_draft(self, subscription: Object, items: list[Object], reason: str) -> Object:
        """Return the invoice for the current period of `items`."""
        on_trial = subscription["status"] == "trialing"
        lines = [
            self.line(
                item,
                0 if on_trial else item["price"]["unit_amount"] * item["quantity"],
                item["current_period_start"],
                item["current_period_end"],
                subscription=subscription["id"],
                description="Trial period" if on_trial else "",
            )
            for item in items
        ]
        subtotal = sum(line["amount"] for line in lines)
        return self.draft_invoice(
            subscription["customer"],
            lines,
            reason,
            price=items[0]["price"],
            discounts=self.discounts_on(subscription, subtotal) if subtotal else [],
            automatic_tax=subscription["automatic_tax"]["enabled"],
            subscription=subscription,
        )

    def planned_change(
        self,
        subscription: Object,
        items: list[Object],
        proration: str,
        date: int | None,
        trial_end: int | str | None,
    ) -> Change:
        item = subscription["items"]["data"][0]
        change = Change(item["price"], item["quantity"])
        for wanted in items:
            if wanted.get("id") != item["id"]:
                raise ApiError(400, "Pass the id of the item to change; other items aren't supported.", param="items")
            if "price" in wanted or "price_data" in wanted:
                change.price = self.price_of(wanted)
            change.quantity = wanted.get("quantity", change.quantity)
        if change.price["currency"] != subscription["currency"]:
            raise ApiError(400, "You cannot change the currency of a subscription.", param="items")
        if isinstance(trial_end, int):
            if trial_end <= self.now:
                raise ApiError(400, "Invalid timestamp: trial_end must be in the future.", param="trial_end")
            change.trial_end = trial_end
            change.draft = self._trial_draft(subscription, item, change)
            return change
        if items and proration == "create_prorations":
            raise NotImplementedError("Pass proration_behavior none or always_invoice.")
        other_interval = _interval(change.price) != _interval(item["price"])
        change.restarts = trial_end == "now" or (other_interval and subscription["status"] != "trialing")
        lines = self._lines(subscription, item, change, proration, date or self.now)
        if lines:
            change.draft = self.draft_invoice(
                subscription["customer"],
                lines,
                "subscription_update",
                price=change.price,
                automatic_tax=subscription["automatic_tax"]["enabled"],
                subscription=subscription,
            )
        return change

    def _trial_draft(self, subscription: Object, item: Object, change: Change) -> Object:
        line = self.line(
            {**item, "price": change.price},
            0,
            self.now,
            change.trial_end or 0,
            subscription=subscription["id"],
            description="Trial period",
        )
        return self.draft_invoice(
            subscription["customer"], [line], "subscription_update", price=change.price, subscription=subscription
        )

    def _lines(self, subscription: Object, item: Object, change: Change, proration: str, date: int) -> list[Object]:
        """Return a credit for the unused time of the old price and a charge for the new price."""
        start, end = item["current_period_start"], item["current_period_end"]
        left = max(0, end - date) / max(1, end - start)
        old = item["price"]["unit_amount"] * item["quantity"]
        new = change.price["unit_amount"] * change.quantity
        for _, off in self.discounts_on(subscription, old):
            old -= off
        id, lines = subscription["id"], []
        paid = subscription["status"] == "active"
        if proration == "always_invoice" and paid and old:
            text = "Unused time"
            lines.append(
                self.line(item, -round(old * left), date, end, subscription=id, proration=True, description=text)
            )
        renewed = {**item, "price": change.price, "quantity": change.quantity}
        for _, off in self.discounts_on(subscription, new):
            new -= off
        if change.restarts:
            finish = add_interval(self.now, *_interval(change.price))
            lines.append(self.line(renewed, new, self.now, finish, subscription=id))
        elif proration == "always_invoice" and paid:
            text = "Remaining time"
            lines.append(
                self.line(renewed, round(new * left), date, end, subscription=id, proration=True, description=text)
            )
        return lines

    def create_preview(
        self, subscription: str | None = None, subscription_details: Any = None, customer: str | None = None
    ) -> Object:
        """Return the invoice that a change would cause now, else the next renewal after the change."""
        found = self.get(subscription or "", "subscription")
        if customer and customer != found["customer"]:
            raise ApiError(400, "The subscription belongs to another customer.", param="customer")
        details = dict(subscription_details or {})
        behaviour = details.get("proration_behavior", "create_prorations")
        change = self.planned_change(
            found, details.get("items", []), behaviour, details.get("proration_date"), details.get("trial_end")
        )
        draft = change.draft
        if draft is None or change.trial_end:
            draft = self._next_draft(found, change)
        preview = {
            "id": self.new_id("upcoming_in"),
            "object": "invoice",
            "created": self.now,
            "livemode": self.livemode,
        }
        return preview | draft

    def _next_draft(self, subscription: Object, change: Change) -> Object:
        item = subscription["items"]["data"][0]
        start = change.trial_end or item["current_period_end"]
        renewed = {**item, "price": change.price, "quantity": change.quantity, "current_period_start": start}
        renewed["current_period_end"] = add_interval(start, *_interval(change.price))
        active = {**subscription, "status": "active"}
        now, self.now = self.now, start
        try:
            return self.period_draft(active, [renewed], "upcoming") | {"next_payment_attempt": start}
        finally:
            self.now = now


def _interval(price: Object) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]
