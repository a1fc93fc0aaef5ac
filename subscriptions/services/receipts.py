"""Invoices and credit notes: numbered without gaps, and never changed once they are issued."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from subscriptions import emails
from subscriptions.models import Order, OrderLine, Payment, Receipt, ReceiptSeries, Refund, Statement
from subscriptions.money import Money
from subscriptions.services.taxation import set_payment_tax
from subscriptions.tax import Kind, Tax, as_percent, share_of
from subscriptions.tax.computing import tax_in
from truthlytics.publication import get_publication
from truthlytics.publication.countries import country_name
from truthlytics.publication.language import site_language
from truthlytics.web.text import split_words

Snapshot = dict[str, str]
Reason = Receipt.Reason


class CannotReissue(Exception):
    """The receipt can't be issued again; the text is for the newsroom."""


class MonthIsClosed(Exception):
    """A receipt would be dated into a month that is closed, as after the server's clock was set back."""


@transaction.atomic
@site_language()
def issue(*, payment: Payment) -> Receipt:
    """Issue the receipt for a payment that succeeded, once: a second call returns the receipt in force.

    Call it last in the transaction that records the payment. The number is given with the commit, so that a rollback
    leaves no gap; other receipts wait until then.
    """
    known = payment.receipts.originals().first()
    return known or _issue(payment, payment.money, edition=1)


@transaction.atomic
@site_language()
def issue_credit_note(*, refund: Refund) -> Receipt | None:
    """Issue the credit note for a refund that is done, once, in the same series as receipts.

    Returns None if the payment has no receipt, because it was not owed, or everything on it is credited, because the
    reader's bank has taken the money back too. Call it last in the transaction, like `issue`.
    """
    payment = refund.payment
    if (known := Receipt.objects.filter(refund=refund).first()) is not None:
        return known
    receipt = payment.receipts.originals().first()
    if receipt is None or not (minor := min(refund.minor, remainder(receipt))):
        return None
    day = timezone.localtime(refund.done_at or timezone.now())
    return _credit(receipt, minor, Reason.REFUND, refund=refund, paid=date_format(day, "DATE_FORMAT"))


@transaction.atomic
@site_language()
def issue_chargeback_note(*, payment: Payment) -> Receipt | None:
    """Issue the credit note for a lost chargeback, once, over what was not refunded before.

    Returns None if there is nothing left to credit. Call it last in the transaction, like `issue`.
    """
    known = payment.receipts.filter(reason=Reason.CHARGEBACK).first()
    receipt = payment.receipts.originals().first()
    if known is not None or receipt is None or not (left := remainder(receipt)):
        return known
    return _credit(receipt, left, Reason.CHARGEBACK, paid=date_format(timezone.localtime(), "DATE_FORMAT"))


@transaction.atomic
@site_language()
def reissue(*, receipt: Receipt, details: Mapping[str, str]) -> Receipt:
    """Cancel a wrong invoice by a credit note and issue another one, and email both. Returns the new one.

    `details` of the buyer are fields of BillingDetails. The payment keeps them; its tax is computed again for the day
    on which it was paid, unless the provider has reported it. What was refunded stays credited: the new invoice is for
    the rest. Safe to call twice: the second call finds the invoice cancelled. Raises CannotReissue if it is, or if
    nothing is left.
    """
    payment = Payment.objects.select_for_update(of=("self",)).select_related("order", "user").get(pk=receipt.payment_id)
    if payment.receipts.originals().first() != receipt:
        raise CannotReissue(_("This invoice is cancelled already. See the one that replaces it."))
    left = remainder(receipt)
    if not left:
        raise CannotReissue(_("Everything on this invoice is credited, so there is nothing to issue again."))
    for name, value in details.items():
        setattr(payment, name, value)
    set_payment_tax(payment, reported=payment.tax_minor if payment.tax_kind == Kind.PROVIDER else 0)
    payment.save()
    cancellation = _credit(receipt, left, Reason.CANCELLATION, paid="")
    new = _issue(payment, Money(left, payment.currency), edition=receipt.edition + 1, left=-cancellation.tax_minor)
    emails.reissued(new)
    return new


def remainder(receipt: Receipt) -> int:
    """Return what of the receipt is not credited, in minor units."""
    credited: int = receipt.corrections.aggregate(sum=Sum("gross_minor"))["sum"] or 0
    return receipt.gross_minor + credited


def _issue(payment: Payment, gross: Money, *, edition: int, left: int | None = None) -> Receipt:
    """Issue the receipt for `gross`, which is the payment or what remains of it after refunds.

    `left` is the tax that is not credited. It matters if the provider has computed the tax: ours is computed again.
    """
    order = payment.order
    minor = payment.tax_minor
    if payment.tax_rate is not None:
        minor = tax_in(gross.minor, payment.tax_rate)
    elif payment.tax_kind == Kind.PROVIDER and left is not None:
        minor = left
    tax = Tax(gross, minor, payment.tax_rate, payment.tax_kind, payment.tax_note, payment.country)
    snapshot = _parties(payment) | {
        "item": item_of(payment),
        "quantity": "1",
        "period": _period(payment),
        "total": str(gross),
        "paid": date_format(timezone.localtime(payment.paid_at or payment.recorded_at), "DATE_FORMAT"),
        "method": payment.method,
        "order": (order.number or "") if order else "",
        **_tax_text(tax),
    }
    if order is not None and order.discount_minor and order.total == gross:
        snapshot |= {"subtotal": str(order.subtotal), "discount": str(Money(-order.discount_minor, order.currency))}
        snapshot["coupon"] = order.coupon.code if order.coupon else ""
        if tax.rate is not None:
            undiscounted = order.subtotal_minor - tax_in(order.subtotal_minor, tax.rate)
            snapshot["unit_net"] = str(Money(undiscounted, order.currency))
    if edition > 1:
        snapshot["replaces"] = payment.receipts.get(kind=Receipt.Kind.RECEIPT, edition=edition - 1).code
    return _numbered(_row(payment, tax, snapshot, edition=edition), payment=payment, edition=edition)


def _credit(receipt: Receipt, minor: int, reason: str, *, paid: str, refund: Refund | None = None) -> Receipt:
    """Issue a credit note over `minor` units of `receipt`, with their share of its tax."""
    before = receipt.gross_minor - remainder(receipt)
    share = share_of(receipt.tax_minor, whole=receipt.gross_minor, before=before, part=minor)
    gross = Money(-minor, receipt.currency)
    tax = Tax(gross, -share, receipt.tax_rate, receipt.tax_kind, receipt.tax_note, receipt.country)
    kept = split_words(
        "publication publisher address country tax_id vat_id contact name email company buyer_address buyer_country "
        "buyer_vat_id item period method order"
    )
    snapshot = {key: receipt.snapshot.get(key, "") for key in kept} | {
        "quantity": "1",
        "total": str(gross),
        "paid": paid,
        "receipt": receipt.code,
        "receipt_date": date_format(timezone.localtime(receipt.issued_at), "DATE_FORMAT"),
        "reason": str(Reason(reason).label),
        **_tax_text(tax),
    }
    kind = Receipt.Kind.CREDIT_NOTE
    row = _row(receipt.payment, tax, snapshot, kind=kind, reason=reason, corrects=receipt, refund=refund)
    if refund is not None:
        return _numbered(row, refund=refund)
    return _numbered(row, corrects=receipt, reason=reason)


def _row(payment: Payment, tax: Tax, snapshot: Snapshot, **fields: object) -> Receipt:
    row = Receipt(payment=payment, snapshot=snapshot, country=tax.country, currency=tax.gross.currency, **fields)
    row.gross_minor = tax.gross.minor
    row.set_tax(tax)
    return row


def _numbered(receipt: Receipt, **unique: object) -> Receipt:
    """Save the receipt with the next number of the year, or return the `unique` one that exists.

    Raises MonthIsClosed.
    """
    receipt.year = timezone.localdate().year
    ReceiptSeries.objects.get_or_create(year=receipt.year)
    try:
        with transaction.atomic():
            # The updated row stays locked until the commit. If the receipt exists, the savepoint undoes the count.
            ReceiptSeries.objects.filter(year=receipt.year).update(last=F("last") + 1)
            receipt.number = ReceiptSeries.objects.get(year=receipt.year).last
            # Dated under the lock that closing a month takes, so that none is missing from the month.
            receipt.issued_at = timezone.now()
            if Statement.objects.closes(timezone.localdate(receipt.issued_at)):
                raise MonthIsClosed("No invoice can be dated into a closed month. Check the server’s clock.")
            receipt.save()
    except IntegrityError:
        return Receipt.objects.get(kind=receipt.kind, **unique)
    return receipt


def _parties(payment: Payment) -> Snapshot:
    publication, reader = get_publication(), payment.user
    return {
        "publication": publication.name,
        "publisher": publication.publisher_name,
        "address": publication.legal_address,
        "country": _country_after(publication.legal_address, country_name(publication.country)),
        "tax_id": publication.tax_id,
        "vat_id": publication.vat_id,
        "contact": publication.contact_email,
        "name": reader.display_name,
        "email": reader.email if reader.deleted_at is None else "",
        "company": payment.company,
        "buyer_address": payment.address,
        # Printed only where it differs, as abroad.
        "buyer_country": (
            _country_after(payment.address, country_name(payment.country))
            if payment.country != publication.country
            else ""
        ),
        "buyer_vat_id": payment.vat_id,
    }


def _country_after(address: str, country: str) -> str:
    """Return the country to print below the address, "" if its last line has it."""
    lines = address.split("\n")
    return "" if country and lines[-1].strip().casefold().endswith(country.casefold()) else country


def _tax_text(tax: Tax) -> Snapshot:
    """Return net, rate, tax and the sentence about it as printed. Empty where nothing is claimed."""
    has_rate = tax.rate is not None
    is_known = has_rate or bool(tax.minor)
    return {
        "unit_net": str(tax.net) if has_rate else "",
        "net": str(tax.net) if is_known else "",
        "rate": as_percent(tax.rate) if tax.rate is not None else "",
        "tax": str(tax.tax) if is_known else "",
        "note": tax.sentence,
    }


def item_of(payment: Payment) -> str:
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
