"""Devices are logged out one at a time, and `tick` removes expired sessions."""

from datetime import timedelta
from unittest import mock

import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from subscriptions.services.sessions import delete_expired_sessions
from tests.factories import make_editor, make_member, make_user
from truthlytics.audit.log import AuditEntry


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


class OneSessionTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.reader = make_user()

    def device(self, user, agent="Mozilla/5.0 (Windows NT 10.0) Firefox/130.0"):
        """Log `user` in, and return the client and its entry in the list."""
        client = Client(headers={"user-agent": agent})
        client.force_login(user)
        key = client.session.session_key
        entry = UserSession.objects.create(user=user, ip="192.0.2.1", session_key=key, user_agent=agent)
        return client, entry

    def ending(self, entry):
        return reverse("subscriptions:end_session", args=[entry.pk])

    def in_newsroom(self, entry, user=None):
        return reverse("admin:subscriptions_user_session", args=[(user or entry.user).pk, entry.pk])

    def is_logged_in(self, client):
        return client.get("/account/").status_code == 200

    def test_reader_logs_out_one_device_and_stays_logged_in_on_the_others(self):
        here, _ = self.device(self.reader, "Mozilla/5.0 (Macintosh) Safari/605")
        (there, lost), (third, _) = self.device(self.reader), self.device(self.reader)
        self.assertContains(here.get(reverse("usersessions_list")), self.ending(lost))
        page = here.post(self.ending(lost), follow=True)
        self.assertContains(page, "Firefox on Windows is logged out.")
        self.assertEqual([self.is_logged_in(client) for client in (here, there, third)], [True, False, True])

    def test_devices_of_others_answer_404_and_links_do_nothing(self):
        here, own = self.device(self.reader)
        other, entry = self.device(make_user())
        self.assertEqual(here.post(self.ending(entry)).status_code, 404)
        self.assertEqual(here.get(self.ending(own)).status_code, 405)
        self.assertEqual(Client().post(self.ending(entry)).status_code, 302)
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(self.reader)
        self.assertEqual(strict.post(self.ending(own)).status_code, 403)
        self.assertTrue(self.is_logged_in(other) and self.is_logged_in(here))

    def test_ending_the_current_session_logs_out(self):
        here, own = self.device(self.reader)
        self.assertRedirects(here.post(self.ending(own)), "/", fetch_redirect_response=False)
        self.assertFalse(self.is_logged_in(here) or UserSession.objects.filter(pk=own.pk).exists())

    def test_publisher_logs_a_reader_out_on_one_device(self):
        there, entry = self.device(self.reader)
        self.client.force_login(make_member("Publisher"))
        page = reverse("admin:subscriptions_user_change", args=[self.reader.pk])
        self.assertContains(self.client.get(page), self.in_newsroom(entry))
        self.assertRedirects(self.client.post(self.in_newsroom(entry)), f"{page}#account-sessions")
        self.assertFalse(self.is_logged_in(there))
        message = AuditEntry.objects.about(self.reader).first().message
        self.assertEqual(message, "Logged out on a device: Firefox on Windows.")
        self.assertNotContains(self.client.get(page), self.in_newsroom(entry))

    def test_devices_in_the_newsroom_need_the_right_to_change_the_account(self):
        there, entry = self.device(self.reader)
        other = make_user()
        colleague, of_colleague = self.device(make_editor())
        for role, address, status in [
            ("Support", self.in_newsroom(entry), 403),
            ("Publisher", self.in_newsroom(entry, other), 404),
            ("Publisher", self.in_newsroom(of_colleague), 404),
        ]:
            self.client.force_login(make_member(role))
            with self.subTest(role, address=address):
                self.assertEqual(self.client.post(address).status_code, status)
        self.assertTrue(self.is_logged_in(there) and self.is_logged_in(colleague))
        self.client.force_login(make_member("Support"))
        page = self.client.get(reverse("admin:subscriptions_user_change", args=[self.reader.pk]))
        self.assertNotContains(page, "Firefox on Windows")
