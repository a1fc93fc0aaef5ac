"""Send events as soon as they are committed."""

from django.dispatch import receiver

from truthlytics.contrib.webhooks.delivering import deliver_soon
from truthlytics.events.services.adding import events_added


@receiver(events_added)
def send_soon(**kwargs: object) -> None:
    deliver_soon()
