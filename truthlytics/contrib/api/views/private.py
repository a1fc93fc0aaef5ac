"""What needs a key with a scope: readers, payments, comments and statistics."""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from articles.access import ReaderRequest
from articles.models import ReadCount
from articles.seo.meta import absolute_url
from comments.models import Comment
from subscriptions.models import Payment, Subscription, User
from subscriptions.services.access import level_of
from truthlytics.api.endpoints import endpoint
from truthlytics.api.pages import answer_page
from truthlytics.api.parameters import AFTER, LIMIT
from truthlytics.api.presenters import level_name
from truthlytics.api.problems import not_found
from truthlytics.contrib.api import private_schemas as schemas
from truthlytics.contrib.api.models import Scope
from truthlytics.contrib.api.presenters import articles_that_can_be_read, time_or_none
from truthlytics.statistics import days as figures
from truthlytics.statistics import figures as readership
from truthlytics.statistics.models import SourceDay
from truthlytics.statistics.source_figures import sources as find_sources
from truthlytics.web.canonical_json import format_time
from truthlytics.web.cursor_pagination import page, page_ascending
from truthlytics.web.plugins import api_reader_fields, called
from truthlytics.web.types import JsonObject

TAG = "With a key of the publication"

READER_COLUMNS = ("email", "display_name", "member_since", "verified_at", "is_active")
PAYMENT_COLUMNS = (
    "uuid", "user", "recorded_at", "paid_at", "status", "dispute", "minor", "refunded_minor", "currency", "tax_minor",
    "tax_rate", "tax_kind", "country", "method", "provider", "provider_ref", "order__number",
)  # fmt: skip
COMMENT_COLUMNS = (
    "article__uuid", "parent", "author__display_name", "imported_name", "status", "html", "created_at", "edited_at",
    "helpful_count",
)  # fmt: skip


@endpoint("List the readers in the order in which they joined", schemas.READER, AFTER, LIMIT,
          many=True, scope=Scope.READERS, tag=TAG)  # fmt: skip
def readers(request: ReaderRequest, *, after: str, limit: int) -> JsonObject:
    found = page_ascending(_accounts(), after=after, size=limit, number="pk", tie="pk")
    return answer_page(request, _present(found.items), found.after)


@endpoint("Read a reader", schemas.READER, scope=Scope.READERS, tag=TAG)
def reader(request: ReaderRequest, *, reader: int) -> JsonObject:
    if rows := _present(_accounts().filter(pk=reader)):
        return rows[0]
    raise not_found("reader")


def _accounts() -> QuerySet[User]:
    """Return the accounts of readers: members of the newsroom are not listed."""
    users = User.objects.filter(deleted_at=None, is_staff=False, is_superuser=False)
    return users.only(*READER_COLUMNS).annotate(level=level_of("", timezone.now()))


def _present(users: Iterable[User]) -> list[JsonObject]:
    """Return accounts with their subscriptions, and with what features and plug-ins add. One query for each."""
    users = list(users)
    known: dict[int, Subscription] = {}
    rows = Subscription.objects.filter(user__in=users).exclude(status=Subscription.Status.PENDING)
    for row in rows.select_related("price__plan").order_by("anchor", "pk"):
        if row.user_id not in known or not known[row.user_id].is_live:
            known[row.user_id] = row
    added: dict[str, Mapping[int, object]] = {
        field.name: called(field.read, users, otherwise={}, check=dict) for field in api_reader_fields()
    }
    return [
        {
            **{name: values.get(user.pk) for name, values in added.items()},
            "id": user.pk,
            "email": user.email,
            "name": user.display_name,
            "joined": format_time(user.member_since),
            "confirmed": time_or_none(user.verified_at),
            "is_active": user.is_active,
            "access": level_name(user.level),  # type: ignore[attr-defined]
            "subscription": _subscription(known[user.pk]) if user.pk in known else None,
        }
        for user in users
    ]


def _subscription(row: Subscription) -> JsonObject:
    return {
        "plan": row.price.description,
        "state": row.status,
        "began": format_time(row.anchor),
        "paid_until": format_time(row.period_end),
        "ends": time_or_none(row.cancel_at),
        "ended": time_or_none(row.ended_at),
    }


@endpoint("List the payments, newest first", schemas.PAYMENT, AFTER, LIMIT,
          many=True, scope=Scope.PAYMENTS, tag=TAG)  # fmt: skip
def payments(request: ReaderRequest, *, after: str, limit: int) -> JsonObject:
    rows = Payment.objects.with_own_receipts().only(*PAYMENT_COLUMNS)
    found = page(rows, after=after, size=limit, time="recorded_at", tie="id")
    shown: list[JsonObject] = [
        {
            "id": str(row.uuid),
            "reader": row.user_id,
            "recorded": format_time(row.recorded_at),
            "paid": time_or_none(row.paid_at),
            "state": row.status,
            "chargeback": row.dispute,
            "amount": row.minor,
            "refunded": row.refunded_minor,
            "currency": row.currency,
            "tax": row.tax_minor,
            "tax_rate": "" if row.tax_rate is None else f"{Decimal(row.tax_rate) / 100:.2f}",
            "tax_kind": row.tax_kind,
            "country": row.country,
            "method": row.method,
            "provider": row.provider,
            "reference": row.provider_ref,
            "order": row.order.number if row.order else "",
            "receipt": row.own_receipts[0].code if row.own_receipts else "",
        }
        for row in found.items
    ]
    return answer_page(request, shown, found.after)


@endpoint("List the comments, newest first", schemas.COMMENT, AFTER, LIMIT,
          many=True, scope=Scope.COMMENTS, tag=TAG)  # fmt: skip
def comments(request: ReaderRequest, *, after: str, limit: int) -> JsonObject:
    rows = Comment.objects.select_related("article", "author").only(*COMMENT_COLUMNS)
    found = page(rows, after=after, size=limit, time="created_at", tie="id")
    shown: list[JsonObject] = [
        {
            "id": row.pk,
            "url": absolute_url(row.get_absolute_url()),
            "article": str(row.article.uuid),
            "parent": row.parent_id,
            "writer": "" if row.is_removed else row.writer_name,
            "reader": None if row.is_removed else row.author_id,
            "state": row.status,
            "html": "" if row.is_removed else row.html,
            "written": format_time(row.created_at),
            "edited": time_or_none(row.edited_at),
            "helpful": row.helpful_count,
        }
        for row in found.items
    ]
    return answer_page(request, shown, found.after)


@endpoint("Read the statistics", schemas.STATISTICS, scope=Scope.STATISTICS, tag=TAG)
def statistics(request: ReaderRequest) -> JsonObject:
    days = figures.days_until(timezone.now())
    rows, week = ReadCount.objects.all(), days[-figures.WEEK :]
    reads = readership.by_day(rows, days[0], days[-1])
    subscribers, written = figures.new_subscribers(days), figures.comments(days)
    top = readership.most_read(rows, week[0], week[-1], figures.MAX_MOST_READ)
    most = {str(row.article.uuid): row.figures for row in readership.with_articles(top)}
    known = articles_that_can_be_read(uuid__in=most)
    sources = find_sources(SourceDay.objects.all(), days[0], days[-1])
    return {
        "days": [
            {
                "day": day.isoformat(),
                **_counts(reads.get(day, readership.NOTHING)),
                "new_subscribers": subscribers.get(day, 0),
                "comments": written.get(day, 0),
            }
            for day in days
        ],
        "most_read": [{"article": known[key], **_counts(found)} for key, found in most.items() if key in known],
        "sources": [{"kind": row.kind, "people": row.people} for row in sources.kinds] if sources else [],
    }


def _counts(found: readership.Figures) -> JsonObject:
    return {
        "reads": found.people,
        "people": found.people,
        "read_to_half": found.halves,
        "assistants": found.assistants,
        "programs": found.programs,
        "not_counted": found.not_counted,
        "counted_before": found.old,
    }
