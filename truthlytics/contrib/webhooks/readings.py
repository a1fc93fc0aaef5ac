"""Numbers of webhooks for /metrics."""

from collections.abc import Iterator
from datetime import datetime

from truthlytics.events.models import Delivery
from truthlytics.web.readings import Reading


def waiting(now: datetime) -> Iterator[Reading]:
    count = Delivery.objects.waiting().filter(endpoint__disabled_at=None, endpoint__removed_at=None).count()
    yield Reading("webhooks_waiting", "Events that wait for an endpoint that is on.", {(): count})
