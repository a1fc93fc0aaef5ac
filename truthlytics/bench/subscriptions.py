"""The cost of the newsroom's pages about subscriptions with 200,000 payments."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Model

# Makes requests with a session and without CSRF tokens.
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from subscriptions.models import (
    Grant,
    Order,
    OrderLine,
    Payment,
    Plan,
    Price,
    Refund,
    Subscription,
    SubscriptionChange,
    Tier,
    User,
)
from subscriptions.periods import add_intervals
from truthlytics.bench.corpus import Corpus
from truthlytics.bench.measure import count_queries
from truthlytics.bench.newsroom import best, get, make_editor
from truthlytics.bench.results import Options, Row, at_most
from truthlytics.bench.site import own_site

PAYMENTS, QUICK = 200_000, 400
MONTHS, BATCH = 60, 2_000
GOAL = 300
LISTS = ("order", "payment", "subscription", "plan", "user")


def subscriptions(options: Options) -> Iterator[Row]:
    """CPU ms of a publisher's requests, including the database process, the best of several; and their queries."""
    with own_site("subscriptions", options):
        Corpus().fill(options.articles, options.progress)
        number = QUICK if options.quick else PAYMENTS
        reader = fill(number, options)
        options.progress("Measuring …")
        client = Client(headers={"host": str(settings.ALLOWED_HOSTS[0])})
        client.force_login(make_editor())
        revenue, size = reverse("admin:revenue"), f"{number:,} payments"
        pages: dict[str, tuple[str, dict[str, Any]]] = {
            f"revenue of 12 months, {size}": (revenue, {}),
            f"revenue of 60 months, {size}": (revenue, {"months": "60"}),
            f"page of a reader, {size}": (reverse("admin:subscriptions_user_change", args=[reader.pk]), {}),
        }
        for name in LISTS:
            pages[f"list of {name}s, {size}"] = (reverse(f"admin:subscriptions_{name}_changelist"), {})
        for name, (url, query) in pages.items():
            call = get(client, url, query)
            yield at_most(40, f"{name}: queries", count_queries(call), "")
            yield at_most(GOAL, name, best(call, options), "ms")


def fill(payments: int, options: Options) -> User:
    """Write the subscriptions of five years with so many payments, unless they exist. Returns the last reader."""
    if not Payment.objects.exists():
        seed = Seed(payments)
        for readers in batched(range(payments), min(BATCH, payments // 4)):
            seed.write(readers)
            options.progress(f"{seed.written} of {payments} payments")
            if seed.written >= payments:
                break
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return User.objects.filter(payments__isnull=False).latest("pk")


@dataclass(slots=True)
class Seed:
    """Each reader subscribes in one of the last 60 months and pays until they cancel or today."""

    payments: int
    written: int = 0
    now: datetime = field(default_factory=timezone.now)
    prices: list[Price] = field(default_factory=list)

    def __post_init__(self) -> None:
        tier = Tier.objects.get_or_create(level=10, defaults={"slug": "reader", "name": "Reader"})[0]
        for position in range(4):
            plan = Plan.objects.create(tier=tier, slug=f"plan-{position}", name=f"Plan {position}")
            self.prices.append(
                Price.objects.create(plan=plan, minor=900 + 100 * position, currency="EUR", interval="month")
            )

    def write(self, readers: tuple[int, ...]) -> None:
        users = User.objects.bulk_create(
            User(email=f"reader{number}@bench.invalid", display_name=f"Reader {number}", verified_at=self.now)
            for number in readers
        )
        histories = [self.history(user, number) for user, number in zip(users, readers, strict=True)]
        contracts = Subscription.objects.bulk_create(self.contract(*history) for history in histories)
        orders = Order.objects.bulk_create(
            self.order(contract, number) for contract, number in zip(contracts, readers, strict=True)
        )
        rows: dict[type[Model], list[Any]] = {model: [] for model in (OrderLine, SubscriptionChange, Payment, Grant)}
        for contract, order, (_user, price, first, paid) in zip(contracts, orders, histories, strict=True):
            line = OrderLine(order=order, price=price, description="Reader", total_minor=price.minor, currency="EUR")
            rows[OrderLine].append(line)
            rows[SubscriptionChange] += self.changes(contract, price)
            for month in range(paid):
                start, end = (add_intervals(first, "month", month + step) for step in (0, 1))
                rows[Payment].append(self.payment(contract, order if month == 0 else None, start, end))
                rows[Grant].append(
                    Grant(user_id=contract.user_id, level=10, starts_at=start, ends_at=end, source=Grant.Source.INVOICE)
                )
        for model, new in rows.items():
            model._default_manager.bulk_create(new, batch_size=BATCH)
        refunded = [payment for payment in rows[Payment] if payment.refunded_minor]
        Refund.objects.bulk_create(
            Refund(payment=payment, minor=payment.refunded_minor, status=Refund.Status.DONE, requested_at=self.now)
            for payment in refunded
        )
        self.written += len(rows[Payment])

    def history(self, user: User, number: int) -> tuple[User, Price, datetime, int]:
        """Return the reader's price, the start of the subscription and how many months they pay."""
        ago = number % MONTHS
        first = add_intervals(self.now, "month", -ago) - timedelta(days=number % 27)
        stays = number % 5 < 2
        return user, self.prices[number % len(self.prices)], first, ago + 1 if stays else 1 + number * 7 % (ago + 1)

    def contract(self, user: User, price: Price, first: datetime, paid: int) -> Subscription:
        start, end = (add_intervals(first, "month", paid - step) for step in (1, 0))
        over = end <= self.now
        return Subscription(
            user=user,
            price=price,
            provider="demo",
            provider_ref=f"bench-{user.pk}",
            status="ended" if over else "active",
            anchor=first,
            period_start=start,
            period_end=end,
            ended_at=end if over else None,
            end_reason=Subscription.EndReason.CANCELLED if over else "",
        )

    def order(self, contract: Subscription, number: int) -> Order:
        return Order(
            number=f"B{number}",
            user_id=contract.user_id,
            status=Order.Status.PAID,
            placed_at=contract.anchor,
            paid_at=contract.anchor,
            total_minor=contract.price.minor,
            currency="EUR",
            renews=True,
            came_from=f"/articles/article-{1 + number % 50}/" if number % 3 else "",
            consent_text="The subscription renews each month until it is cancelled. " * 6,
            consented_at=contract.anchor,
            provider="demo",
        )

    def changes(self, contract: Subscription, price: Price) -> Iterator[SubscriptionChange]:
        events = [(contract.anchor, "first_paid", "pending", "active", price.minor)]
        if contract.ended_at:
            events.append((contract.ended_at, "cancel_reached", "active", "ended", -price.minor))
        for at, event, was, became, minor in events:
            yield SubscriptionChange(
                subscription=contract, at=at, event=event, was=was, became=became, mrr_minor=minor, currency="EUR",
                month=month_of(at), actor="demo",
            )  # fmt: skip

    def payment(self, contract: Subscription, order: Order | None, start: datetime, end: datetime) -> Payment:
        number = contract.pk * MONTHS + start.month
        failed = order is None and number % 20 == 0
        return Payment(
            user_id=contract.user_id,
            order=order,
            subscription=contract,
            provider="demo",
            provider_ref=f"{contract.pk}:{start:%Y-%m}",
            description="Reader, monthly",
            period_start=start,
            period_end=end,
            status=Payment.Status.FAILED if failed else Payment.Status.SUCCEEDED,
            minor=contract.price.minor,
            refunded_minor=contract.price.minor if not failed and number % 50 == 1 else 0,
            currency="EUR",
            recorded_at=start,
            paid_at=None if failed else start,
            month=month_of(start),
        )


def month_of(at: datetime) -> date:
    return timezone.localdate(at).replace(day=1)
