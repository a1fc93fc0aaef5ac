"""When a reader first subscribed, whatever has paid for it since."""

from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.test import TestCase
from django.urls import reverse

from subscriptions.models import Grant, Subscription
from tests.factories import make_editor, make_grant, make_subscription, make_user

FIRST = datetime(2024, 2, 29, 12, tzinfo=UTC)


class FirstSubscribedTests(TestCase):
    def setUp(self):
        self.reader = make_user()
        self.subscription = make_subscription(self.reader)

    def grant(self, source, *, after=0):
        starts_at = FIRST + timedelta(days=after)
        times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(days=30)}
        return make_grant(self.reader, source=source, **times)

    def first(self):
        """The date as the property and as the annotation has it."""
        row = Subscription.objects.get(pk=self.subscription.pk)
        annotated = Subscription.objects.with_first_subscribed().get(pk=self.subscription.pk)
        self.assertEqual(annotated.first_subscribed_at, row.first_subscribed_at)
        return row.first_subscribed_at

    def test_it_is_the_start_of_the_only_subscription(self):
        self.assertEqual(self.first(), self.subscription.period_start)

    def test_change_of_payment_renewal_and_gap_keep_it(self):
        transfer = make_subscription(self.reader, status="ended", ended_at=FIRST, period_start=FIRST)
        self.grant(Grant.Source.ORDER, after=400)
        self.assertEqual(self.first(), transfer.period_start)

    def test_gifts_and_complimentary_access_count(self):
        for source in (Grant.Source.GIFT, Grant.Source.COMP):
            with self.subTest(source):
                grant = self.grant(source)
                self.assertEqual(self.first(), FIRST)
                grant.delete()

    def test_free_trials_and_grace_do_not_count(self):
        self.grant(Grant.Source.TRIAL)
        self.grant(Grant.Source.GRACE)
        self.assertEqual(self.first(), self.subscription.period_start)

    def test_nothing_was_paid_or_given_yet(self):
        Grant.objects.all().delete()
        self.assertIsNone(self.first())

    def test_rows_can_be_locked(self):
        locked = Subscription.objects.select_for_update(of=("self",)).with_first_subscribed()
        with transaction.atomic():
            self.assertEqual(locked.get().first_subscribed_at, self.subscription.period_start)

    def test_other_readers_do_not_count(self):
        make_subscription(make_user(), period_start=FIRST)
        self.assertEqual(self.first(), self.subscription.period_start)

    def test_newsroom_sees_it(self):
        self.grant(Grant.Source.GIFT)
        self.client.force_login(make_editor())
        page = self.client.get(reverse("admin:subscriptions_subscription_change", args=[self.subscription.pk]))
        self.assertContains(page, "29 Feb 2024")
