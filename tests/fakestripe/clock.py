"""The clock: everything that Stripe does by itself when time passes."""

from collections.abc import Callable

from tests.fakestripe.checkout import Checkout
from tests.fakestripe.invoices import ACTIVE, subscription_of
from tests.fakestripe.store import DAY, Object, add_interval

Due = tuple[int, str, Callable[[], object]]
TRIAL_NOTICE = 3 * DAY
AT_ONCE = DAY // 2


class Clock(Checkout):
    def advance(self, to: int | None = None, *, days: float = 0) -> None:
        """Move the clock, doing in order everything that falls due on the way."""
        with self.lock:
            target = to or int(self.now + days * DAY)
            while due := self._next_due(target):
                for at, id, act in due:
                    # What is done before may have moved it.
                    if any(item[:2] == (at, id) for item in self._due_of(self.objects[id])):
                        # What was due in the past is done now.
                        self.now = max(self.now, at)
                        act()
            self.now = target

    def _next_due(self, target: int) -> list[Due]:
        """Return in order what is due first, and soon after: nothing that is done makes anything else due so soon."""
        due = sorted((item for item in self._all_due() if item[0] <= target), key=lambda item: item[:2])
        return [item for item in due if item[0] < due[0][0] + AT_ONCE]

    def _all_due(self) -> list[Due]:
        waiting = [*self.all("checkout.session", status="open"), *self.all("subscription")]
        waiting += [self.objects[invoice] for invoice in self.retries]
        return [item for obj in waiting for item in self._due_of(obj)]

    def _due_of(self, obj: Object) -> list[Due]:
        """Return what will happen to an object, and when."""
        if obj["object"] == "checkout.session":
            return [(obj["expires_at"], obj["id"], lambda: self.expire(obj))] if obj["status"] == "open" else []
        if obj["object"] == "invoice":
            times = self.retries.get(obj["id"])
            return [(times[0], obj["id"], lambda: self._retry(obj["id"]))] if times else []
        return self._due_of_subscription(obj)

    def _due_of_subscription(self, sub: Object) -> list[Due]:
        if sub["status"] not in ACTIVE and sub["status"] != "unpaid":
            return []
        due: list[Due] = []
        end = sub["items"]["data"][0]["current_period_end"]
        if sub["cancel_at"] and not sub["cancel_at_period_end"] and sub["cancel_at"] < end:
            due.append((sub["cancel_at"], sub["id"], lambda: self.end(sub)))
        if sub["pause_collection"] and sub["pause_collection"]["resumes_at"]:
            due.append((sub["pause_collection"]["resumes_at"], sub["id"], lambda: self._resume(sub)))
        due.append((end, sub["id"], lambda: self._renew(sub)))
        if sub["status"] == "trialing" and sub["id"] not in self.announced:
            due.append((end - TRIAL_NOTICE, sub["id"], lambda: self._trial_will_end(sub)))
        return due

    def _trial_will_end(self, subscription: Object) -> None:
        self.announced.add(subscription["id"])
        self.emit("customer.subscription.trial_will_end", subscription)

    def _resume(self, subscription: Object) -> None:
        subscription["pause_collection"] = None
        self.emit("customer.subscription.updated", subscription)

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
        for renewed in subscription["items"]["data"]:
            renewed["current_period_start"] = add_interval(anchor, interval, done * count)
            renewed["current_period_end"] = add_interval(anchor, interval, (done + 1) * count)
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
