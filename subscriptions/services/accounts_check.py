"""The check of the accounts: every cent by which receipts, payments, closed months and providers differ."""

from collections.abc import Iterator
from datetime import date

from django.db.models import Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from subscriptions.models import Payment, Receipt, ReceiptSeries, Refund, Statement
from subscriptions.money import Money
from subscriptions.periods import next_month, start_of
from subscriptions.providers import Provider, ProviderError, all_providers
from subscriptions.services import statements
from subscriptions.services.reconcile import Difference, payment_differences

# So many payments are looked up at once, as SQLite limits the parameters of a query.
BATCH = 500


def differences(month: date) -> Iterator[Difference]:
    """Compare our own records of the month that begins on `month`: its payments, receipts, refunds and statement."""
    start, end = start_of(month), start_of(next_month(month))
    documents = Receipt.objects.filter(month=month).values("payment")
    asked, done = Q(requested_at__gte=start, requested_at__lt=end), Q(done_at__gte=start, done_at__lt=end)
    refunds = Refund.objects.filter(asked | done)
    touched = Q(month=month) | Q(pk__in=documents) | Q(pk__in=refunds.values("payment"))
    yield from _payments(Payment.objects.filter(touched))
    yield from _numbers(month.year)
    yield from _statement(month)


def _payments(payments: QuerySet[Payment]) -> Iterator[Difference]:
    """Compare what receipts and credit notes say of each payment with what was paid and paid back."""
    of_payment = {"payment": OuterRef("pk")}
    receipts = Receipt.objects.filter(**of_payment).order_by().values("payment").annotate(sum=Sum("gross_minor"))
    refunds = Refund.objects.filter(**of_payment).order_by().values("payment").annotate(sum=Sum("minor"))
    done = refunds.filter(status=Refund.Status.DONE)
    reserved = refunds.exclude(status=Refund.Status.FAILED)
    rows = payments.annotate(
        on_receipts=Coalesce(Subquery(receipts.values("sum")), 0),
        paid_back=Coalesce(Subquery(done.values("sum")), 0),
        reserved=Coalesce(Subquery(reserved.values("sum")), 0),
    ).order_by("pk")
    for payment in rows:
        where = _("Payment %(reference)s") % {"reference": payment.provider_ref}
        kept = payment.minor - payment.paid_back if payment.status == Payment.Status.SUCCEEDED else 0
        if payment.dispute == Payment.Dispute.LOST:
            kept = 0
        if payment.on_receipts != kept:
            text = _("Its invoices and credit notes add up to %(here)s, but %(there)s was kept: %(gap)s differ.")
            yield Difference(where, text % _gap(payment, payment.on_receipts, kept))
        if payment.refunded_minor != payment.reserved:
            text = _("Its refunds add up to %(here)s, but %(there)s counts as refunded: %(gap)s differ.")
            yield Difference(where, text % _gap(payment, payment.reserved, payment.refunded_minor))


def _gap(payment: Payment, here: int, there: int) -> dict[str, Money]:
    amounts = {"here": here, "there": there, "gap": abs(here - there)}
    return {name: Money(minor, payment.currency) for name, minor in amounts.items()}


def _numbers(year: int) -> Iterator[Difference]:
    issued = Receipt.objects.filter(year=year)
    highest = issued.aggregate(highest=Max("number"))["highest"] or 0
    last = ReceiptSeries.objects.filter(year=year).values_list("last", flat=True).first() or 0
    if issued.count() != last or highest != last:
        text = _("The last number given is %(last)d, but there are %(count)d invoices and credit notes.")
        yield Difference(_("Numbers of %(year)d") % {"year": year}, text % {"last": last, "count": issued.count()})


def _statement(month: date) -> Iterator[Difference]:
    """Compare a closed month with what its receipts and credit notes add up to now."""
    closed = Statement.objects.filter(month=month).first()
    if closed is None:
        return
    where = _("Statement of %(month)s") % {"month": f"{month:%Y-%m}"}
    if statements.digest_of(closed.content) != closed.digest:
        yield Difference(where, _("Its content is not the one that was stored: the digest differs."))
    stored, now = statements.read(closed.content), statements.compute(month)
    before = {(figures.currency, line) for figures in stored.currencies for line in figures.lines}
    after = {(figures.currency, line) for figures in now.currencies for line in figures.lines}
    for currency in sorted({currency for currency, _line in before ^ after}):
        sums = [sum(line.gross for code, line in lines if code == currency) for lines in (before, after)]
        text = _("It says %(stored)s, its invoices and credit notes add up to %(now)s, or differ in country or rate.")
        yield Difference(where, text % {"stored": Money(sums[0], currency), "now": Money(sums[1], currency)})


def provider_differences(month: date) -> Iterator[Difference]:
    """Compare the payments of the month with what each provider reports for it. Not atomic: providers are asked.

    A provider that doesn't respond is a difference too.
    """
    for provider in all_providers():
        try:
            yield from _compare(provider, month)
        except ProviderError as error:
            yield Difference(provider.code, _("It could not be asked: %(error)s") % {"error": error})


def _compare(provider: Provider, month: date) -> Iterator[Difference]:
    there = {state.ref: state for state in provider.payments_between(start_of(month), start_of(next_month(month)))}
    refs = sorted(there)
    ours: dict[str, Payment] = {}
    for first in range(0, len(refs), BATCH):
        known = Payment.objects.filter(provider=provider.code, provider_ref__in=refs[first : first + BATCH])
        ours |= {payment.provider_ref: payment for payment in known.prefetch_related("refunds")}
    for ref in refs:
        yield from (
            Difference(f"{provider.code} {ref}", text) for text in payment_differences(ours.get(ref), there[ref])
        )
    paid = Payment.objects.filter(provider=provider.code, month=month)
    for payment in paid.filter(status__in=[Payment.Status.SUCCEEDED, Payment.Status.SURPLUS]).order_by("pk"):
        if payment.provider_ref not in there:
            text = _("Payment %(ref)s over %(amount)s is recorded here, but not there.")
            values = {"ref": payment.provider_ref, "amount": payment.money}
            yield Difference(f"{provider.code} {payment.provider_ref}", text % values)
