"""Samples of the gate, plans, cart, orders and account, with very long amounts."""

from typing import Any

from django.contrib.auth.models import AnonymousUser

from subscriptions.models import Cart, CartLine, Order, OrderLine, Plan, Price, Tier, User
from subscriptions.money import Money
from subscriptions.offers import PriceOffer
from subscriptions.visitor_cart import CartSummary
from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import content
from truthlytics.styleguide.samples.accounts import accounts

HERE = "admin/styles"


def plan(name: str = "Reader", level: int = 10, pk: int = 1, **fields: Any) -> Plan:
    benefits = f"All articles in full, with footnotes\nCommenting\n{content.STANDFIRST}"
    return Plan(pk=pk, name=name, tier=Tier(name=name, level=level, benefits=benefits), **fields)


def price(minor: int = 900, currency: str = "EUR", interval: str = "month", count: int = 1, **fields: Any) -> Price:
    return Price(pk=1, minor=minor, currency=currency, interval=interval, count=count, **{"plan": plan(), **fields})


def gates() -> list[Sample]:
    monthly, yearly = price(), price(9000, interval="year")
    supporter = price(1234567890, "KWD", plan=plan("Supporter of our long and unfinished work", 20))
    cases: dict[str, dict[str, Any]] = {
        "Logged out": {"reason": "subscribe", "offers": [monthly, yearly]},
        "Registered, without a subscription": {
            "reason": "subscribe",
            "offers": [monthly, yearly],
            "known": True,
            "level": 1,
        },
        "Subscriber, article for supporters": {
            "reason": "subscribe",
            "offers": [supporter],
            "known": True,
            "level": 10,
        },
        "No plans on sale": {"reason": "subscribe", "offers": []},
        "Article for registered readers": {"reason": "register"},
        "Email address not confirmed": {"reason": "register", "known": True},
    }
    defaults = {"free": f"{content.STANDFIRST} " * 3, "read": 3210, "words": 10987, "next_url": "/"}
    return [
        Sample(title, f"{HERE}/gate.html", {**defaults, "known": False, "level": 0, **context})
        for title, context in cases.items()
    ]


def plans() -> list[Sample]:
    page = "subscriptions/plans.html"

    def priced(*prices: Price) -> list[PriceOffer]:
        return [PriceOffer(price, None, is_recommended=False) for price in prices]

    yearly = PriceOffer(price(9000, interval="year"), Money(1800, "EUR"), is_recommended=True)
    offers = [
        (plan(summary="Everything we publish."), [yearly, *priced(price())]),
        (plan("With a long summary", summary=content.STANDFIRST), priced(price(123456789012, "KWD", "year"))),
        (
            plan("Maximiliane", 20),
            priced(price(99999999900, "USD"), price(900, "JPY", "month", 3), price(1, "EUR", "year", 2)),
        ),
    ]
    shared = {"currencies": ["EUR", "USD"], "currency": "EUR"}
    return [
        Sample("Three plans", page, {"offers": offers, **shared}),
        Sample("Four plans", page, {"offers": [*offers, (plan("Household"), priced(price(1400)))], **shared}),
        Sample("No plans on sale", page, {"offers": [], "currencies": [], "currency": "EUR"}),
    ]


def mini_carts() -> list[Sample]:
    full = CartSummary(price(plan=plan(content.UNBROKEN_TEXT[:60])).description, "KWD\N{NO-BREAK SPACE}999,999.000")
    return [
        Sample("Empty", "subscriptions/_mini_cart.html", {"cart": CartSummary()}),
        Sample("With a plan", "subscriptions/_mini_cart.html", {"cart": full}),
    ]


def carts() -> list[Sample]:
    def cart(quoted: int, offer: Price, **fields: Any) -> dict[str, Any]:
        line = CartLine(cart=Cart(), price=offer, quoted_minor=quoted)
        return {"line": line, "consent": content.STANDFIRST, "user": AnonymousUser(), "providers": [], **fields}

    two_methods = [{"code": "a", "label": "Card"}, {"code": "b", "label": "Bank transfer"}]
    expensive = price(999999999900, "USD", "year", plan=plan(content.UNBROKEN_TEXT[:60]))
    archived = price(archived_at=content.PUBLISHED)
    cases = {
        "A very large amount": cart(
            expensive.minor, expensive, providers=[{"code": "transfer", "label": "Bank transfer"}]
        ),
        "Two payment methods": cart(900, price(), providers=two_methods, chosen="a"),
        "The price has changed": cart(800, price()),
        "No longer sold": cart(900, archived, successor=None),
        "Empty": {"line": None},
        "Empty, with an error": {"line": None, "refusal": "This price is no longer offered.", "code": "gone"},
    }
    return [Sample(title, "subscriptions/cart.html", context) for title, context in cases.items()]


def panels() -> list[Sample]:
    reader = User(
        pk=1, display_name=content.UNBROKEN_TEXT[:60], email=f"{content.UNBROKEN_TEXT[:50]}@example.org".lower()
    )
    return accounts() + orders(reader)


def orders(reader: User) -> list[Sample]:
    def order(**fields: Any) -> Order:
        defaults = {"number": "2026-000017", "currency": "USD", "total_minor": 999999999900, "provider": "demo"}
        return Order(
            user=reader, cart=Cart(), placed_at=content.PUBLISHED, consent_text=content.STANDFIRST, **defaults | fields
        )

    lines = [OrderLine(description="Reader, yearly", total_minor=999999999900, currency="USD")]
    cases: dict[str, dict[str, Any]] = {
        "Paid": {"order": order(status="paid", paid_at=content.PUBLISHED)},
        "Being confirmed": {"order": order(), "last": {"status": "processing"}},
        "Declined": {"order": order(checkout_url="/"), "last": {"status": "failed"}},
        "Payment page unavailable": {"order": order(), "trouble": True},
    }
    return [
        Sample(title, "subscriptions/order.html", {"user": reader, "lines": lines, **context})
        for title, context in cases.items()
    ]


SAMPLES = {
    "gate": gates,
    "mini-cart": mini_carts,
    "next-steps": lambda: [Sample("After paying", "subscriptions/_next_steps.html")],
    "plans": plans,
    "ledger": carts,
    "panel": panels,
}
