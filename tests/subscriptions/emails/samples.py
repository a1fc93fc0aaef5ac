"""Every email about orders, subscriptions and gifts, in each of its variants."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from django.utils import timezone

from subscriptions import emails
from subscriptions.models import (
    Coupon,
    Declaration,
    Gift,
    Grant,
    Order,
    OrderLine,
    Payment,
    Price,
    Refund,
    Subscription,
    User,
)
from subscriptions.periods import add_intervals
from subscriptions.services import receipts
from tests.factories import make_plan, make_price, make_user

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
MONTH, YEAR = timedelta(days=30), timedelta(days=365)
CARD: dict[str, Any] = {"provider": "demo", "provider_ref": "sub", "card": "Visa ending 4242"}
BOTH = {"card": CARD, "transfer": {}}
CONSENT = "I order the plan “{plan}” for {amount}. I can cancel at any time."
TRANSFERS: dict[str, dict[str, Any]] = {"first": {}, "extension": {"kind": "extension"}, "trial": {"trial_days": 14}}
_numbers = count(1)


def make_subscription(user: User | None = None, price: Price | None = None, **fields: Any) -> Subscription:
    """An active subscription paid by transfer. `left` is what is left of its period; `CARD` makes it renew."""
    now, left = fields.pop("now", timezone.now()), fields.pop("left", MONTH)
    price = price or make_price()
    end = now + left
    start = add_intervals(end, price.interval, -price.count)
    fields = {
        "user": user or make_user(),
        "price": price,
        "provider": "manual",
        "status": "active",
        "anchor": start,
        "period_start": start,
        "period_end": end,
    } | fields
    if fields.get("provider_ref"):
        fields["provider_ref"] = f"sub_{next(_numbers)}"
    return Subscription.objects.create(**fields)


def make_order_of(subscription: Subscription, *, status: str = "paid", **fields: Any) -> Order:
    """An order of the subscription's price, paid by default."""
    price, now = subscription.price, timezone.now()
    fields = {
        "user": subscription.user,
        "number": f"2025-{next(_numbers):05d}",
        "placed_at": now,
        "paid_at": now if status == "paid" else None,
        "status": status,
        "total_minor": price.minor,
        "currency": price.currency,
        "consent_text": CONSENT.format(plan=price.description, amount=price.money),
        "consented_at": now,
        "provider": subscription.provider,
        "checkout_ref": f"checkout_{next(_numbers)}",
        "renews": subscription.has_contract,
    } | fields
    order = Order.objects.create(**fields)
    line = {"description": price.description, "total_minor": price.minor, "currency": price.currency}
    OrderLine.objects.create(order=order, price=price, **line)
    return order


def make_payment(user: User, price: Price, **fields: Any) -> Payment:
    """A payment that succeeded, with its receipt."""
    now = timezone.now()
    fields = {
        "user": user,
        "provider": "manual",
        "provider_ref": f"pay_{next(_numbers)}",
        "description": price.description,
        "period_start": now,
        "period_end": add_intervals(now, price.interval, price.count),
        "status": "succeeded",
        "minor": price.minor,
        "currency": price.currency,
        "method": CARD["card"] if fields.get("provider") == "demo" else "",
        "recorded_at": now,
        "paid_at": now,
    } | fields
    payment = Payment.objects.create(**fields)
    receipts.issue(payment=payment)
    return payment


def make_gift(giver: User, price: Price, **fields: Any) -> Gift:
    now = timezone.now()
    subscription = Subscription(user=giver, price=price, provider="manual")
    order = make_order_of(subscription, kind="gift")
    make_payment(giver, price, order=order, period_start=None, period_end=None, description="")
    dates = {"deliver_at": now, "redeem_by": now + YEAR}
    return Gift.objects.create(order=order, price=price, **dates | fields)


def send_all(*, name: str = "Nadia Lund", text: str = "With love, and a year of good reading.") -> list[str]:
    """Send every email in every variant. Returns their labels, in this order."""
    monthly = make_price(make_plan(name="Reader"))
    yearly = make_price(monthly.plan, minor=9000, interval="year")
    other = make_price(make_plan(name="Patron"), minor=123456789)
    labels: list[str] = []

    def reader() -> User:
        return make_user(display_name=name)

    def subscribe(price: Price = monthly, **fields: Any) -> Subscription:
        return make_subscription(reader(), price, **fields)

    def record(label: str, sent: bool) -> None:
        assert sent, label
        labels.append(label)

    def pay(subscription: Subscription, **fields: Any) -> Payment:
        provider = {"provider": subscription.provider, "subscription": subscription}
        return make_payment(subscription.user, subscription.price, **provider | fields)

    by_transfer = subscribe()
    order = make_order_of(by_transfer)
    pay(by_transfer, order=order)
    record("welcome, by transfer", emails.welcome(order, by_transfer))
    by_card = subscribe(**CARD)
    coupon = Coupon.objects.create(code="SPRING25", percent=25, duration="repeating", periods=3)
    order = make_order_of(by_card, coupon=coupon, subtotal_minor=900, discount_minor=225, total_minor=675)
    pay(by_card, order=order, minor=675, tax_minor=108, invoice_url="https://invoice.example.com/i/1")
    record("welcome, by card with a coupon", emails.welcome(order, by_card))
    taken_over = subscribe(**CARD)
    order = make_order_of(taken_over, kind="extension")
    record("welcome, card after a transfer", emails.welcome(order, taken_over))

    renewed = subscribe(yearly, **CARD, left=YEAR)
    renewal = pay(renewed, invoice_url="https://invoice.example.com/i/2", tax_minor=1437)
    record("receipt, renewal", emails.receipt(renewal))
    record("receipt, extension by transfer", emails.receipt(pay(subscribe(left=2 * MONTH))))
    for label, fields in TRANSFERS.items():
        followed = subscribe(status="trialing" if label == "trial" else "active")
        waiting = make_order_of(followed, status="open", **fields)
        record(f"transfer, {label}", emails.transfer(waiting))
    waiting = make_order_of(subscribe(), status="open", kind="gift")
    record("transfer, gift", emails.transfer(waiting))
    record("replaced", emails.replaced(waiting))

    for label, payment in {"card": pay(subscribe(**CARD)), "transfer": pay(subscribe())}.items():
        refund = Refund.objects.create(
            payment=payment, minor=450, status="done", requested_at=NOW, done_at=timezone.now()
        )
        receipts.issue_credit_note(refund=refund)
        record(f"refunded, by {label}", emails.refunded(refund))
    wrong = pay(subscribe(**CARD)).receipts.get()
    record("reissued", receipts.reissue(receipt=wrong, details={"company": "Quay Ltd"}).edition == 2)
    disputed = pay(subscribe(**CARD), dispute="open")
    record("chargeback", emails.chargeback(disputed))

    for label, fields in BOTH.items():
        trial = subscribe(**fields, status="trialing", left=timedelta(days=3))
        make_order_of(trial, status="paid" if fields else "open", trial_days=14)
        record(f"trial_started, by {label}", emails.trial_started(trial))
        record(f"trial_ending, by {label}", emails.trial_ending(trial))
    record("renewal_ahead", emails.renewal_ahead(subscribe(yearly, **CARD, left=timedelta(days=7))))
    overdue = subscribe(**CARD, status="past_due", left=timedelta(0))
    ends_at = timezone.now() + timedelta(days=7)
    span = {"starts_at": overdue.period_end, "ends_at": ends_at, "source": "grace", "source_key": str(uuid4())}
    Grant.objects.create(user=overdue.user, level=10, subscription=overdue, **span)
    record("payment_failed", emails.payment_failed(overdue))
    expiring = subscribe(yearly, **CARD, card_expires_on=timezone.localdate(), left=timedelta(days=14))
    record("card_expiring", emails.card_expiring(expiring))

    ending = subscribe(left=timedelta(days=14))
    record("ending_soon, 14 days", emails.ending_soon(ending, 14))
    record("ending_soon, today", emails.ending_soon(ending, 0))
    make_order_of(ending, kind="extension", status="open")
    record("ending_soon, order awaited", emails.ending_soon(ending, 3))
    for label, fields in (BOTH | {"trial": CARD | {"status": "trialing"}}).items():
        cancelled = subscribe(**fields, cancel_at=timezone.now() + MONTH)
        record(f"cancelled, {label}", emails.cancelled(cancelled))
    for reason in ("term_over", "cancelled", "unpaid", "editor", "refunded", "chargeback"):
        fields = CARD if reason == "unpaid" else {}
        over = subscribe(status="ended", ended_at=timezone.now(), end_reason=reason, left=timedelta(0), **fields)
        record(f"ended, {reason}", emails.ended(over))
    given: dict[str, Any] = {"provider": "gift"}
    over = subscribe(status="ended", ended_at=timezone.now(), end_reason="term_over", left=timedelta(0), **given)
    record("ended, gift", emails.ended(over))
    record("ending_soon, gift", emails.ending_soon(subscribe(left=timedelta(days=14), **given), 14))
    changing = subscribe(yearly, **CARD, next_price=monthly, left=timedelta(days=7))
    record("renewal_ahead, another plan", emails.renewal_ahead(changing))
    record("plan_changed, at once", emails.plan_changed(subscribe(other, **CARD)))
    record("plan_changed, at renewal", emails.plan_changed(subscribe(**CARD, next_price=other)))

    recipient: dict[str, Any] = {"recipient_name": name, "recipient_email": "karim@example.org"}
    later: dict[str, Any] = {"deliver_at": timezone.now() + MONTH}
    gift = make_gift(reader(), yearly, giver_name=name, message=text, **recipient)
    record("gift_received", emails.gift_received(gift))
    record("gift_bought, sent at once", emails.gift_bought(gift))
    record("gift_bought, sent later", emails.gift_bought(make_gift(reader(), yearly, **recipient, **later)))
    record("gift_bought, handed over", emails.gift_bought(make_gift(reader(), monthly)))
    redeemed = make_gift(reader(), yearly, **recipient, redeemed_by=reader(), redeemed_at=timezone.now())
    record("gift_redeemed", emails.gift_redeemed(redeemed))

    for ended in (by_card, by_transfer):
        declaration = Declaration.objects.create(
            kind="withdrawal",
            declared_at=timezone.now(),
            name=name,
            email=ended.user.email,
            user=ended.user,
            order=Order.objects.filter(user=ended.user).get(),
            subscription=ended,
            in_account=True,
        )
        record(f"declared, withdrawal of {ended.pk}", emails.declared(declaration))
    cancelled = subscribe(**CARD, cancel_at=timezone.now() + MONTH)
    declaration = Declaration.objects.create(
        kind="cancellation",
        declared_at=timezone.now(),
        name=name,
        email=cancelled.user.email,
        contract="2026-00017",
        reason=text,
        user=cancelled.user,
        subscription=cancelled,
    )
    record("declared, cancellation", emails.declared(declaration))
    return labels
