"""Samples of the account page, changes of plan, cancellation and invoices, with very long names and amounts."""

from datetime import timedelta
from uuid import UUID

from subscriptions.forms.cancellation import CancelForm, ReasonForm
from subscriptions.invoices.sheet import sheet_of
from subscriptions.models import Order, Payment, Plan, Price, Receipt, Subscription, Tier, User
from subscriptions.money import Money
from subscriptions.providers.base import ChangePreview
from subscriptions.services.plan_change import Option
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content
from truthlytics.web.types import JsonObject

START, END = content.PUBLISHED, content.PUBLISHED + timedelta(days=300)
ID = UUID(int=1)


def price(pk: int = 1, name: str = "Reader", minor: int = 900, interval: str = "month") -> Price:
    plan = Plan(pk=pk, name=name, tier=Tier(name=name, level=10))
    return Price(pk=pk, plan=plan, minor=minor, currency="USD", interval=interval, count=1)


def reader() -> User:
    name = content.UNBROKEN_TEXT
    return User(pk=1, display_name=name[:60], email=f"{name[:50]}@example.org".lower(), verified_at=START)


def subscription(**fields: object) -> Subscription:
    defaults = {"provider": "stripe", "provider_ref": "sub", "status": "active", "card": "Visa ending 4242"}
    span = {"anchor": START, "period_start": START, "period_end": END}
    return Subscription(user=reader(), **{"price": price()} | defaults | span | fields)


def payment(**fields: object) -> Payment:
    amount = {"minor": 999999999900, "currency": "USD", "description": f"{content.UNBROKEN_TEXT[:60]}, yearly"}
    row = Payment(pk=1, uuid=ID, provider="stripe", recorded_at=START, paid_at=START, **amount | fields)
    row.own_receipts = [receipt()] if row.status == "succeeded" else []
    return row


def receipt(**changes: str) -> Receipt:
    amount = str(Money(999999999900, "USD"))
    snapshot = {
        "publication": "The Harbour Review", "publisher": f"{content.UNBROKEN_TEXT[:60]} Ltd",
        "address": "1 Quay Street\nPortside", "tax_id": "VAT ID GB123456789", "contact": "desk@harbour.example",
        "name": content.UNBROKEN_TEXT[:60], "email": reader().email, "item": f"{content.UNBROKEN_TEXT[:60]}, yearly",
        "period": "3 March 2026 to 3 March 2027", "subtotal": amount, "discount": "−$9.00", "coupon": "SPRING25",
        "total": amount, "tax": "$1,596,638,655.29", "paid": "3 March 2026", "method": "Visa ending 4242",
        "order": "2026-000017",
    }  # fmt: skip
    return Receipt(year=2026, number=42, issued_at=START, snapshot=snapshot | changes)


def accounts() -> list[Sample]:
    paid = [payment(status="succeeded", refunded_minor=900), payment(status="surplus")]
    order = Order(uuid=ID, number="2026-000017", total_minor=999999999900, currency="USD", provider="manual")
    expensive = price(2, content.UNBROKEN_TEXT[:60], 999999999900, "year")
    cases: dict[str, JsonObject] = {
        "Renews": {"subscription": subscription(card_expires_on=END.date()), "payments": paid, "has_gifts": False},
        "A planned change": {"subscription": subscription(next_price=expensive)},
        "A discount": {"subscription": subscription(), "is_discounted": True},
        "Free trial": {"subscription": subscription(status="trialing")},
        "Renewal not paid": {"subscription": subscription(status="past_due"), "reads_until": END},
        "Cancelled": {"subscription": subscription(cancel_at=END)},
        "By transfer, with an open order": {
            "subscription": subscription(provider="manual", provider_ref="", card=""),
            "open_order": order,
        },
        "Gift": {"subscription": subscription(provider="gift", provider_ref="", card="")},
        "Back from the payment service": {"subscription": subscription(), "returned": True},
        "Ended": {"past": subscription(ended_at=END)},
        "No subscription": {},
    }
    common = {"user": reader(), "now": START}
    pages = [Sample(f"Account: {title}", "subscriptions/account.html", common | case) for title, case in cases.items()]
    return pages + plan_changes() + cancellations()


def plan_changes() -> list[Sample]:
    current, expensive = subscription(), price(2, content.UNBROKEN_TEXT[:60], 999999999900, "year")
    preview = ChangePreview(Money(999999999900, "USD"), Money(999999999900, "USD"), END)
    cases: list[tuple[str, str, dict[str, object]]] = [
        ("Other plans", "change", {"prices": [expensive, price(3)]}),
        ("A planned change", "change", {"prices": [], "subscription": subscription(next_price=expensive)}),
        ("Not possible", "change", {"refusal": content.STANDFIRST}),
        ("Now or at the renewal", "change_to", {"option": Option(expensive, preview, "")}),
        ("At the renewal only", "change_to", {"option": Option(expensive, None, "")}),
        ("Change card", "change_card", {"url": "#"}),
    ]
    return [
        Sample(f"Change of plan: {title}", f"subscriptions/{page}.html", {"subscription": current} | context)
        for title, page, context in cases
    ]


def cancellations() -> list[Sample]:
    form = ReasonForm()
    cases = {
        "Renews": subscription(),
        "Does not renew": subscription(provider_ref=""),
        "Free trial": subscription(status="trialing"),
        "Renewal not paid": subscription(status="past_due"),
        "Cancelled": subscription(cancel_at=END),
        "Ended": subscription(status="ended", ended_at=END),
    }
    context = {"user": reader(), "form": form, "action": ""}
    pages = [
        Sample(f"Cancellation: {title}", "subscriptions/cancellation.html", context | {"subscription": case})
        for title, case in cases.items()
    ]
    public = {"form": CancelForm({"email": "x"}), "error": "You’ve asked for several links in the last hour."}
    return [
        *pages,
        Sample("Cancellation without logging in", "subscriptions/cancel.html", public),
        Sample("Cancellation: check your email", "subscriptions/cancel_sent.html"),
        Sample("Cancellation: expired link", "subscriptions/cancel_expired.html"),
    ]


def receipts() -> list[Sample]:
    note = sheet_of(receipt(receipt="R-2026-00042", subtotal="", discount="", total="−$9.00", tax=""))
    paid = payment(status="succeeded", invoice_url="#")
    first = sheet_of(receipt())
    context = {"payment": paid, "sheets": [first, note], "printable": [first, note], "is_own": True}
    tax = {"rate": "7 %", "net": "$7.94", "unit_net": "$7.94", "tax": "$0.56", "quantity": "1", "vat_id": "DE123456789"}
    company = {"company": content.UNBROKEN_TEXT[:60], "buyer_address": "2 Quay Street\nPortside"}
    company |= {"buyer_country": "Austria", "buyer_vat_id": "ATU12345678"}
    sheets = [sheet_of(receipt(**tax, **company)), sheet_of(receipt(**tax), receipt())]
    replaced = context | {"sheets": sheets, "printable": sheets}
    return [
        Sample("Invoice and credit note", "subscriptions/receipt.html", context),
        Sample("Invoice that replaces another one", "subscriptions/receipt.html", replaced),
    ]


SAMPLES = {"receipt": receipts}
