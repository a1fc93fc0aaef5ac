"""What /metrics says of webhooks."""

from django.test import TestCase
from django.utils import timezone

from tests.contrib.webhooks.test_webhooks import make_endpoint
from truthlytics.contrib.webhooks.readings import waiting
from truthlytics.events.models import Delivery, Event


class MetricsTests(TestCase):
    def values(self):
        return {reading.name: dict(reading.values) for reading in waiting(timezone.now())}

    def test_what_waits_for_an_endpoint_that_is_on(self):
        endpoint, event = make_endpoint(), Event.objects.create(kind="article.published", due_at=timezone.now())
        Delivery.objects.create(endpoint=endpoint, event=event, number=1)
        self.assertEqual(self.values(), {"webhooks_waiting": {(): 1}})
        endpoint.disable("hand", timezone.now())
        self.assertEqual(self.values(), {"webhooks_waiting": {(): 0}})
