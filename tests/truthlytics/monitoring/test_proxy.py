"""The proxy of the site is checked once a day."""

from datetime import timedelta

from django.core.cache import cache
from django.test import override_settings
from django.utils import timezone

from tests.truthlytics.server.test_proxy_check import ProxyTestCase, honest, trusting, with_underscores
from truthlytics.monitoring.proxy import check_due, last_state


@override_settings(
    CACHES={"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "proxy"}}
)
class DailyCheckTests(ProxyTestCase):
    def setUp(self):
        super().setUp()
        cache.clear()

    def test_what_a_proxy_lets_through_is_counted(self):
        now = timezone.now()
        for day, (change, wrong) in enumerate([(honest, 0), (with_underscores, 2), (trusting, 3), (honest, 0)]):
            at = now + timedelta(days=day)
            with self.subTest(change.__name__), self.behind(change):
                self.assertEqual(check_due(at), 1)
                self.assertEqual(last_state(), (at, wrong))

    def test_once_a_day(self):
        now = timezone.now()
        with self.behind(honest):
            checked = [check_due(now + timedelta(hours=hours)) for hours in (0, 1, 23, 24, 25)]
            self.assertEqual(checked, [1, 0, 0, 1, 0])
            # The clock was wrong.
            self.assertEqual(check_due(now), 1)

    def test_an_address_that_cannot_be_reached_is_not_known(self):
        now = timezone.now()
        with self.settings(SITE_URL="http://127.0.0.1:9", TRUSTED_PROXY_COUNT=1):
            self.assertEqual(check_due(now), 1)
        self.assertEqual(last_state(), (now, None))

    def test_without_a_proxy_nothing_is_sent(self):
        with self.settings(TRUSTED_PROXY_COUNT=0, SITE_URL="http://127.0.0.1:9"):
            self.assertEqual(check_due(timezone.now()), 0)
        self.assertIsNone(last_state())
