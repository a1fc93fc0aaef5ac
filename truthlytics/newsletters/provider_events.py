"""Events of mail providers, which django-anymail receives and checks. Imported only if they are turned on."""

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason, tracking
from django.dispatch import receiver
from django.utils import timezone

from truthlytics.newsletters.models import Delivery, ProviderEvent
from truthlytics.newsletters.services.events import record

Kind = ProviderEvent.Kind
KINDS = {
    EventType.DELIVERED: Kind.DELIVERED,
    EventType.DEFERRED: Kind.SOFT_BOUNCE,
    EventType.BOUNCED: Kind.HARD_BOUNCE,
    EventType.COMPLAINED: Kind.COMPLAINT,
}
# Bounces that say nothing about the address.
OTHER_REASONS = {RejectReason.TIMED_OUT, RejectReason.BLOCKED, RejectReason.SPAM, RejectReason.OTHER}


@receiver(tracking)
def store_event(event: AnymailTrackingEvent, esp_name: str, **kwargs: object) -> None:
    """Store what concerns newsletters. The provider sends it again if this fails."""
    kind = KINDS.get(event.event_type)
    if kind is None:
        return
    if kind == Kind.HARD_BOUNCE and event.reject_reason in OTHER_REASONS:
        kind = Kind.SOFT_BOUNCE
    number = str((event.metadata or {}).get("delivery", ""))
    delivery = Delivery.objects.select_related("address").filter(pk=number).first() if number.isdecimal() else None
    happened_at = event.timestamp or timezone.now()
    record(
        provider=esp_name,
        event_id=str(event.event_id or f"{event.message_id} {event.event_type} {event.recipient}"),
        kind=kind,
        happened_at=happened_at,
        delivery=delivery,
        email=event.recipient or "",
        detail=" ".join(str(event.mta_response or event.description or "").split()),
    )
