"""Subscriptions: start, renewal, change with proration, and end."""

from typing import Any

from tests.fakestripe.changes import Changes
from tests.fakestripe.invoices import subscription_of
from tests.fakestripe.requests import ApiError, card_declined
from tests.fakestripe.store import DAY, Object, add_interval, listed, merge_metadata

PLAIN_UPDATES = {"description", "default_payment_method", "pause_collection", "trial_settings"}


class Subscriptions(Changes):
    """`anchors` keeps for each subscription the start of its periods and how many have begun."""

    def __init__(self, now: int | None = None, **options: Any) -> None:
        super().__init__(now, **options)
        self.anchors: dict[str, tuple[int, int]] = {}

    def create_subscription(
        self,
        customer: str | None = None,
        items: Any = (),
        default_payment_method: str | None = None,
        default_source: str | None = None,
        discounts: Any = (),
        automatic_tax: Any = None,
        proration_behavior: str = "create_prorations",
        off_session: bool = False,
        **data: Any,
    ) -> Object:
        """Start a subscription without a checkout, with a saved card."""
        holder = self.get(customer or "", "customer")
        if unknown := set(data) - {"metadata", "trial_end", "trial_period_days", "trial_settings", "description"}:
            raise NotImplementedError(f"Subscriptions with {unknown}")
        default_payment_method = default_payment_method or default_source
        method = default_payment_method or holder["invoice_settings"]["default_payment_method"]
        if method is None and not data.get("trial_end"):
            raise ApiError(400, "This customer has no attached payment source or default payment method.")
        if default_payment_method and self.get(default_payment_method, "payment_method")["customer"] != holder["id"]:
            raise ApiError(400, "The payment method belongs to another customer.", param="default_payment_method")
        bought = [{"price": self.price_of(item), "quantity": item.get("quantity", 1)} for item in items]
        coupons = [self.coupon_named(entry, bought[0]["price"]["currency"]) for entry in discounts or []]
        return self.subscribe(
            holder["id"],
            bought,
            data,
            method=default_payment_method,
            discounts=[self.redeem(coupon, code, customer=holder["id"]) for coupon, code in coupons],
            automatic_tax=bool(automatic_tax and automatic_tax["enabled"]),
        )

    def subscribe(
        self,
        customer: str,
        items: list[Object],
        data: Object,
        *,
        method: str | None,
        discounts: list[str],
        automatic_tax: bool,
    ) -> Object:
        """Start a subscription and charge its first period, or start its trial."""
        price = items[0]["price"]
        trial_end = self.trial_end_of(data)
        end = trial_end or add_interval(self.now, *_interval(price))
        id = self.new_id("sub")
        subscription = self.put(
            "subscription",
            "sub",
            id=id,
            customer=customer,
            status="trialing" if trial_end else "incomplete",
            application=None,
            application_fee_percent=None,
            currency=price["currency"],
            automatic_tax={"enabled": automatic_tax, "disabled_reason": None, "liability": None},
            billing_cycle_anchor=end if trial_end else self.now,
            billing_mode={"type": "flexible"},
            cancel_at=None,
            cancel_at_period_end=False,
            canceled_at=None,
            cancellation_details={"reason": None, "feedback": None, "comment": None},
            collection_method="charge_automatically",
            default_payment_method=method,
            description=data.get("description"),
            discounts=discounts,
            ended_at=None,
            latest_invoice=None,
            metadata=dict(data.get("metadata") or {}),
            pause_collection=None,
            pending_update=None,
            schedule=None,
            start_date=self.now,
            trial_end=trial_end,
            trial_settings=data.get("trial_settings") or {"end_behavior": {"missing_payment_method": "create_invoice"}},
            trial_start=self.now if trial_end else None,
            items=listed([self._item(id, item, end) for item in items], "/v1/subscription_items"),
        )
        self.anchors[id] = self.now, 1
        self.emit("customer.subscription.created", subscription)
        self.invoice_period(subscription, "subscription_create")
        self.emit("customer.subscription.updated", subscription, {"status": "incomplete"})
        return subscription

    def trial_end_of(self, data: Object) -> int | None:
        """Return when the trial of `subscription_data` ends. Raises ApiError if that is too soon."""
        if "trial_period_days" in data and "trial_end" in data:
            raise ApiError(400, "You may only specify one of these parameters: trial_period_days, trial_end.")
        if days := data.get("trial_period_days"):
            return self.now + int(days) * DAY
        end = data.get("trial_end")
        if end is not None and end < self.now + 2 * DAY:
            raise ApiError(400, "The trial_end date must be at least 2 days in the future.", param="trial_end")
        return end

    def _item(self, subscription: str, item: Object, end: int) -> Object:
        return {
            "id": self.new_id("si"),
            "object": "subscription_item",
            "created": self.now,
            "subscription": subscription,
            "price": item["price"],
            "quantity": item["quantity"],
            "discounts": [],
            "metadata": {},
            "current_period_start": self.now,
            "current_period_end": end,
        }

    def invoice_period(self, subscription: Object, reason: str) -> Object:
        """Invoice the current period of the subscription and collect it."""
        invoice = self.issue(self.period_draft(subscription, subscription["items"]["data"], reason))
        if invoice["subtotal"]:
            self.use_discounts(subscription)
        return self.charge_subscription(subscription, invoice)

    def charge_subscription(self, subscription: Object, invoice: Object) -> Object:
        subscription["latest_invoice"] = invoice["id"]
        self.plan_retries(invoice)
        self.collect(invoice)
        return invoice

    # Changes

    def update_subscription(
        self,
        id: str,
        items: Any = None,
        proration_behavior: str = "create_prorations",
        proration_date: int | None = None,
        payment_behavior: str = "allow_incomplete",
        trial_end: int | str | None = None,
        **data: Any,
    ) -> Object:
        subscription = self.get(id, "subscription")
        if subscription["status"] == "canceled":
            raise ApiError(400, "A canceled subscription can only update its cancellation_details and metadata.")
        previous = {name: subscription.get(name) for name in data}
        if items or trial_end:
            change = self.planned_change(subscription, items or [], proration_behavior, proration_date, trial_end)
            draft = change.draft
            method = data.get("default_payment_method") or self.card_of(subscription["customer"], subscription)
            refused = draft is not None and draft["amount_due"] and not self.chargeable(method)
            if refused and payment_behavior == "error_if_incomplete":
                raise card_declined()
            self._apply(subscription, data)
            self.apply_change(subscription, change)
        else:
            if data.get("cancel_at") and proration_behavior != "none":
                raise NotImplementedError("Stripe would credit the days after `cancel_at`.")
            self._apply(subscription, data)
        self.emit("customer.subscription.updated", subscription, previous)
        return subscription

    def _apply(self, subscription: Object, data: Object) -> None:
        merge_metadata(subscription, data.pop("metadata", None))
        if data.get("cancel_at_period_end") is not None:
            ends = data.pop("cancel_at_period_end")
            subscription["cancel_at_period_end"] = ends
            end = subscription["items"]["data"][0]["current_period_end"]
            subscription["cancel_at"] = end if ends else None
            subscription["canceled_at"] = self.now if ends else None
            reason = "cancellation_requested" if ends else None
            subscription["cancellation_details"]["reason"] = reason
        elif "cancel_at" in data:
            # "" undoes it. Stripe makes an invoice for what is left unless it is told not to.
            subscription["cancel_at"] = data.pop("cancel_at") or None
            subscription["canceled_at"] = self.now if subscription["cancel_at"] else None
            subscription["cancellation_details"]["reason"] = (
                "cancellation_requested" if subscription["cancel_at"] else None
            )
        if (details := data.pop("cancellation_details", None)) is not None:
            subscription["cancellation_details"] |= details
        if (discounts := data.pop("discounts", None)) is not None:
            found = [self.coupon_named(entry, subscription["currency"]) for entry in discounts or []]
            subscription["discounts"] = [
                self.redeem(coupon, code, customer=subscription["customer"], subscription=subscription["id"])
                for coupon, code in found
            ]
        if unknown := set(data) - PLAIN_UPDATES:
            raise NotImplementedError(f"Subscription updates of {unknown}")
        subscription.update({name: value or None for name, value in data.items()})

    def apply_change(self, subscription: Object, change: Any) -> None:
        """Put a planned change into force and collect its invoice."""
        item = subscription["items"]["data"][0]
        item["price"], item["quantity"] = change.price, change.quantity
        if change.trial_end:
            subscription.update(
                status="trialing",
                trial_start=self.now,
                trial_end=change.trial_end,
                billing_cycle_anchor=change.trial_end,
            )
            item["current_period_start"], item["current_period_end"] = self.now, change.trial_end
            self.announced.discard(subscription["id"])
        elif change.restarts:
            subscription.update(status="active", trial_end=None, billing_cycle_anchor=self.now)
            self.anchors[subscription["id"]] = self.now, 1
            item["current_period_start"] = self.now
            item["current_period_end"] = add_interval(self.now, *_interval(item["price"]))
        if change.draft is not None:
            self.charge_subscription(subscription, self.issue(change.draft))

    # End

    def cancel_subscription(self, id: str, cancellation_details: Any = None, **_: Any) -> Object:
        subscription = self.get(id, "subscription")
        if subscription["status"] == "canceled":
            raise ApiError(404, f"No such subscription: '{id}'", code="resource_missing", param="id")
        subscription["cancellation_details"] |= cancellation_details or {}
        return self.end(subscription)

    def cancel_in_dashboard(self, id: str, *, at_period_end: bool = True) -> Object:
        """Cancel as the publisher can in Stripe's dashboard: at the end of the period or at once."""
        with self.lock:
            if at_period_end:
                return self.update_subscription(id, cancel_at_period_end=True)
            return self.cancel_subscription(id)

    def end(self, subscription: Object, reason: str = "cancellation_requested") -> Object:
        subscription.update(status="canceled", ended_at=self.now, canceled_at=subscription["canceled_at"] or self.now)
        subscription["cancellation_details"]["reason"] = reason
        for invoice in self.all("invoice", status="open", customer=subscription["customer"]):
            if subscription_of(invoice) == subscription["id"]:
                self.retries.pop(invoice["id"], None)
                invoice["next_payment_attempt"] = None
        self.emit("customer.subscription.deleted", subscription)
        return subscription


def _interval(price: Object) -> tuple[str, int]:
    return price["recurring"]["interval"], price["recurring"]["interval_count"]
