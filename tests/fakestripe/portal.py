"""The billing portal, where a reader changes the card."""

from typing import Any

from tests.fakestripe.clock import Clock
from tests.fakestripe.payments import EXPIRES
from tests.fakestripe.requests import ApiError
from tests.fakestripe.store import Object

FEATURES = ["customer_update", "invoice_history", "payment_method_update", "subscription_cancel", "subscription_update"]


class Portal(Clock):
    def create_portal_configuration(self, features: Any, **data: Any) -> Object:
        all_features = {name: {"enabled": False} | features.get(name, {}) for name in FEATURES}
        defaults = {"active": True, "is_default": False, "default_return_url": None, "name": None}
        defaults |= {"business_profile": {"headline": None}, "login_page": {"enabled": False}}
        return self.put(
            "billing_portal.configuration", "bpc", **defaults | data, features=all_features, updated=self.now
        )

    def create_portal_session(
        self, customer: str | None = None, configuration: str | None = None, **data: Any
    ) -> Object:
        self.get(customer or "", "customer")
        if configuration is None:
            raise ApiError(400, "You can't create a portal session without a configuration in test mode.")
        if not self.get(configuration, "billing_portal.configuration")["active"]:
            raise ApiError(400, "The configuration is inactive.", param="configuration")
        data.pop("flow_data", None)
        session = self.put(
            "billing_portal.session",
            "bps",
            **{"return_url": None, "locale": None, "flow": None} | data,
            configuration=configuration,
            customer=customer,
        )
        session["url"] = f"{self.base_url}/portal/{session['id']}"
        return session

    def change_card(self, customer: str, card: str, *, expires: tuple[int, int] = EXPIRES) -> bool:
        """Change the card on the portal page and retry open invoices. Returns whether nothing is owed any more."""
        with self.lock:
            self.use_card(customer, card, expires=expires)
            paid = [self.pay_open(invoice["id"]) for invoice in self.open_invoices(customer)]
            return all(paid)

    def open_invoices(self, customer: str) -> list[Object]:
        return self.all("invoice", customer=customer, status="open")

    def pay_open(self, invoice: str, card: str = "") -> bool:
        """Pay an open invoice on its hosted page, with a new card if one is given."""
        with self.lock:
            if card:
                self.use_card(self.get(invoice)["customer"], card)
            try:
                self.pay_invoice(invoice)
            except ApiError:
                return False
            return True

    def create_webhook_endpoint(self, url: str, enabled_events: list[str], **data: Any) -> Object:
        defaults = {"application": None, "description": None, "status": "enabled"}
        return self.put("webhook_endpoint", "we", **defaults | data, url=url, enabled_events=list(enabled_events))
