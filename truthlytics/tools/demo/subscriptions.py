"""Subscriptions of the demo: what readers did in the past months, through the services, with the clock turned back."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from unittest import mock

from django.utils import timezone

from subscriptions.models import Coupon, Gift, Grant, Order, Payment, Price, Subscription, User
from subscriptions.money import Money
from subscriptions.periods import add_intervals
from subscriptions.services import cart, checkout, gift_orders, gifts, lifecycle, refunds
from subscriptions.services.sync import mark_paid, sync_order, sync_subscription
from truthlytics.tools.demo.accounts import ACCOUNTS
from truthlytics.tools.demo.comments import NOTE
from truthlytics.tools.demo.provider import Demo
from truthlytics.web.types import Content

# Long enough after a date for what was due on it.
SOON = timedelta(minutes=5)
UNPAID_AFTER = timedelta(days=15)

Event = tuple[datetime, Callable[[], None]]


def load_subscriptions(content: Content, users: Mapping[str, User], now: datetime) -> None:
    """Let everything that `subscriptions.toml` names happen, in the order in which it happened.

    Call it outside a transaction, as payment providers are called.
    """
    for coupon in content["coupons"]:
        Coupon.objects.create(**coupon)
    events: list[Event] = []
    for fields in content["subscriptions"]:
        events += Story(users[fields["by"]], fields, now).events()
    for fields in content["gifts"]:
        at = now - timedelta(days=fields["days"])
        events.append((at, partial(give, users[fields["by"]], users.get(fields.get("redeemed_by", "")), fields, at)))
    for at, happen in sorted(events, key=lambda event: event[0]):
        with clock_at(at):
            happen()
    # Readers needed access to write their comments; what they have paid for replaces it.
    Grant.objects.filter(note=NOTE).delete()


@contextmanager
def clock_at(moment: datetime) -> Iterator[None]:
    with mock.patch.object(timezone, "now", lambda: moment):
        yield


def skip_ahead_page() -> str:
    """Return the path of the page where the demo subscriber skips ahead, "" if nothing renews any more."""
    live = Subscription.objects.renewed_by_provider().filter(user__email=ACCOUNTS["subscriber"][0], provider=Demo.code)
    subscription = live.first()
    return Demo().manage_url(subscription, back="") if subscription is not None else ""


def price_of(fields: Content) -> Price:
    return Price.objects.current().get(plan__slug=fields["plan"], interval=fields["interval"], currency="EUR")


@dataclass(frozen=True, slots=True)
class Story:
    """A reader's subscription, as `subscriptions.toml` tells it."""

    user: User
    fields: Content
    now: datetime

    @property
    def start(self) -> datetime:
        return self.now - timedelta(days=self.fields["days"])

    def events(self) -> Iterator[Event]:
        yield self.start, self.order
        if self.fields.get("provider") == "manual":
            return
        declined = self.fields.get("declines")
        first = self.start + timedelta(days=price_of(self.fields).plan.trial_days)
        for number in count(0 if first > self.start else 1):
            renewal = add_intervals(first, self.fields["interval"], number) + SOON
            if renewal >= self.now or (declined and number > declined):
                break
            yield renewal, partial(self.renew, declines=number == declined)
            if number == declined and renewal + UNPAID_AFTER < self.now:
                yield renewal + UNPAID_AFTER, self.renew
        if days := self.fields.get("cancels"):
            yield self.now - timedelta(days=days), self.cancel
        if minor := self.fields.get("refund"):
            yield self.now - timedelta(days=1), partial(self.refund, minor)

    def order(self) -> None:
        address = f"/articles/{self.fields['from']}/" if "from" in self.fields else ""
        basket = cart.add(price=price_of(self.fields), token="", user=self.user, back_to=address)
        if code := self.fields.get("coupon"):
            cart.set_coupon(cart=basket, coupon=Coupon.objects.get(code=code))
        provider = self.fields.get("provider", Demo.code)
        order = checkout.place_and_start(
            user=self.user, provider=provider, confirmed="", now=self.start, agrees_to_start=True
        )
        if provider == Demo.code:
            pay(order)
        elif self.fields.get("paid", True):
            mark_paid(order=order, by="Demo")

    def renew(self, *, declines: bool = False) -> None:
        live = Subscription.objects.renewed_by_provider().filter(user=self.user).first()
        if live is not None:
            if declines:
                Demo().set_card(live.provider_ref, declines=True)
            sync_subscription(live.provider, live.provider_ref)
        lifecycle.end_due(timezone.now(), user=self.user)

    def cancel(self) -> None:
        lifecycle.cancel(subscription=Subscription.objects.live().get(user=self.user), now=timezone.now())

    def refund(self, minor: int) -> None:
        payment = Payment.objects.filter(user=self.user).latest("pk")
        refunds.refund(payment=payment, amount=Money(minor, payment.currency), by="Edith Marlowe", reason="Goodwill")


def pay(order: Order) -> None:
    Demo().pay(order.checkout_ref)
    sync_order(order)


def give(giver: User, redeemed_by: User | None, fields: Content, at: datetime) -> None:
    details = gift_orders.GiftDetails(
        price=price_of(fields),
        deliver_at=at,
        giver_name=giver.display_name,
        recipient_name=fields["recipient"],
        message=fields["message"],
    )
    order = gift_orders.place_and_start(user=giver, details=details, provider=Demo.code, now=at, agrees_to_start=True)
    pay(order)
    if redeemed_by is not None:
        gifts.redeem(code=Gift.objects.get(order=order).code, user=redeemed_by, now=at)
