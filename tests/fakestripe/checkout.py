"""Checkout sessions, and what the reader does on the hosted page."""

from typing import Any

from tests.fakestripe.payments import charges
from tests.fakestripe.requests import ApiError
from tests.fakestripe.store import DAY, Object, listed
from tests.fakestripe.subscriptions import Subscriptions

EXCLUSIVE = [("allow_promotion_codes", "discounts"), ("customer", "customer_email")]
SHOWN = ["cancel_url", "client_reference_id", "customer_email", "locale", "payment_method_collection", "ui_mode"]
SHOWN += [
    "allow_promotion_codes",
    "billing_address_collection",
    "submit_type",
    "tax_id_collection",
    "consent_collection",
]
# Accepted, and without effect here.
IGNORED = {"custom_text", "invoice_creation", "payment_method_types", "saved_payment_method_options", "expires_at"}


class Checkout(Subscriptions):
    """`carts` keeps what a session will start: items, coupon and data of the subscription or payment."""

    def __init__(self, now: int | None = None, **options: Any) -> None:
        super().__init__(now, **options)
        self.carts: dict[str, Object] = {}

    def create_session(self, mode: str = "payment", line_items: Any = (), **data: Any) -> Object:
        for one, other in EXCLUSIVE:
            if one in data and other in data:
                raise ApiError(400, f"You may only specify one of these parameters: {one}, {other}.")
        if mode != "subscription" and ("subscription_data" in data or "payment_method_collection" in data):
            raise ApiError(400, "subscription_data needs mode=subscription.", param="subscription_data")
        if mode != "payment" and ("payment_intent_data" in data or "invoice_creation" in data):
            raise ApiError(400, "payment_intent_data needs mode=payment.", param="payment_intent_data")
        if "success_url" not in data:
            raise ApiError(400, "Missing required param: success_url.", code="parameter_missing", param="success_url")
        customer = self.get(data["customer"], "customer") if "customer" in data else None
        automatic_tax = data.get("automatic_tax", {}).get("enabled", False)
        if automatic_tax and customer and not customer["address"] and not data.get("customer_update"):
            raise ApiError(
                400,
                "Automatic tax needs an address on the customer, or customer_update[address]=auto.",
                param="customer",
            )
        items = [{"price": self.price_of(line), "quantity": line.get("quantity", 1)} for line in line_items]
        self._check_items(mode, items)
        currency = items[0]["price"]["currency"]
        coupons = [self.coupon_named(entry, currency) for entry in data.get("discounts", [])]
        subscription_data = data.get("subscription_data", {})
        trial = bool(self.trial_end_of(subscription_data))
        session = self.put(
            "checkout.session",
            "cs_live" if self.livemode else "cs_test",
            mode=mode,
            status="open",
            payment_status="unpaid",
            currency=currency,
            customer=customer["id"] if customer else None,
            customer_details=None,
            automatic_tax={"enabled": automatic_tax, "liability": None, "provider": None, "status": None},
            discounts=[{"coupon": coupon["id"], "promotion_code": code and code["id"]} for coupon, code in coupons],
            expires_at=data.get("expires_at", self.now + DAY),
            invoice=None,
            line_items=listed([self._line(item) for item in items]),
            metadata=data.get("metadata", {}),
            payment_intent=None,
            setup_intent=None,
            subscription=None,
            success_url=data["success_url"],
            **{name: data.get(name) for name in SHOWN},
        )
        session["url"] = f"{self.base_url}/pay/{session['id']}"
        known = {*session, *IGNORED, "subscription_data", "payment_intent_data", "customer_update"}
        if unknown := set(data) - known:
            raise NotImplementedError(f"Checkout sessions with {unknown}")
        self.carts[session["id"]] = {"items": items, "coupons": coupons, "trial": trial, **data}
        self._total(session)
        return session

    def _check_items(self, mode: str, items: list[Object]) -> None:
        if not items:
            raise ApiError(400, "Missing required param: line_items.", code="parameter_missing", param="line_items")
        if len({item["price"]["currency"] for item in items}) > 1:
            raise ApiError(400, "All prices must have the same currency.", param="line_items")
        if any(bool(item["price"]["recurring"]) != (mode == "subscription") for item in items):
            raise ApiError(400, f"Prices with `recurring` don't go with mode={mode}.", param="line_items")

    def _line(self, item: Object) -> Object:
        amount = item["price"]["unit_amount"] * item["quantity"]
        return {
            "id": self.new_id("li"),
            "object": "item",
            "amount_subtotal": amount,
            "amount_total": amount,
            "amount_discount": 0,
            "amount_tax": 0,
            "currency": item["price"]["currency"],
            "description": None,
            "price": item["price"],
            "quantity": item["quantity"],
        }

    def _total(self, session: Object) -> None:
        """Recompute the amounts that the page shows."""
        cart = self.carts[session["id"]]
        price = cart["items"][0]["price"]
        subtotal = sum(item["price"]["unit_amount"] * item["quantity"] for item in cart["items"])
        subtotal = 0 if cart["trial"] else subtotal
        off = 0
        for coupon, _ in cart["coupons"]:
            off += min(subtotal, coupon["amount_off"] or round(subtotal * coupon["percent_off"] / 100))
        address = (session["customer_details"] or {}).get("address")
        automatic = session["automatic_tax"]["enabled"]
        tax, inclusive = self.tax_on(subtotal - off, price, automatic=automatic, address=address)
        session["amount_subtotal"] = subtotal
        session["amount_total"] = subtotal - off + (0 if inclusive else tax)
        session["total_details"] = {"amount_discount": off, "amount_shipping": 0, "amount_tax": tax}

    def expire_session(self, id: str) -> Object:
        session = self.get(id, "checkout.session")
        if session["status"] != "open":
            text = f"Only Checkout Sessions with a status of open can be expired. This one is {session['status']}."
            raise ApiError(400, text)
        self.expire(session)
        return session

    def expire(self, session: Object) -> None:
        session.update(status="expired", url=None)
        self.emit("checkout.session.expired", session)

    # The reader

    def pay(
        self,
        session_id: str,
        *,
        card: str = "pm_card_visa",
        email: str = "reader@example.com",
        country: str = "DE",
        promotion_code: str = "",
    ) -> str:
        """Fill in the hosted page and press Pay. Returns "paid", "declined" or what the page complains about.

        A declined card leaves the session open. Raises ApiError if the session isn't open.
        """
        with self.lock:
            session = self.get(session_id, "checkout.session")
            if session["status"] != "open":
                raise ApiError(400, f"This Checkout Session is {session['status']}.")
            cart = self.carts[session_id]
            if promotion_code and (complaint := self._enter_code(session, promotion_code)):
                return complaint
            for coupon, code in cart["coupons"]:
                self.check_coupon(coupon, session["currency"], code)
            needs_card = session["amount_total"] or session["payment_method_collection"] != "if_required"
            if needs_card and not charges(card):
                return "declined"
            customer = session["customer"] or self._new_customer(session, email)
            self._keep_address(session, customer, country)
            self._total(session)
            # One-off payments don't save the card.
            method = self.new_card(customer, card)["id"] if needs_card else None
            discounts = [self.redeem(coupon, code, customer=customer) for coupon, code in cart["coupons"]]
            if session["mode"] == "subscription":
                self._subscribe(session, method, discounts)
            else:
                self._pay_once(session, method, discounts)
            paid = "paid" if session["amount_total"] else "no_payment_required"
            session.update(status="complete", url=None, payment_status=paid)
            self.emit("checkout.session.completed", session)
            return "paid"

    def _enter_code(self, session: Object, text: str) -> str:
        if not session["allow_promotion_codes"]:
            return "promotion codes aren't accepted"
        found = [code for code in self.all("promotion_code", active=True) if code["code"].lower() == text.lower()]
        if not found:
            return "promotion code invalid"
        self.carts[session["id"]]["coupons"] = [
            self.coupon_named({"promotion_code": found[0]["id"]}, session["currency"])
        ]
        self._total(session)
        return ""

    def _new_customer(self, session: Object, email: str) -> str:
        customer = self.create_customer(email=session["customer_email"] or email)
        session["customer"] = customer["id"]
        return customer["id"]

    def _keep_address(self, session: Object, customer: str, country: str) -> None:
        holder = self.get(customer, "customer")
        if self.carts[session["id"]].get("customer_update", {}).get("address") == "auto" or not holder["address"]:
            holder["address"] = {"country": country}
        session["customer_details"] = {
            "email": holder["email"],
            "address": {"country": country},
            "name": holder["name"],
        }

    def _subscribe(self, session: Object, method: str | None, discounts: list[str]) -> None:
        cart = self.carts[session["id"]]
        subscription = self.subscribe(
            session["customer"],
            cart["items"],
            cart.get("subscription_data", {}),
            method=method,
            discounts=discounts,
            automatic_tax=session["automatic_tax"]["enabled"],
        )
        session["subscription"], session["invoice"] = subscription["id"], subscription["latest_invoice"]

    def _pay_once(self, session: Object, method: str | None, discounts: list[str]) -> None:
        cart, metadata = self.carts[session["id"]], {}
        metadata = cart.get("payment_intent_data", {}).get("metadata", {})
        if session["amount_total"]:
            intent = self.charge(
                session["customer"], session["amount_total"], session["currency"], method=method, metadata=metadata
            )
            session["payment_intent"] = intent["id"]

    def create_customer(self, **data: Any) -> Object:
        defaults: Object = {"email": None, "name": None, "address": None, "balance": 0, "currency": None}
        defaults |= {"invoice_settings": {"default_payment_method": None}, "delinquent": False, "phone": None}
        defaults |= {"tax_ids": listed([])}
        customer = self.put("customer", "cus", **defaults | data)
        self.emit("customer.created", customer)
        return customer
