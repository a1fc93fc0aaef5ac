from unittest import mock

from django.test import SimpleTestCase

from truthlytics import signal_handlers


class WiringTests(SimpleTestCase):
    def test_every_tier_opens_what_an_article_can_ask_for(self):
        self.assertEqual(signal_handlers.check_tier_levels(), [])

    def test_a_tier_that_no_article_knows_is_told(self):
        with mock.patch.object(signal_handlers, "TierLevel", mock.Mock(values=[10, 15])):
            (error,) = signal_handlers.check_tier_levels()
        self.assertIn("15", error.msg)
