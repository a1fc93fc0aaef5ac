"""The compiled query for running grants returns the same rows as its QuerySet."""

from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Grant
from subscriptions.services.access import access_for
from subscriptions.services.access import running as running_grants
from tests.factories import make_subscriber, make_user


class RunningGrantsQueryTests(TestCase):
    def test_running_grants_match_queryset_at_all_times(self):
        user, now = make_user(), timezone.now()
        make_subscriber()
        hour = timedelta(hours=1)
        for start, end, revoked in [(-2, 2, False), (-1, 1, False), (1, 2, False), (-3, 3, True)]:
            Grant.objects.create(
                user=user, level=20 if start == -1 else 10, starts_at=now + start * hour, ends_at=now + end * hour,
                revoked_at=now if revoked else None, may_comment=start == -2,
            )  # fmt: skip
        for hours in (-4, -2, -1, 0, 1, 2, 3):
            time = now + hours * hour
            expected = Grant.objects.running(time).filter(user=user).order_by().values_list("level", "may_comment")
            with self.subTest(hours):
                self.assertEqual(sorted(running_grants(user.pk, time)), sorted(expected))
        self.assertEqual((access_for(user, now).level, access_for(user, now).may_comment), (20, True))

    def test_running_grants_cost_one_query(self):
        user = make_user()
        with self.assertNumQueries(1):
            running_grants(user.pk, timezone.now())
