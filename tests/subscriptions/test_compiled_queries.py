"""Compiled queries return the same rows as the QuerySets they were compiled from."""

from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import Grant, User
from subscriptions.services.access import access_for
from subscriptions.services.access import running as running_grants
from tests.factories import make_subscriber, make_user
from truthlytics.web.sessions import SessionStore


class RunningGrantsQueryTests(TestCase):
    def test_user_by_id_matches_queryset(self):
        make_user()
        user = make_subscriber()
        found, asked = User.objects.get(pk=user.pk), User.objects.filter(pk=user.pk).get()
        for field in User._meta.concrete_fields:
            self.assertEqual(getattr(found, field.attname), getattr(asked, field.attname), field.name)
        self.assertEqual(found, asked)
        found.display_name = "Renamed"
        found.save()
        self.assertEqual(User.objects.get(pk=user.pk).display_name, "Renamed")

    def test_missing_user_is_not_found(self):
        for pk in (10**9, 10**30, 0, -1, None):
            with self.subTest(pk), self.assertRaises(User.DoesNotExist):
                User.objects.get(pk=pk)

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
            moment = now + hours * hour
            asked = Grant.objects.running(moment).filter(user=user).order_by().values_list("level", "may_comment")
            with self.subTest(hours):
                self.assertEqual(sorted(running_grants(user.pk, moment)), sorted(asked))
        self.assertEqual((access_for(user, now).level, access_for(user, now).may_comment), (20, True))

    def test_session_matches_djangos_backend(self):
        session = SessionStore()
        session["a"] = 1
        session.create()
        self.assertEqual(DatabaseStore(session.session_key)["a"], SessionStore(session.session_key)["a"])
        session.set_expiry(-1)
        session.save()
        for key in (session.session_key, "a" * 32, None):
            for store in (SessionStore, DatabaseStore):
                read = store(key)
                self.assertIsNone(read.get("a"))
                self.assertIsNone(read.session_key)

    def test_each_costs_one_query(self):
        user = make_user()
        session = SessionStore()
        session.create()
        with self.assertNumQueries(3):
            User.objects.get(pk=user.pk)
            running_grants(user.pk, timezone.now())
            SessionStore(session.session_key).get("a")
