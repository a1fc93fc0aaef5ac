"""Finding the next scheduled change reads one row of an index per schedule, however large the archive is."""

from datetime import timedelta

import time_machine
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import Article
from tests.factories import make_article
from truthlytics.cache import next_change
from truthlytics.publication.models import Publication

# Tables with a row per article or per discussed article.
LARGE = ("articles_article", "comments_thread")


class NextChangeTests(TestCase):
    def setUp(self):
        next_change._cached.clear()
        self.now = timezone.now().replace(hour=10)
        self.enterContext(time_machine.travel(self.now, tick=False))
        self.article = make_article(published_at=self.now - timedelta(days=9, hours=22))

    def test_comments_close_days_after_the_publication(self):
        Publication.objects.update_or_create(pk=1, defaults={"comments_close_after_days": 10})
        self.assertEqual(next_change.next_change(self.now), self.article.published_at + timedelta(days=10))

    def test_the_next_expiry_counts_and_past_ones_do_not(self):
        make_article()
        for number, hours in enumerate((-2, 3, 1)):
            make_article(slug=f"expires-{number}")
            Article.objects.filter(slug=f"expires-{number}").update(withdrawn_at=self.now + timedelta(hours=hours))
        self.assertEqual(next_change.next_change(self.now), self.now + timedelta(hours=1))

    def test_the_plan_searches_indexes(self):
        Publication.objects.update_or_create(pk=1, defaults={"comments_close_after_days": 10})
        with CaptureQueriesContext(
            connection,
        ) as queries:
            next_change.next_change(self.now)
        statements = [query["sql"] for query in queries if any(f'FROM "{table}"' in query["sql"] for table in LARGE)]
        self.assertEqual(len(statements), 5)
        for statement in statements:
            plan = explain(statement)
            self.assertRegex(plan, r"SEARCH \S+ USING COVERING INDEX \w+ \(|Index Cond: .*> ", statement)
            self.assertNotRegex(plan, "SCAN|Seq Scan", statement)


def explain(statement):
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # It would scan a table as small as this one.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(("EXPLAIN " if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN ") + statement)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
