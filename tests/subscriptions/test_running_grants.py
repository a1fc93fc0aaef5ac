"""Access follows the grants that run at the time."""

from datetime import timedelta

from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Grant
from subscriptions.services.access import access_for
from tests.factories import make_subscriber, make_user


class RunningGrantsTests(TestCase):
    def test_access_is_that_of_the_grants_running_at_the_time(self):
        user, now = make_user(), timezone.now()
        make_subscriber()
        hour = timedelta(hours=1)
        for start, end, revoked in [(-2, 2, False), (-1, 1, False), (1, 2, False), (-3, 3, True)]:
            Grant.objects.create(
                user=user,
                level=20 if start == -1 else 10,
                starts_at=now + start * hour,
                ends_at=now + end * hour,
                revoked_at=now if revoked else None,
                may_comment=start == -2,
            )
        for hours in (-4, -2, -1, 0, 1, 2, 3):
            time = now + hours * hour
            running = Grant.objects.running(time).filter(user=user)
            levels, may_comment = [1, *(grant.level for grant in running)], any(grant.may_comment for grant in running)
            with self.subTest(hours):
                access = access_for(user, time)
                self.assertEqual((access.level, access.may_comment), (max(levels), may_comment))
        self.assertEqual((access_for(user, now).level, access_for(user, now).may_comment), (20, True))

    def test_access_costs_one_query(self):
        user = make_user()
        with self.assertNumQueries(1):
            access_for(user, timezone.now())
