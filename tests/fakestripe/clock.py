"""The clock: everything that Stripe does by itself when time passes."""

from collections.abc import Callable

from tests.fakestripe.checkout import Checkout
from tests.fakestripe.invoices import ACTIVE, subscription_of
from tests.fakestripe.store import DAY, Object, add_interval

Due = tuple[int, str, Callable[[], object]]
TRIAL_NOTICE = 3 * DAY


class Clock(Checkout):
    def advance(self, to: int | None = None, *, days: float = 0) -> None:
        """Move the clock, doing in order everything that falls due on the way."""
        with self.lock:
            target = to or int(self.now + days * DAY)
            while due := self._next_due(target):
                # What was due in the past is done now.
                self.now = max(self.now, due[0])
                due[2]()
            self.now = target

    def _next_due(self, target: int) -> Due | None:
        due = [item for item in self._all_due() if item[0] <= target]
        return min(due, key=lambda item: item[:2]) if due else None

    def _all_due(self) -> list[Due]:
        due: list[Due] = []
        for session in self.all("checkout.session", status="open"):
            due.append((session["expires_at"], session["id"], lambda s=session: self.expire(s)))
        for sub in self.all("subscription"):
            if sub["status"] not in ACTIVE and sub["status"] != "unpaid":
                continue
            end = sub["items"]["data"][0]["current_period_end"]
            if sub["cancel_at"] and not sub["cancel_at_period_end"] and sub["cancel_at"] < end:
                due.append((sub["cancel_at"], sub["id"], lambda s=sub: self.end(s)))
            due.append((end, sub["id"], lambda s=sub: self._renew(s)))
            if sub["status"] == "trialing" and sub["id"] not in self.announced:
                due.append((end - TRIAL_NOTICE, sub["id"], lambda s=sub: self._trial_will_end(s)))
        for invoice, times in self.retries.items():
            if times:
                due.append((times[0], invoice, lambda i=invoice: self._retry(i)))
        return due

    def _trial_will_end(self, subscription: Object) -> None:
        self.announced.add(subscription["id"])
        self.emit("customer.subscription.trial_will_end", subscription)

    def _renew(self, subscription: Object) -> None:
        item = subscription["items"]["data"][0]
        if subscription["cancel_at_period_end"]:
            self.end(subscription)
            return
        anchor, done = self.anchors[subscription["id"]]
        ended_trial = subscription["status"] == "trialing"
        if ended_trial:
            behaviour = subscription["trial_settings"]["end_behavior"]["missing_payment_method"]
            if behaviour == "cancel" and not self.card_of(subscription["customer"], subscription):
                self.end(subscription)
                return
            anchor, done = subscription["trial_end"], 0
            subscription["status"] = "active"
        interval, count = item["price"]["recurring"]["interval"], item["price"]["recurring"]["interval_count"]
        item["current_period_start"] = add_interval(anchor, interval, done * count)
        item["current_period_end"] = add_interval(anchor, interval, (done + 1) * count)
        self.anchors[subscription["id"]] = anchor, done + 1
        if subscription["status"] == "unpaid" or subscription["pause_collection"]:
            # Stripe goes on making drafts that it doesn't collect.
            self.emit("customer.subscription.updated", subscription)
            return
        self.invoice_period(subscription, "subscription_cycle")
        self.emit("customer.subscription.updated", subscription, {"status": "trialing"} if ended_trial else None)

    def _retry(self, invoice_id: str) -> None:
        self.retries[invoice_id].pop(0)
        invoice = self.get(invoice_id, "invoice")
        subscription = self.get(subscription_of(invoice) or "", "subscription")
        if invoice["status"] != "open" or self.collect(invoice) or self.retries[invoice_id]:
            if invoice["status"] == "paid":
                self.emit("customer.subscription.updated", subscription)
            return
        if self.on_exhausted == "canceled":
            self.end(subscription, reason="payment_failed")
        else:
            subscription["status"] = "unpaid"
            self.emit("customer.subscription.updated", subscription)
