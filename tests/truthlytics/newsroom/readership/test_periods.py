"""Periods of the statistics, the comparison with what is usual, and the charts."""

from datetime import date, timedelta

from django.test import SimpleTestCase
from django.utils.translation import override

from truthlytics.newsroom.charts import Stack
from truthlytics.newsroom.readership.periods import Period, Unit
from truthlytics.newsroom.readership.usual import compared, needed_since
from truthlytics.statistics.figures import Figures

TUESDAY = date(2026, 12, 1)
WEEK = timedelta(days=7)


class PeriodTests(SimpleTestCase):
    def test_periods_touch_each_other_without_gap_in_every_year(self):
        for unit in Unit:
            period = Period.around(date(2023, 12, 20), unit)
            for _ in range(60):
                with self.subTest(period):
                    self.assertEqual(period.after.first, period.last + timedelta(days=1))
                    self.assertEqual(period.after.before, period)
                    self.assertEqual(Period.around(period.last, unit), period)
                period = period.after

    def test_lengths(self):
        lengths = {unit: len(Period.around(date(2028, 2, 29), unit).days) for unit in Unit}
        self.assertEqual(lengths, {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 29, Unit.YEAR: 366})
        self.assertEqual(len(Period.around(TUESDAY, Unit.YEAR).months), 12)

    def test_names(self):
        names = {unit: Period.around(TUESDAY, unit).name for unit in Unit}
        self.assertEqual(names[Unit.DAY], "Tuesday, 1 December 2026")
        self.assertEqual(names[Unit.WEEK], "Week 49, 30 Nov to 6 Dec 2026")
        self.assertEqual((names[Unit.MONTH], names[Unit.YEAR]), ("December 2026", "2026"))
        with override("de"):
            self.assertEqual(Period.around(TUESDAY, Unit.DAY).name, "Dienstag, 1. Dezember 2026")


class ComparisonTests(SimpleTestCase):
    def compared(self, unit, days, today=TUESDAY + WEEK, on=TUESDAY):
        return compared(Period.around(on, unit), days, today)

    def tuesdays(self, *people, now):
        """Return the people of the Tuesdays before, the newest first."""
        days = {TUESDAY - WEEK * number: Figures(people=count) for number, count in enumerate(people, start=1)}
        return days | {TUESDAY: Figures(people=now)}

    def test_day_is_compared_with_the_median_of_six_same_weekdays(self):
        days = self.tuesdays(90, 110, 100, 100, 100, 9_000, 7_000, now=112)
        self.assertEqual(self.compared(Unit.DAY, days), "12% more than usual on a Tuesday.")
        self.assertEqual(self.compared(Unit.DAY, days | {TUESDAY: Figures(50)}), "50% less than usual on a Tuesday.")
        self.assertEqual(self.compared(Unit.DAY, days | {TUESDAY: Figures(100)}), "As usual on a Tuesday.")
        with override("de"):
            self.assertEqual(self.compared(Unit.DAY, days), "12\N{NO-BREAK SPACE}% mehr als sonst an einem Dienstag.")

    def test_nothing_is_said_with_less_than_three_weeks_or_of_a_day_that_is_not_over(self):
        self.assertEqual(self.compared(Unit.DAY, self.tuesdays(90, 110, now=5)), "")
        self.assertEqual(self.compared(Unit.DAY, self.tuesdays(90, 110, 100, now=5), today=TUESDAY), "")

    def test_days_that_were_counted_the_old_way_are_no_measure(self):
        days = self.tuesdays(100, 100, now=100)
        days |= {TUESDAY - WEEK * number: Figures(people=900, old=900) for number in (3, 4, 5, 6)}
        self.assertEqual(self.compared(Unit.DAY, days), "")
        days[TUESDAY - WEEK * 3] = Figures(people=100)
        self.assertEqual(self.compared(Unit.DAY, days), "As usual on a Tuesday.")
        self.assertEqual(self.compared(Unit.DAY, days | {TUESDAY: Figures(people=100, old=100)}), "")

    def test_begun_week_is_compared_up_to_yesterday(self):
        monday = TUESDAY - timedelta(days=1)
        days = {monday - WEEK * number: Figures(people=100) for number in range(1, 7)} | {monday: Figures(people=150)}
        days |= {TUESDAY - WEEK * number: Figures(people=700) for number in range(1, 7)}
        days[TUESDAY] = Figures(people=3)
        sentence = self.compared(Unit.WEEK, days, today=TUESDAY)
        self.assertEqual(sentence, "Up to and including Monday, 50% more than in a usual week.")
        self.assertEqual(self.compared(Unit.WEEK, days), "81% less than in a usual week.")
        self.assertEqual(needed_since(Period.around(TUESDAY, Unit.WEEK), TUESDAY), monday - WEEK * 6)

    def test_months_and_years_are_compared_with_the_one_before_once_they_are_over(self):
        days = {date(2026, 10, 5): Figures(people=100), date(2026, 11, 30): Figures(people=90)}
        self.assertEqual(self.compared(Unit.MONTH, days, on=date(2026, 11, 3)), "10% less than in October 2026.")
        days |= {date(2025, 1, 1): Figures(people=190)}
        self.assertEqual(self.compared(Unit.YEAR, days, today=date(2027, 1, 1)), "As many as in 2025.")
        self.assertEqual(self.compared(Unit.YEAR, days, today=date(2026, 12, 31)), "")

    def test_figures_of_the_period_before_are_read_only_to_be_compared(self):
        year = Period.around(TUESDAY, Unit.YEAR)
        self.assertEqual(needed_since(year, year.last), year.first)
        self.assertEqual(needed_since(year, year.after.first), year.before.first)


class StackTests(SimpleTestCase):
    def test_parts_lie_on_each_other_and_fill_the_height(self):
        bars = Stack(((30, 10), (0, 20))).rectangles
        tops = [(float(bar["y"]), float(bar["height"]), bar["part"]) for bar in bars]
        self.assertEqual(tops, [(25, 75, 1), (0, 25, 2), (50, 50, 2)])

    def test_nothing_is_an_empty_picture(self):
        self.assertEqual(Stack(((0, 0), (0, 0))).rectangles, [])
        self.assertEqual((Stack(()).highest, Stack(()).width), (0, 0))

    def test_half_share(self):
        self.assertEqual(Figures(people=30, halves=10, old=10).half_share, 50)
        self.assertIsNone(Figures(people=10, old=10).half_share)
        self.assertEqual(Figures(people=5, halves=9).half_share, 100)
