"""Dates as the newsroom shows them."""

from datetime import UTC, date, datetime
from unittest import mock
from zoneinfo import ZoneInfo

from django.template import Context, Template
from django.test import SimpleTestCase
from django.utils import timezone
from django.utils.translation import override

from truthlytics.web.dates import local_date, recent_date

NOW = datetime(2026, 12, 1, 18, tzinfo=UTC)


class DateTests(SimpleTestCase):
    def setUp(self):
        self.enterContext(mock.patch.object(timezone, "now", return_value=NOW))
        self.enterContext(timezone.override(ZoneInfo("Europe/Berlin")))

    def test_the_year_is_shown_unless_it_is_this_year(self):
        for at, english, german in (
            (NOW, "Tue 1 Dec, 19:00 CET", "Di, 1. Dez., 19:00 MEZ"),
            (datetime(2030, 1, 1, 18, tzinfo=UTC), "Tue 1 Jan 2030, 19:00 CET", "Di, 1. Jan. 2030, 19:00 MEZ"),
            # In UTC it is still this year.
            (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), "Fri 1 Jan 2027, 00:30 CET", "Fr, 1. Jan. 2027, 00:30 MEZ"),
        ):
            for language, text in (("en-gb", english), ("de", german)):
                with self.subTest(text), override(language):
                    self.assertEqual(recent_date(at, "D j M, H:i T"), text)

    def test_dates_without_a_time(self):
        with override("de"):
            self.assertEqual(recent_date(date(2026, 5, 3), "j M"), "3. Mai")
            self.assertEqual(recent_date(date(2014, 12, 10), "j M"), "10. Dez. 2014")

    def test_a_time_that_occurs_twice_has_its_zone(self):
        for hour, zone in ((0, "CEST"), (1, "CET")):
            at = datetime(2026, 10, 25, hour, 30, tzinfo=UTC)
            self.assertEqual(local_date(at, "H:i T"), f"02:30 {zone}")

    def test_templates_show_nothing_for_a_time_that_is_not_set(self):
        template = Template('{% load dates %}{{ at|local_date:"j M Y" }}|{{ at|recent_date:"j M" }}')
        self.assertEqual(template.render(Context({"at": None})), "|")
