"""Making deliveries of events that are due."""

import logging
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.dispatch import Signal

from truthlytics.events.models import Delivery, Endpoint, Event

logger = logging.getLogger(__name__)
# Sent with `event` for each event, once it is due and committed, by a task or `tick`. For plug-ins.
event_told = Signal()
BATCH = 500
# How long events and the log of their deliveries are kept.
KEPT = timedelta(days=30)


def tell_due(now: datetime) -> int:
    """Give each endpoint a delivery of each event that is due and that it wants. Returns how many events were due.

    Safe to run concurrently: the endpoints are locked, so that each gets its numbers in one order.
    """
    count = 0
    while told := _tell_some(now):
        count += told
    return count


@transaction.atomic
def _tell_some(now: datetime) -> int:
    if not Event.objects.due(now).exists():
        return 0
    # Also those that are switched off: what happens meanwhile waits for them.
    endpoints = list(Endpoint.objects.listed().select_for_update(no_key=True).order_by("pk"))
    events = list(Event.objects.due(now).select_for_update(skip_locked=True)[:BATCH])
    deliveries = []
    for endpoint in endpoints:
        for event in filter(endpoint.wants, events):
            endpoint.last_number += 1
            deliveries.append(Delivery(endpoint=endpoint, event=event, number=endpoint.last_number))
    Delivery.objects.bulk_create(deliveries, batch_size=BATCH)
    Endpoint.objects.bulk_update(endpoints, ["last_number"])
    Event.objects.filter(pk__in=[event.pk for event in events]).update(told_at=now)
    for event in events:
        transaction.on_commit(partial(_tell_plugins, event), robust=True)
    return len(events)


def _tell_plugins(event: Event) -> None:
    """Send `event_told`. A receiver that fails is named in the log, and keeps nothing from the others."""
    for receiver, answer in event_told.send_robust(sender=Event, event=event):
        if isinstance(answer, Exception):
            name = getattr(receiver, "__qualname__", type(receiver).__qualname__)
            logger.error("%s.%s failed with the event %s.", receiver.__module__, name, event.kind, exc_info=answer)


def delete_old(now: datetime) -> int:
    """Delete what was told 30 days ago, with its deliveries. Returns how many events."""
    return Event.objects.filter(told_at__lte=now - KEPT).delete()[1].get("events.Event", 0)
