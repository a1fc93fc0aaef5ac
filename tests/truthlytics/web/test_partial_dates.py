"""Dates that may lack the day or the month."""

from itertools import product

from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from django.utils.translation import override

from truthlytics.web.partial_dates import format_partial_date, parse_partial_date


class PartialDateTests(SimpleTestCase):
    def test_parses_years_months_and_dates(self):
        for text, expected in [
            ("2024", "2024"),
            ("2024-3", "2024-03"),
            ("2024-11-20", "2024-11-20"),
            ("20 November 2024", "2024-11-20"),
            (" nov  2024 ", "2024-11"),
            ("1 May 0987", "0987-05-01"),
        ]:
            with self.subTest(text):
                self.assertEqual(parse_partial_date(text), expected)

    def test_parses_dates_as_people_write_them_in_the_language_of_the_page(self):
        for text, expected in [
            ("14.10.2026", "2026-10-14"),
            ("14. 10. 2026", "2026-10-14"),
            ("10.2026", "2026-10"),
            ("14. Oktober 2026", "2026-10-14"),
            ("Oktober 2026", "2026-10"),
            ("1. Mär. 2024", "2024-03-01"),
            ("20 November 2024", "2024-11-20"),
        ]:
            with self.subTest(text), override("de"):
                self.assertEqual(parse_partial_date(text), expected)

    def test_every_date_that_a_page_shows_is_understood_there(self):
        for language, month in product(("en-gb", "de"), range(1, 13)):
            for stored in (f"2026-{month:02}", f"2026-{month:02}-07"):
                with self.subTest(language=language, stored=stored), override(language):
                    self.assertEqual(parse_partial_date(format_partial_date(stored)), stored)

    def test_refuses_invalid_dates(self):
        for text in (
            "",
            "soon",
            "2024-13",
            "2024-02-30",
            "0000",
            "24",
            "20/11/2024",
            "20.11.24",
            "31.2.2024",
            "20. Brumaire 2024",
            "2024-11-20-01",
            "٢٠٢٤",
            "9" * 99,
        ):
            with self.subTest(text), self.assertRaises(ValidationError):
                parse_partial_date(text)

    def test_formats_the_known_precision(self):
        self.assertEqual(
            [format_partial_date(value) for value in ("2024", "2024-11", "2024-11-20")],
            ["2024", "November 2024", "20 November 2024"],
        )
        self.assertEqual(format_partial_date("2024-11-20", short=True), "20 Nov 2024")
