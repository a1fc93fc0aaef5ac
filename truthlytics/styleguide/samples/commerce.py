"""The gate in each of its states, plans, cart, orders and account, with sums that are hard to set."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import AnonymousUser

from subscriptions.models import Cart, CartLine, Order, OrderLine, Plan, Price, Subscription, Tier, User
from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import hard

HERE = "admin/styles"


def plan(name: str = "Reader", level: int = 10, pk: int = 1, **fields: Any) -> Plan:
    gives = f"Every piece in full, with its notes\nYour voice in the conversation\n{hard.STANDFIRST}"
    return Plan(pk=pk, name=name, tier=Tier(name=name, level=level, benefits=gives), **fields)


def price(minor: int = 900, currency: str = "EUR", interval: str = "month", count: int = 1, **fields: Any) -> Price:
    return Price(pk=1, minor=minor, currency=currency, interval=interval, count=count, **{"plan": plan(), **fields})


def gates() -> list[Sample]:
    monthly, yearly = price(), price(9000, interval="year")
    supporter = price(1234567890, "KWD", plan=plan("Supporter of the long and unfinished work", 20))
    cases: dict[str, dict[str, Any]] = {
        "For a stranger": {"reason": "subscribe", "offers": [monthly, yearly]},
        "For somebody without a plan": {"reason": "subscribe", "offers": [monthly, yearly], "known": True, "level": 1},
        "For a subscriber, where a supporter's plan is asked": {
            "reason": "subscribe", "offers": [supporter], "known": True, "level": 10,
        },
        "Nothing on sale": {"reason": "subscribe", "offers": []},
        "For registered readers": {"reason": "register"},
        "For a reader whose address is not confirmed": {"reason": "register", "known": True},
    }  # fmt: skip
    piece = {"free": f"{hard.STANDFIRST} " * 3, "read": 3210, "words": 10987, "next_url": "/"}
    return [
        Sample(title, f"{HERE}/gate.html", {**piece, "known": False, "level": 0, **one}) for title, one in cases.items()
    ]


def plans() -> list[Sample]:
    page = "subscriptions/plans.html"
    offers = [
        (plan(summary="Everything we publish."), [price(), price(9000, interval="year")]),
        (plan("With a summary that is long", summary=hard.STANDFIRST), [price(123456789012, "KWD", "year")]),
        (
            plan("Maximiliane", 20),
            [price(99999999900, "USD"), price(900, "JPY", "month", 3), price(1, "EUR", "year", 2)],
        ),
    ]
    shared = {"currencies": ["EUR", "USD"], "currency": "EUR"}
    return [
        Sample("Three plans", page, {"offers": offers, **shared}),
        Sample("Four plans", page, {"offers": [*offers, (plan("Household"), [price(1400)])], **shared}),
        Sample("Nothing on sale", page, {"offers": [], "currencies": [], "currency": "EUR"}),
    ]  # fmt: skip


def carts() -> list[Sample]:
    def cart(quoted: int, one: Price, **fields: Any) -> dict[str, Any]:
        line = CartLine(cart=Cart(), price=one, quoted_minor=quoted)
        return {"line": line, "consent": hard.STANDFIRST, "user": AnonymousUser(), "providers": [], **fields}

    two = [{"code": "a", "label": "Card"}, {"code": "b", "label": "Bank transfer"}]
    huge = price(999999999900, "USD", "year", plan=plan(hard.UNBROKEN[:60]))
    gone = price(archived_at=hard.PUBLISHED)
    cases = {
        "A very large sum": cart(huge.minor, huge, providers=[{"code": "transfer", "label": "Bank transfer"}]),
        "Two ways to pay": cart(900, price(), providers=two, chosen="a"),
        "The price has changed": cart(800, price()),
        "No longer sold": cart(900, gone, successor=None),
        "Empty": {"line": None},
        "Empty, and refused": {"line": None, "refusal": "This price is no longer offered.", "code": "gone"},
    }  # fmt: skip
    return [Sample(title, "subscriptions/cart.html", one) for title, one in cases.items()]


def panels() -> list[Sample]:
    reader = User(pk=1, display_name=hard.UNBROKEN[:60], email=f"{hard.UNBROKEN[:50]}@example.org".lower())
    end = hard.PUBLISHED + timedelta(days=300)
    running = Subscription(user=reader, price=price(), period_start=hard.PUBLISHED, period_end=end)
    canceled = Subscription(user=reader, price=price(), period_start=hard.PUBLISHED, period_end=end, cancel_at=end)
    accounts = {
        "A running subscription": {"subscription": running},
        "Cancelled": {"subscription": canceled},
        "Nothing": {},
    }
    found = [Sample(title, "subscriptions/account.html", {"user": reader, **one}) for title, one in accounts.items()]
    return found + orders(reader)


def orders(reader: User) -> list[Sample]:
    def order(**fields: Any) -> Order:
        given = {"number": "2026-000017", "currency": "USD", "total_minor": 999999999900, "provider": "demo"}
        return Order(user=reader, cart=Cart(), placed_at=hard.PUBLISHED, consent_text=hard.STANDFIRST, **given | fields)

    lines = [OrderLine(description="Reader, yearly", total_minor=999999999900, currency="USD")]
    cases: dict[str, dict[str, Any]] = {
        "Paid": {"order": order(status="paid", paid_at=hard.PUBLISHED)},
        "Being confirmed": {"order": order(), "last": {"status": "processing"}},
        "Declined": {"order": order(checkout_url="/"), "last": {"status": "failed"}},
        "The payment page does not answer": {"order": order(), "trouble": True},
    }
    return [
        Sample(title, "subscriptions/order.html", {"user": reader, "lines": lines, **one})
        for title, one in cases.items()
    ]


MAKERS = {"gate": gates, "plans": plans, "ledger": carts, "panel": panels}
