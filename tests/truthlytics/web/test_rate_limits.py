"""Counters of attempts lose no use and are not evicted."""

import threading
from datetime import timedelta
from unittest import mock

import time_machine
from django.core.cache import cache, caches
from django.core.cache.backends.db import DatabaseCache
from django.core.management import call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from tests.budget import takes_longer
from tests.factories import make_user
from tests.threads import start_thread
from tests.transactions import TransactionTestCase
from truthlytics.env import cache_settings
from truthlytics.jobs.listed import GROUPS
from truthlytics.web import counter_cache
from truthlytics.web.counter_cache import NotCountedError
from truthlytics.web.rate_limits import consume


def rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM truthlytics_counters")
        return cursor.fetchone()[0]


class ConsumeTests(TestCase):
    def setUp(self):
        cache.clear()

    def test_limit_and_window(self):
        with time_machine.travel(1_800_000_000, tick=False) as clock:
            self.assertEqual([consume("test", "a", limit=2, seconds=60) for _ in range(3)], [True, True, False])
            self.assertTrue(consume("test", "b", limit=2, seconds=60))
            self.assertTrue(consume("other", "a", limit=2, seconds=60))
            clock.shift(59)
            self.assertFalse(consume("test", "a", limit=2, seconds=60))
            clock.shift(1)
            self.assertTrue(consume("test", "a", limit=2, seconds=60))

    def test_use_that_cannot_be_stored_is_refused(self):
        # Django's cache says so if the disk is full.
        with mock.patch.object(DatabaseCache, "add", return_value=False), self.assertRaises(NotCountedError):
            consume("test", "a", limit=2, seconds=60)

    def test_a_counter_that_another_request_has_just_made_is_no_fault(self):
        cache.set("test", 3)
        self.assertFalse(cache.add("test", 0))

    def test_login_on_a_full_disk_is_no_fault_of_the_reader(self):
        self.client.raise_request_exception = False
        for path in ("/accounts/login/", "/accounts/login/code/", "/accounts/password/reset/"):
            cache.clear()
            with self.subTest(path), mock.patch.object(DatabaseCache, "add", return_value=False):
                response = self.client.post(path, {"login": "a@example.org", "email": "a@example.org", "password": "x"})
                self.assertEqual((response.status_code, "Retry-After" in response.headers), (503, True))

    @override_settings(CACHES={"default": cache_settings("memory://")})
    def test_counters_in_memory(self):
        self.assertEqual([consume("test", "a", limit=2, seconds=60) for _ in range(3)], [True, True, False])


class SimultaneousUseTests(TransactionTestCase):
    @takes_longer("A limit is reached by many requests.")
    def test_twelve_of_twenty_simultaneous_uses_pass_a_limit_of_twelve(self):
        cache.clear()
        start, passed = threading.Barrier(20), []

        def use():
            start.wait(10)
            passed.append(consume("test", "a", limit=12, seconds=3600))

        for thread in [start_thread(use) for _ in range(20)]:
            thread.join()
        self.assertEqual((passed.count(True), passed.count(False)), (12, 8))


class CounterTests(TestCase):
    def setUp(self):
        cache.clear()

    def test_incr_keeps_value_type_and_expiry(self):
        now = timezone.now()
        with time_machine.travel(now, tick=False):
            cache.set("n", 5, 100)
            self.assertEqual((cache.incr("n"), cache.incr("n", 3), cache.get("n")), (6, 9, 9))
            with self.assertRaises(ValueError):
                cache.incr("missing")
        with time_machine.travel(now + timedelta(seconds=101), tick=False):
            self.assertIsNone(cache.get("n"))

    def test_a_thousand_counters_evict_none(self):
        for number in range(1000):
            cache.set(f"{number:04}", number, 600)
        self.assertEqual(cache.get("0000"), 0)
        self.assertEqual(rows(), 1000)

    def test_tick_deletes_expired_counters(self):
        cache.set("short", 1, 60)
        cache.set("long", 1, 3600)
        for _ in range(2):
            with time_machine.travel(timezone.now() + timedelta(minutes=2), tick=False):
                call_command("tick", stdout=mock.Mock())
        # The other rows say when the jobs ran.
        self.assertEqual(rows(), 1 + len(GROUPS))
        self.assertEqual((cache.get("short"), cache.get("long")), (None, 1))

    @override_settings(CACHES={"default": cache_settings("memory://")})
    def test_tick_with_another_cache(self):
        self.assertEqual(counter_cache.delete_expired(timezone.now()), 0)
        for number in range(1000):
            caches["default"].set(f"{number:04}", number, 600)
        self.assertEqual(caches["default"].get("0000"), 0)


class FailedLoginTests(TransactionTestCase):
    def attempt(self, number, password="wrong"):
        data = {"login": "karim@example.org", "password": f"{password}-{number}"}
        address = f"127.0.1.{number % 40}"
        return self.client.post(reverse("account_login"), data, REMOTE_ADDR=address)

    @takes_longer("A limit is reached by many requests.")
    def test_resets_beside_do_not_lift_the_limit_of_failed_logins(self):
        """34 passwords from 40 addresses, with a password reset and 21 counters of others after each."""
        cache.clear()
        make_user(email="karim@example.org")
        now, refused = timezone.now(), 0
        with (
            mock.patch("django.contrib.auth.hashers.check_password", return_value=False),
            mock.patch("allauth.account.adapter.DefaultAccountAdapter.authentication_failed") as failed,
            mock.patch("subscriptions.adapter.AccountAdapter.send_mail"),
        ):
            for number in range(34):
                with time_machine.travel(now + timedelta(seconds=number), tick=False):
                    refused += b"Many wrong passwords" in self.attempt(number).content
                    self.client.post(
                        reverse("account_reset_password"),
                        {"email": f"reader{number}@example.org"},
                        REMOTE_ADDR=f"127.0.1.{number % 40}",
                    )
                    for other in range(21):
                        consume("reset", f"{number} {other}", limit=5, seconds=3600)
        self.assertEqual((failed.call_count, refused), (10, 24))


class SettingsTests(SimpleTestCase):
    def test_local_caches_evict_no_valid_counter(self):
        for url in ("db://", "memory://"):
            self.assertGreater(cache_settings(url)["OPTIONS"]["MAX_ENTRIES"], 10**9)
