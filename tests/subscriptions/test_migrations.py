"""Migrations that change stored values."""

from importlib import import_module

from django.apps import apps
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Order, SentEmail
from tests.factories import make_order, make_user
from tests.subscriptions.journeys import on_demo

spelling = import_module("subscriptions.migrations.0002_cancelled")


@on_demo
class CancelledTests(TestCase):
    def stored(self):
        return sorted(
            [*Order.objects.values_list("status", flat=True), *SentEmail.objects.values_list("kind", flat=True)]
        )

    def test_stored_values_get_the_other_spelling_and_others_stay(self):
        make_order()
        Order.objects.filter(pk=make_order().pk).update(status="canceled")
        SentEmail.objects.create(user=make_user(), kind="canceled", key="1", sent_at=timezone.now())
        before = self.stored()
        spelling.forwards(apps, None)
        self.assertEqual(self.stored(), ["cancelled", "cancelled", "open"])
        spelling.backwards(apps, None)
        self.assertEqual(self.stored(), before)
