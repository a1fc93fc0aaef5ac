from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection
from django.test import TestCase, tag
from django.utils import timezone

from articles.models import Article
from truthlytics.web.cursor_pagination import encode, page

SIZE, NUMBER, STEPS = 20, 1000, 10
NEWEST = datetime(2024, 1, 1, tzinfo=UTC)


def work(run: Callable[[], Any]) -> int:
    """Return how many times SQLite executed STEPS instructions during `run`, without what only a first run needs."""
    run()
    calls: list[None] = []
    connection.connection.set_progress_handler(lambda: calls.append(None), STEPS)
    try:
        run()
    finally:
        connection.connection.set_progress_handler(None, 0)
    return len(calls)


class CursorPaginationTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        rows = [
            Article(headline="Late", slug=f"late-{number}", published_at=NEWEST - timedelta(hours=number))
            for number in range(NUMBER)
        ]
        Article.objects.bulk_create(rows)

    def page(self, after, rows=None):
        rows, now = Article.objects.all() if rows is None else rows, timezone.now()
        return page(rows, after=after, size=SIZE, time="published_at", tie="id", then=lambda rows: rows.listed(now))

    def test_pages_hold_all_rows_in_order(self):
        after, slugs = "", []
        while True:
            found = self.page(after)
            slugs += [article.slug for article in found.items]
            if not (after := found.after):
                break
        self.assertEqual(slugs, [f"late-{number}" for number in range(NUMBER)])

    @tag("sqlite")  # counts the instructions of SQLite
    def test_a_late_page_costs_as_much_as_the_second(self):
        second, late = (encode(NEWEST - timedelta(hours=hours), 0) for hours in (SIZE, NUMBER - 2 * SIZE))
        self.assertLessEqual(work(lambda: self.page(late)), 1.1 * work(lambda: self.page(second)))

    @tag("sqlite")  # counts the instructions of SQLite
    def test_an_old_period_costs_as_much_as_a_recent_one(self):
        def period(hours):
            until = NEWEST - timedelta(hours=hours)
            return Article.objects.filter(published_at__gte=until - timedelta(hours=SIZE), published_at__lt=until)

        recent, old = (work(lambda hours=hours: self.page("", period(hours))) for hours in (SIZE, NUMBER - 2 * SIZE))
        self.assertLessEqual(old, 1.1 * recent)
