"""Figures about subscribers and revenue: receipts, payments, and the log of changes of subscriptions.

Amounts are of one currency; months are in the publication's time zone. The number of queries is constant.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Exists, OuterRef, Q, Sum

from subscriptions import states
from subscriptions.models import Grant, Order, Payment, Price, Receipt, Subscription, SubscriptionChange
from subscriptions.models.subscription import GIFT
from subscriptions.periods import next_month


@dataclass(frozen=True, slots=True)
class Subscribers:
    """Numbers of readers with access now. `complimentary` counts those of all currencies: it has no price."""

    paying: int
    trial: int
    past_due: int
    gift: int
    complimentary: int

    @property
    def total(self) -> int:
        return self.paying + self.trial + self.past_due + self.gift


@dataclass(frozen=True, slots=True)
class Month:
    """The figures of a month that begins on `first`; amounts in minor units. `mrr` is that of the end of the month.

    `received` is before refunds. `refunded` includes lost chargebacks. Both are those of the monthly statement, where a
    refund counts in the month of its credit note. `tax` is what the
    documents of the month say.
    """

    first: date
    mrr: int
    new: int
    churned: int
    failed: int
    received: int
    refunded: int
    tax: int

    @property
    def net_subscribers(self) -> int:
        return self.new - self.churned

    @property
    def revenue(self) -> int:
        return self.received - self.refunded

    @property
    def net_revenue(self) -> int:
        """The revenue before tax."""
        return self.revenue - self.tax


@dataclass(frozen=True, slots=True)
class Conversion:
    """Paid orders of readers who came from the article at `path`."""

    path: str
    orders: int
    minor: int


def currencies() -> list[str]:
    return list(Price.objects.order_by("currency").values_list("currency", flat=True).distinct())


def subscribers(currency: str, now: datetime) -> Subscribers:
    """Count the readers with access at `now`, by how they have it."""
    live = Subscription.objects.live().filter(price__currency=currency).order_by()
    given = Q(provider=GIFT)
    counts = live.aggregate(
        paying=Count("pk", filter=Q(status=states.ACTIVE) & ~given),
        trial=Count("pk", filter=Q(status=states.TRIALING)),
        past_due=Count("pk", filter=Q(status=states.PAST_DUE)),
        gift=Count("pk", filter=Q(status=states.ACTIVE) & given),
    )
    complimentary = Grant.objects.running(now).filter(source=Grant.Source.COMP).order_by()
    return Subscribers(**counts, complimentary=complimentary.aggregate(number=Count("user", distinct=True))["number"])


def months(currency: str, *, first: date, last: date) -> list[Month]:
    """Return the figures of each month from `first` to `last`, which are first days of months."""
    before, changes = _changes(currency, first, last)
    money, failed = _money(currency, first, last), _failed(currency, first, last)
    rows, mrr = [], before
    for month in _each_month(first, last):
        change, new, churned = changes.get(month, (0, 0, 0))
        received, refunded, tax = money.get(month, (0, 0, 0))
        mrr += change
        rows.append(Month(month, mrr, new, churned, failed.get(month, 0), received, refunded, tax))
    return rows


def conversions(currency: str, *, start: datetime, end: datetime, limit: int) -> list[Conversion]:
    """Return the articles from which readers came who paid an order in [start, end), most orders first."""
    paid = Order.objects.filter(status=Order.Status.PAID, currency=currency, paid_at__gte=start, paid_at__lt=end)
    rows = (
        paid.exclude(came_from="").order_by().values("came_from").annotate(orders=Count("pk"), sum=Sum("total_minor"))
    )
    return [
        Conversion(row["came_from"], row["orders"], row["sum"])
        for row in rows.order_by("-orders", "-sum", "came_from")[:limit]
    ]


def orders_by_article(*, start: datetime, end: datetime, limit: int) -> list[tuple[str, int]]:
    """Return the paths of articles as `conversions` does, with their orders of all currencies."""
    paid = Order.objects.filter(status=Order.Status.PAID, paid_at__gte=start, paid_at__lt=end).exclude(came_from="")
    rows = paid.order_by().values_list("came_from").annotate(orders=Count("pk"))
    return list(rows.order_by("-orders", "came_from")[:limit])


def orders_from(paths: Collection[str]) -> int:
    """Count the paid orders of readers who came from an article at one of these paths."""
    return Order.objects.filter(status=Order.Status.PAID, came_from__in=paths).count()


def new_subscriptions(campaign: str) -> int:
    """Count the paid subscriptions that began at links of `campaign`.

    Renewals, extensions and gifts are none, nor are free trials before their first payment.
    """
    if not campaign:
        return 0
    orders = Order.objects.filter(campaign=campaign, kind=Order.Kind.SUBSCRIPTION)
    paid = Payment.objects.filter(order=OuterRef("pk"), status=Payment.Status.SUCCEEDED, minor__gt=0)
    return orders.filter(Exists(paid)).count()


def _each_month(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = next_month(first)


def _changes(currency: str, first: date, last: date) -> tuple[int, dict[date, tuple[int, int, int]]]:
    """Return the MRR before `first`, and by month its change and the numbers of new and churned subscribers.

    A subscription that replaces another of the same reader is neither new nor is the other one churned.
    """
    logged = SubscriptionChange.objects.filter(currency=currency, month__lte=last).order_by()
    before = logged.filter(month__lt=first).aggregate(sum=Sum("mrr_minor"))["sum"] or 0
    ended = Q(mrr_minor__lt=0) & ~Q(event__in=("plan_changed", "replaced"))
    rows = logged.filter(month__gte=first).values("month")
    rows = rows.annotate(
        change=Sum("mrr_minor"),
        new=Count("pk", filter=Q(event__in=("first_paid", "renewed"), mrr_minor__gt=0))
        - Count("pk", filter=Q(event="replaced", mrr_minor__lt=0)),
        churned=Count("pk", filter=ended),
    )
    return before, {row["month"]: (row["change"], row["new"], row["churned"]) for row in rows}


def _money(currency: str, first: date, last: date) -> dict[date, tuple[int, int, int]]:
    """Return by month what was received, what was paid back, and the tax in the difference.

    They are what the receipts and credit notes dated into the month say. A receipt that was cancelled and
    issued again counts once.
    """
    paid_back = Q(reason__in=(Receipt.Reason.REFUND, Receipt.Reason.CHARGEBACK))
    rows = Receipt.objects.filter(currency=currency, month__range=(first, last)).order_by().values("month")
    rows = rows.annotate(
        received=Sum("gross_minor", filter=~paid_back, default=0),
        paid_back=Sum("gross_minor", filter=paid_back, default=0),
        vat=Sum("tax_minor"),
    )
    return {row["month"]: (row["received"], -row["paid_back"], row["vat"]) for row in rows}


def _failed(currency: str, first: date, last: date) -> dict[date, int]:
    failed = Payment.objects.filter(status=Payment.Status.FAILED, currency=currency, month__range=(first, last))
    return dict(failed.order_by().values_list("month").annotate(number=Count("pk")))
