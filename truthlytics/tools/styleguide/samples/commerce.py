"""Samples of the gate, plans, cart, orders and account, with very long amounts."""

from typing import Any

from django.contrib.auth.models import AnonymousUser

from subscriptions.models import Cart, CartLine, Coupon, Order, OrderLine, Plan, Price, Tier, User
from subscriptions.money import Money
from subscriptions.offers import PriceOffer
from subscriptions.services.checkout import CannotOrder
from subscriptions.services.terms import Terms
from subscriptions.transfers import Transfer
from subscriptions.visitor_cart import CartSummary
from truthlytics.publication.effective_settings import BankAccount
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content
from truthlytics.tools.styleguide.samples.accounts import accounts
from truthlytics.web.types import TemplateContext

HERE = "admin/styles"


def plan(name: str = "Reader", level: int = 10, pk: int = 1, **fields: object) -> Plan:
    benefits = f"All articles in full, with footnotes\nCommenting\n{content.STANDFIRST}"
    return Plan(pk=pk, name=name, tier=Tier(name=name, level=level, benefits=benefits), **fields)


def price(minor: int = 900, currency: str = "EUR", interval: str = "month", count: int = 1, **fields: object) -> Price:
    return Price(pk=1, minor=minor, currency=currency, interval=interval, count=count, **{"plan": plan(), **fields})


def gates() -> list[Sample]:
    monthly, yearly = price(), price(9000, interval="year")
    supporter = price(1234567890, "KWD", plan=plan("Supporter of our long and unfinished work", 20))
    cases: dict[str, dict[str, object]] = {
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
        Sample("Empty", "subscriptions/_mini_cart.html", {"cart": CartSummary(), "panel": "cart-empty"}),
        Sample("With a plan", "subscriptions/_mini_cart.html", {"cart": full, "panel": "cart-full"}),
    ]


class Method:
    def __init__(self, code: str, label: str, *, renews: bool) -> None:
        self.code, self.label, self.renews = code, label, renews


CARD, TRANSFER = Method("card", "Card", renews=True), Method("manual", "Bank transfer", renews=False)


def carts() -> list[Sample]:
    def terms(offer: Price, method: Any, **fields: Any) -> Terms:
        return Terms(method, offer, "subscription", Money(0, offer.currency), **fields)

    def cart(quoted: int, offer: Price, *offered: Terms, **fields: object) -> TemplateContext:
        line = CartLine(cart=Cart(), price=offer, quoted_minor=quoted)
        return {"line": line, "user": AnonymousUser(), "offered": offered, "chosen": "card", **fields}

    expensive = price(999999999900, "USD", "year", plan=plan(content.UNBROKEN_TEXT[:60]))
    archived = price(archived_at=content.PUBLISHED)
    coupon = Coupon(code=content.UNBROKEN_TEXT[:40].upper(), percent=25)
    later = (terms(price(), CARD, runs_until=content.PUBLISHED), terms(price(), TRANSFER, runs_until=content.PUBLISHED))
    both = (terms(price(), CARD, trial_days=14), terms(price(), TRANSFER, trial_days=14))
    cases = {
        "A very large amount": cart(
            expensive.minor, expensive, terms(expensive, TRANSFER), due_now=Money(expensive.minor, "USD")
        ),
        "Two payment methods and a free trial": cart(900, price(), *both, due_now=Money(0, "EUR"), trial_days=14),
        "What is due depends on the payment method": cart(900, price(), *later, due_now=None),
        "With a coupon": cart(
            900, price(), terms(price(), CARD), coupon=coupon, discount=Money(225, "EUR"), due_now=Money(675, "EUR")
        ),
        "Coupon that can’t be used": cart(
            900, price(), terms(price(), CARD), coupon_error="The coupon SPRING25 has expired.", typed="SPRING25"
        ),
        "The price has changed": cart(800, price()),
        "No longer sold": cart(900, archived, successor=None),
        "The subscription renews": cart(
            900, price(), blocked=CannotOrder("renews", "Your subscription renews automatically.")
        ),
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
    elsewhere = {"checkout_ref": "ref", "checkout_url": "https://pay.example/"}
    cases: dict[str, dict[str, object]] = {
        "Paid": {"order": order(status="paid", paid_at=content.PUBLISHED)},
        "To be paid": {"order": order(**elsewhere), "site": "Example"},
        "Back from the payment page": {"order": order(**elsewhere), "returned": True},
        "Being confirmed": {"order": order(checkout_url="/"), "last_payment": {"status": "processing"}},
        "Declined": {"order": order(checkout_url="/"), "last_payment": {"status": "failed"}},
        "Payment page expired": {"order": order(attempt=2)},
        "Payment service unavailable": {"order": order(**elsewhere), "provider_failed": True},
        "Cancelled": {"order": order(status="cancelled")},
    }
    return [
        Sample(title, "subscriptions/order.html", {"user": reader, "lines": lines, **context})
        for title, context in cases.items()
    ]


def transfers() -> list[Sample]:
    """A transfer in euros, which has a QR code, and one in another currency, which has none."""
    account = BankAccount(content.UNBROKEN_TEXT[:70], "MT84 MALT 0110 0001 2345 MTLC AST0 01S", "MALTMTMT")
    cases = {"In euros": ("EUR", 900), "In another currency": ("KWD", 1234567890)}
    return [
        Sample(title, "subscriptions/_transfer.html", {"transfer": Transfer(order, account, content.PUBLISHED, "")})
        for title, order in (
            (title, Order(number="2026-00042", total_minor=minor, currency=currency))
            for title, (currency, minor) in cases.items()
        )
    ]


SAMPLES = {
    "gate": gates,
    "mini-cart": mini_carts,
    "next-steps": lambda: [Sample("After paying", "subscriptions/_next_steps.html")],
    "plans": plans,
    "ledger": carts,
    "panel": panels,
    "transfer": transfers,
}
