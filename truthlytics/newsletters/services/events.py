"""What mail servers report about emails after they have accepted them: bounces and complaints."""

from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.tasks import task
from django.utils import timezone
from django.utils.translation import gettext as _

from truthlytics.newsletters.models import Address, Delivery, Issue, ProviderEvent, Suppression
from truthlytics.newsletters.services.sending import pause

Kind = ProviderEvent.Kind
# So many emails that could not be delivered for now, in this time, pause an address for as long.
SOFT_BOUNCES, SOFT_PERIOD = 3, timedelta(days=30)
# An issue is paused when more of its emails are reported as spam, and at least this many.
MAX_COMPLAINTS, FIRST_COMPLAINTS = 0.001, 2


@transaction.atomic
def record(
    *,
    provider: str,
    event_id: str,
    kind: str,
    happened_at: datetime,
    delivery: Delivery | None,
    email: str,
    detail: str,
) -> None:
    """Store an event and apply it in a task. An event that was stored before is ignored."""
    address = delivery.address if delivery else Address.objects.with_email(email).first()
    event, created = ProviderEvent.objects.get_or_create(
        provider=provider,
        event_id=event_id[:200],
        defaults={
            "kind": kind,
            "happened_at": happened_at,
            "delivery": delivery,
            "address": address,
            "detail": detail[:300],
        },
    )
    if created:
        transaction.on_commit(partial(apply_event.enqueue, event_id=event.pk))


@task
def apply_event(event_id: int) -> None:
    apply(ProviderEvent.objects.get(pk=event_id), timezone.now())


@transaction.atomic
def apply(event: ProviderEvent, now: datetime) -> None:
    """Suppress or pause the address, and pause an issue with many complaints. Safe to repeat."""
    if not ProviderEvent.objects.filter(pk=event.pk, applied_at=None).update(applied_at=now):
        return
    address = event.address
    if address is None:
        return
    if event.kind == Kind.HARD_BOUNCE:
        suppress(address, Suppression.BOUNCE, event.detail)
    elif event.kind == Kind.COMPLAINT:
        suppress(address, Suppression.COMPLAINT, event.detail)
        if event.delivery is not None:
            _pause_after_complaints(event.delivery.issue)
    elif event.kind == Kind.SOFT_BOUNCE:
        recent = address.events.filter(kind=Kind.SOFT_BOUNCE, happened_at__gt=now - SOFT_PERIOD)
        # A server reports each attempt, so only those of different emails count.
        if recent.values("delivery").distinct().count() >= SOFT_BOUNCES:
            Address.objects.filter(pk=address.pk).update(paused_until=now + SOFT_PERIOD)


def suppress(address: Address, reason: str, detail: str = "") -> bool:
    """Send no more newsletters to `address`. Returns False if none were sent to it anyway."""
    rows = Address.objects.filter(pk=address.pk, suppressed_at=None)
    return bool(rows.update(suppression=reason, suppressed_at=timezone.now(), suppression_detail=detail[:300]))


def resume(address: Address) -> None:
    """Send newsletters to `address` again, as its reader or the newsroom decided."""
    Address.objects.filter(pk=address.pk).update(
        suppression="", suppressed_at=None, suppression_detail="", paused_until=None
    )


def _pause_after_complaints(issue: Issue) -> None:
    complaints = ProviderEvent.objects.filter(kind=Kind.COMPLAINT, delivery__issue=issue).count()
    submitted = Delivery.objects.filter(issue=issue, state=Delivery.State.SUBMITTED).count()
    if complaints >= FIRST_COMPLAINTS and complaints > MAX_COMPLAINTS * submitted:
        pause(issue, _("More than one reader in a thousand reported it as spam."))
