"""What a reader has bought, paid, given and declared, for the export."""

from django.db.models import Q, QuerySet

from subscriptions.models import CartLine, Declaration, Gift, Grant, Order, Payment, Redemption, Subscription, User
from subscriptions.models.billing import BILLING_FIELDS
from truthlytics.privacy.rows import Rows, rows_of, with_address_of


def orders(user: User) -> Rows:
    orders = Order.objects.filter(user=user).prefetch_related("lines").order_by("placed_at", "pk")
    return [
        {
            "number": order.number,
            "status": order.status,
            "placed_at": order.placed_at,
            "paid_at": order.paid_at,
            "total": str(order.total),
            "tax": order.tax_text,
            **_billing(order),
            "terms": order.consent_text,
            "terms_accepted_at": order.consented_at,
            "immediate_start": order.start_text,
            "immediate_start_agreed_at": order.start_agreed_at,
            "payment_method": order.provider,
            "came_from": order.came_from,
            "campaign": order.campaign,
            "lines": [{"description": line.description, "total": str(line.total)} for line in order.lines.all()],
        }
        for order in orders
    ]


def declarations(user: User) -> Rows:
    """Declarations in the account and, as the deletion does, those with its address on public pages."""
    own = Q(user=user) | with_address_of(user)
    rows = Declaration.objects.filter(own).order_by("declared_at", "pk")
    return rows_of(
        rows, "kind", "declared_at", "name", "email", "contract", "reason", "ends_on", "confirmed_at", "handled_at"
    )


def _billing(sale: Order | Payment) -> dict[str, str]:
    """Return the buyer's details as they were at the sale."""
    return {name: getattr(sale, name) for name in BILLING_FIELDS}


def payments(user: User) -> Rows:
    """All payments, of orders and renewals, with the receipts and credit notes as they were issued."""
    payments = Payment.objects.filter(user=user).select_related("order").prefetch_related("receipts")
    return [
        {
            "amount": str(payment.money),
            "refunded": str(payment.refunded),
            "status": payment.status,
            "recorded_at": payment.recorded_at,
            "paid_at": payment.paid_at,
            "for": payment.description,
            "order": payment.order.number if payment.order else None,
            "payment_method": payment.method,
            "reference": payment.provider_ref,
            "tax": payment.tax_text,
            **_billing(payment),
            "receipts": [
                {"number": receipt.code, "issued_at": receipt.issued_at, "content": receipt.snapshot}
                for receipt in payment.receipts.all()
            ],
        }
        for payment in payments.order_by("recorded_at", "pk")
    ]


def coupons(user: User) -> Rows:
    used = Redemption.objects.filter(user=user).select_related("coupon").order_by("at", "pk")
    return [{"code": row.coupon.code, "state": row.state, "at": row.at} for row in used]


def gifts(gifts: QuerySet[Gift]) -> Rows:
    columns = ("giver_name", "recipient_name", "recipient_email", "message", "deliver_at", "redeemed_at")
    gifts = gifts.exclude(order__status=Order.Status.CANCELLED).select_related("price__plan").order_by("pk")
    return [{"plan": gift.price.description} | {name: getattr(gift, name) for name in columns} for gift in gifts]


def subscriptions(user: User) -> Rows:
    subscriptions = Subscription.objects.filter(user=user).select_related("price__plan").prefetch_related("changes")
    return [
        {
            "plan": subscription.price.description,
            "status": subscription.status,
            "paid_from": subscription.period_start,
            "paid_until": subscription.period_end,
            "cancelled_for": subscription.cancel_at,
            "ended_at": subscription.ended_at,
            "changes": [{"at": change.at, "event": change.event} for change in subscription.changes.all()],
        }
        for subscription in subscriptions.order_by("period_start", "pk")
    ]


def grants(user: User) -> Rows:
    grants = Grant.objects.filter(user=user).order_by("starts_at", "pk")
    return rows_of(grants, "level", "may_comment", "starts_at", "ends_at", "source", "revoked_at")


def cart(user: User) -> Rows:
    lines = CartLine.objects.filter(cart__user=user, cart__status="open").select_related("price__plan")
    return [{"plan": line.price.description, "price": str(line.quoted)} for line in lines]
