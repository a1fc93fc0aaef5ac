"""Fix who gets an issue, and what: the last step before it is sent."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, IntegerField, OuterRef, Value
from django.utils import timezone

from truthlytics.cache.invalidation import invalidate
from truthlytics.compat import sql_of
from truthlytics.newsletters.letters import pictures_of
from truthlytics.newsletters.models import Address, Delivery, Issue, Variant
from truthlytics.newsletters.rendering import render_variants
from truthlytics.newsletters.services import leases
from truthlytics.newsletters.services.audiences import Audience
from truthlytics.newsletters.services.levels import with_variant

# Recipients per transaction, so that other writers need not wait.
BATCH_SIZE = 5000


class Interrupted(Exception):
    """Another process has taken over, or the issue was stopped."""


def prepare(issue: Issue) -> None:
    """Render `issue` and store its recipients, then let it be sent. This process has its lease.

    What an interrupted run has left is deleted first. Once `prepared_at` is set, neither texts nor recipients change.
    Raises Interrupted, and NotReadyError if there is nothing to send.
    """
    now = timezone.now()
    _delete_left(issue)
    # The email has a link to the page of the issue.
    issue.slug = free_slug(issue, now)
    issue.protect_images()
    issue.pictures = pictures_of(issue)
    variants = render_variants(issue, now)
    levels = [variant.level for variant in variants]
    stored, last = 0, 0
    while batch := _store_batch(issue, levels, now, after=last):
        stored, last = stored + len(batch), max(batch)
    with transaction.atomic():
        if Delivery.objects.filter(issue=issue).count() != stored:
            raise Interrupted
        Variant.objects.bulk_create(variants)
        for row in issue.articles.all():
            row.save(update_fields=["version"])
        own = Issue.objects.filter(pk=issue.pk, sender=issue.sender, state=Issue.State.PREPARING, prepared_at=None)
        if not own.update(prepared_at=now, state=Issue.State.SENDING, slug=issue.slug, pictures=issue.pictures):
            raise Interrupted
        invalidate("newsletters")
    issue.refresh_from_db(fields=["prepared_at", "state", "slug"])


def recipients(issue: Issue, now: datetime) -> Any:
    """Return the addresses that get `issue`: those of its audience who are signed up.

    A correction is sent to those who got the mistake.
    """
    if issue.corrects_id:
        got = [Delivery.State.SUBMITTED, Delivery.State.UNCERTAIN]
        had = Delivery.objects.filter(issue=issue.corrects_id, address=OuterRef("pk"), state__in=got)
        return Address.objects.deliverable(now).filter(Exists(had))
    # An address has one row for each newsletter.
    signed_up = Address.objects.deliverable(now).filter(
        sign_ups__newsletter=issue.newsletter_id, sign_ups__ended_at=None
    )
    return Audience.of(issue.audience).narrow(signed_up)


def _keep_lease(issue: Issue) -> None:
    """Extend the lease, in the transaction that changes recipients. Raises Interrupted if another process has taken it.

    Otherwise a process that was stopped for a while could change the recipients of an issue that is being sent.
    """
    if not leases.extend(issue, timezone.now()):
        raise Interrupted


@transaction.atomic
def _delete_left(issue: Issue) -> None:
    """Delete what an interrupted run has left."""
    _keep_lease(issue)
    Delivery.objects.filter(issue=issue).delete()
    Variant.objects.filter(issue=issue).delete()


@transaction.atomic
def _store_batch(issue: Issue, levels: list[int], now: datetime, *, after: int) -> list[int]:
    """Store the recipients with the next ids behind `after`, by one statement. Returns the ids of their addresses.

    The ids come from the statement, since deliveries may get another address meanwhile (see `services.accounts`).
    """
    _keep_lease(issue)
    has_it = Delivery.objects.filter(issue=issue, address=OuterRef("pk"))
    rows = with_variant(recipients(issue, now).filter(~Exists(has_it), pk__gt=after), issue, levels, now)
    rows = rows.annotate(issue_id=Value(issue.pk, IntegerField())).order_by("pk")[:BATCH_SIZE]
    sql, parameters = sql_of(rows.values_list("issue_id", "address_id", "variant"))
    table = connection.ops.quote_name(Delivery._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} (issue_id, address_id, level) {sql} RETURNING address_id", parameters)
        return [address_id for (address_id,) in cursor.fetchall()]


def free_slug(issue: Issue, now: datetime) -> str:
    """Return the last part of the issue's address: its date, with a number if there is another of that day."""
    day = f"{timezone.localdate(now):%Y-%m-%d}"
    taken = set(
        Issue.objects.filter(newsletter=issue.newsletter_id, slug__startswith=day).values_list("slug", flat=True)
    )
    slug, number = day, 2
    while slug in taken:
        slug, number = f"{day}-{number}", number + 1
    return slug
