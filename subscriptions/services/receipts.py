"""Receipts and credit notes, numbered without gaps."""

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscriptions.models import Order, OrderLine, Payment, Receipt, ReceiptSeries, Refund
from subscriptions.money import Money
from truthlytics.publication import get_publication
from truthlytics.publication.language import site_language

Snapshot = dict[str, str]


@transaction.atomic
@site_language()
def issue(*, payment: Payment) -> Receipt:
    """Issue the receipt for a payment that succeeded, once: a second call returns the first receipt.

    Call it last in the transaction that records the payment. The number is given with the commit, so that a rollback
    leaves no gap; other receipts wait until then.
    """
    order = payment.order
    snapshot = _parties(payment) | {
        "item": item_of(payment),
        "period": _period(payment),
        "total": str(payment.money),
        "tax": str(payment.tax) if payment.tax_minor else "",
        "paid": date_format(timezone.localtime(payment.paid_at or payment.recorded_at), "DATE_FORMAT"),
        "method": payment.method,
        "order": (order.number or "") if order else "",
    }
    if order is not None and order.discount_minor and order.total == payment.money:
        snapshot |= {"subtotal": str(order.subtotal), "discount": str(Money(-order.discount_minor, order.currency))}
        snapshot["coupon"] = order.coupon.code if order.coupon else ""
    return _numbered(Receipt(payment=payment, snapshot=snapshot))


@transaction.atomic
@site_language()
def issue_credit_note(*, refund: Refund) -> Receipt | None:
    """Issue the credit note for a refund that is done, once, in the same series as receipts.

    Returns None if the payment has no receipt, because it was not owed. Call it last in the transaction, like `issue`.
    """
    payment = refund.payment
    receipt = payment.receipts.filter(refund=None).first()
    if receipt is None:
        return None
    tax = _tax_of(refund)
    snapshot = _parties(payment) | {
        "item": receipt.snapshot["item"],
        "period": receipt.snapshot["period"],
        "total": str(Money(-refund.minor, payment.currency)),
        "tax": str(Money(-tax, payment.currency)) if tax else "",
        "paid": date_format(timezone.localtime(refund.done_at or timezone.now()), "DATE_FORMAT"),
        "method": payment.method,
        "order": receipt.snapshot["order"],
        "receipt": receipt.code,
    }
    return _numbered(Receipt(payment=payment, refund=refund, snapshot=snapshot))


def _numbered(receipt: Receipt) -> Receipt:
    """Save the receipt with the next number of the year, or return the one that exists."""
    receipt.issued_at = timezone.now()
    receipt.year = timezone.localdate(receipt.issued_at).year
    ReceiptSeries.objects.get_or_create(year=receipt.year)
    try:
        with transaction.atomic():
            # The updated row stays locked until the commit. If the receipt exists, the savepoint undoes the count.
            ReceiptSeries.objects.filter(year=receipt.year).update(last=F("last") + 1)
            receipt.number = ReceiptSeries.objects.get(year=receipt.year).last
            receipt.save()
    except IntegrityError:
        return Receipt.objects.get(payment=receipt.payment, refund=receipt.refund)
    return receipt


def _parties(payment: Payment) -> Snapshot:
    publication, reader = get_publication(), payment.user
    return {
        "publication": publication.name,
        "publisher": publication.publisher_name,
        "address": publication.legal_address,
        "tax_id": publication.tax_id,
        "contact": publication.contact_email,
        "name": reader.display_name,
        "email": reader.email if reader.deleted_at is None else "",
    }


def item_of(payment: Payment) -> str:
    """Return what the payment was for."""
    if payment.description:
        return payment.description
    if payment.order is not None:
        name = ", ".join(OrderLine.objects.filter(order=payment.order).values_list("description", flat=True))
        is_gift = payment.order.kind == Order.Kind.GIFT
        return _("Gift: %(plan)s") % {"plan": name} if is_gift else name
    return payment.subscription.price.description if payment.subscription else ""


def _period(payment: Payment) -> str:
    if payment.period_start is None or payment.period_end is None:
        return ""
    days = [date_format(timezone.localtime(at), "DATE_FORMAT") for at in (payment.period_start, payment.period_end)]
    return _("%(first)s to %(end)s") % {"first": days[0], "end": days[1]}


def _tax_of(refund: Refund) -> int:
    """Return the tax in a refund: in proportion, and all of it once everything is refunded."""
    payment = refund.payment
    if not payment.minor:
        return 0
    earlier = Receipt.objects.filter(payment=payment, refund__isnull=False).exclude(refund=refund)
    before = earlier.aggregate(sum=Sum("refund__minor"))["sum"] or 0
    return payment.tax_minor * (before + refund.minor) // payment.minor - payment.tax_minor * before // payment.minor
