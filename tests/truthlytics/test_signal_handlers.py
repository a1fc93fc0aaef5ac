"""Checks that connect apps."""

from unittest import mock

from django.test import SimpleTestCase

from truthlytics import signal_handlers


class TierLevelTests(SimpleTestCase):
    def test_articles_can_require_every_tier_level(self):
        self.assertEqual(signal_handlers.check_tier_levels(), [])

    def test_an_unknown_tier_level_is_an_error(self):
        with mock.patch.object(signal_handlers, "TierLevel", mock.Mock(values=[10, 15])):
            (error,) = signal_handlers.check_tier_levels()
        self.assertIn("15", error.msg)
