from datetime import UTC, datetime

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from tests.factories import make_article
from truthlytics.web.cursor_pagination import encode, page


class CursorPaginationTests(TestCase):
    def test_the_cursor_condition_precedes_other_conditions(self):
        for _ in range(3):
            make_article()
        with CaptureQueriesContext(connection) as queries:
            page(Article.objects.listed(), after=encode(datetime(2001, 1, 1, tzinfo=UTC), 5), size=1,
                 time="published_at", tie="id")  # fmt: skip
        condition = queries[0]["sql"].split(" WHERE ")[1]
        self.assertLess(condition.index("2001"), condition.index("withdrawn_at"))
