"""Pages by cursor: what the database is asked."""

from datetime import UTC, datetime

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from articles.models import Article
from tests.factories import make_article
from truthlytics.web.cursor_pagination import encode, page


class QuestionTests(TestCase):
    def test_the_cursor_is_said_before_every_other_end_of_the_range(self):
        for _ in range(3):
            make_article()
        with CaptureQueriesContext(connection) as asked:
            page(Article.objects.listed(), after=encode(datetime(2001, 1, 1, tzinfo=UTC), 5), size=1,
                 time="published_at", tie="id")  # fmt: skip
        condition = asked[0]["sql"].split(" WHERE ")[1]
        self.assertLess(condition.index("2001"), condition.index("withdrawn_at"))
