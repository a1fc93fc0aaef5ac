"""`tick` removes expired sessions."""

from datetime import timedelta
from unittest import mock

import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from subscriptions.services.sessions import delete_expired_sessions
from tests.factories import make_user


class ExpiredSessionTests(TestCase):
    def log_in(self, user):
        self.client.force_login(user)
        key = self.client.session.session_key
        UserSession.objects.create(user=user, ip="192.0.2.1", session_key=key, last_seen_at=timezone.now())
        self.client.cookies.clear()

    def test_expired_sessions_and_their_devices_are_deleted(self):
        user, now = make_user(), timezone.now()
        with time_machine.travel(now - timedelta(days=30), tick=False):
            self.log_in(user)
        self.log_in(user)
        self.assertEqual((Session.objects.count(), UserSession.objects.count()), (2, 2))
        for _ in range(2):
            call_command("tick", stdout=mock.Mock())
        self.assertEqual((Session.objects.count(), UserSession.objects.count()), (1, 1))
        self.assertEqual(UserSession.objects.get().session_key, Session.objects.get().session_key)

    def test_device_of_a_new_login_is_kept_although_its_session_is_not_stored_yet(self):
        self.log_in(make_user())
        Session.objects.all().delete()
        delete_expired_sessions(timezone.now())
        self.assertTrue(UserSession.objects.exists())
