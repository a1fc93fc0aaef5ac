"""Samples of gift subscriptions, with very long names and messages."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser

from subscriptions.models import Gift, Order, Plan, Price, Tier, User
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content

NAME = content.UNBROKEN_TEXT[:60]
LATER = content.PUBLISHED + timedelta(days=366)
GIVER = User(pk=1, display_name=NAME, email=f"{NAME[:40]}@example.org".lower(), verified_at=content.PUBLISHED)


def price(name: str = "Reader", minor: int = 9000, interval: str = "year") -> Price:
    tier = Tier(name=name, level=10, benefits=f"All articles in full\n{content.STANDFIRST}")
    return Price(minor=minor, currency="USD", interval=interval, count=1, plan=Plan(name=name, tier=tier))


def gift(**fields: object) -> Gift:
    order = Order(user=GIVER, number="2026-000017", status="paid", kind="gift")
    dates = {"deliver_at": content.PUBLISHED, "redeem_by": LATER}
    return Gift(order=order, price=price(NAME), code="code", **dates | fields)


def gifts() -> list[Sample]:
    page, anonymous = "subscriptions/redeem.html", AnonymousUser()
    full = gift(giver_name=NAME, recipient_name=NAME, message=f"{content.STANDFIRST}\n\n{content.UNBROKEN_TEXT}")
    over = gift(giver_name="Ada", redeem_by=content.PUBLISHED)
    prices = [price(minor=900, interval="month"), price(NAME, 999999999900)]
    return [
        Sample("Names and a message of great length", page, {"gift": full, "user": GIVER, "is_giver": True}),
        Sample("No names, no message", page, {"gift": gift(), "user": anonymous}),
        Sample("Too late", page, {"gift": over, "user": anonymous, "is_over": True}),
        Sample("Prices", "subscriptions/give.html", {"prices": prices, "providers": ["demo"], "user": anonymous}),
        Sample("After paying", "subscriptions/_paid_gift.html", {"order": full.order, "user": GIVER}),
    ]


SAMPLES = {"gift": gifts}
