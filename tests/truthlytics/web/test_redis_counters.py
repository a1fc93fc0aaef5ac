"""Counting attempts while Redis is away."""

import logging
from unittest import mock

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache
from django.test import SimpleTestCase, TestCase, override_settings

from tests.budget import takes_longer
from tests.factories import PASSWORD, make_user
from truthlytics.env import cache_settings
from truthlytics.server import health
from truthlytics.web import redis_counters
from truthlytics.web.rate_limits import consume

# Nothing listens on this port.
NOWHERE = {"default": cache_settings("redis://127.0.0.1:1/0")}


class WithoutRedis:
    def setUp(self):
        super().setUp()
        self.enterContext(override_settings(CACHES=NOWHERE))
        self.enterContext(mock.patch.object(redis_counters, "OUTAGE", redis_counters.Outage()))
        self.addCleanup(lambda: caches["default"]._memory.clear())


class RedisCountersTests(WithoutRedis, SimpleTestCase):
    def test_limits_still_count(self):
        self.assertEqual([consume("x", "key", limit=2, seconds=60) for _ in range(3)], [True, True, False])

    def test_redis_is_asked_once_in_a_few_seconds(self):
        clock = self.enterContext(mock.patch.object(redis_counters.time, "monotonic", return_value=100.0))
        with mock.patch.object(RedisCache, "get", side_effect=self.connection_error()) as get:
            for now, asked in ((100, 1), (100 + redis_counters.RETRY_AFTER - 1, 1), (106, 2), (106, 2), (112, 3)):
                clock.return_value = now
                caches["default"].get("key")
                self.assertEqual(get.call_count, asked)

    def test_redis_is_used_again_when_it_answers(self):
        caches["default"].set("key", "memory")
        clock = self.enterContext(mock.patch.object(redis_counters.time, "monotonic", return_value=1e9))
        with mock.patch.object(RedisCache, "get", return_value="redis"):
            self.assertEqual([caches["default"].get("key") for _ in range(2)], ["redis", "redis"])
            clock.return_value += 1
        self.assertFalse(redis_counters.OUTAGE.is_known)

    def test_the_outage_is_logged_once(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        with self.assertLogs(redis_counters.logger) as logs:
            for _ in range(3):
                caches["default"].get("key")
        self.assertEqual(len(logs.output), 1)
        self.assertIn("Each worker counts attempts for itself", logs.output[0])

    def test_other_errors_are_raised(self):
        with mock.patch.object(RedisCache, "get", side_effect=RuntimeError), self.assertRaises(RuntimeError):
            caches["default"].get("key")

    @staticmethod
    def connection_error():
        from redis.exceptions import ConnectionError as RedisConnectionError

        return RedisConnectionError


class SiteWithoutRedisTests(WithoutRedis, TestCase):
    @takes_longer("A limit is reached by many requests.")
    def test_readers_can_log_in_and_wrong_passwords_are_limited(self):
        user = make_user()
        fields = {"login": user.email, "password": PASSWORD}
        self.assertRedirects(self.client.post("/accounts/login/", fields), "/account/")
        self.client.logout()
        wrong = [self.client.post("/accounts/login/", fields | {"password": "wrong"}) for _ in range(11)]
        self.assertNotContains(wrong[-2], "Many wrong passwords", status_code=wrong[-2].status_code)
        self.assertContains(wrong[-1], "Many wrong passwords", status_code=wrong[-1].status_code)

    def test_readyz_notices(self):
        self.assertEqual(health.find_problems()[0][0], health.NO_RESPONSE)
