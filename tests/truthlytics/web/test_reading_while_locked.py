"""Pages that are only read open at once while another process holds SQLite's write lock."""

import sqlite3
from contextlib import closing

from django.core.cache import cache
from django.db import connection
from django.test import tag
from django.urls import reverse

from articles.services.sharing import share
from tests.articles.gift_links import make_gift_link
from tests.factories import make_article, make_draft, make_editor, make_price, make_subscriber, make_user
from tests.subscriptions.emails.samples import make_gift
from tests.transactions import TransactionTestCase

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}


@tag("sqlite")  # PostgreSQL has no lock for all writers
class LockedTests(TransactionTestCase):
    def setUp(self):
        cache.clear()
        draft = make_draft(headline="A draft")
        article = make_article(required_level=10)
        self.pages = {
            make_gift(make_user(), make_price(), recipient_name="Per").get_absolute_url(): 200,
            share(article=draft, by=make_editor(), days=7).get_absolute_url(): 200,
            make_gift_link(article, make_subscriber()).get_absolute_url(): 200,
            reverse("subscriptions:redeem", args=["wrong"]): 404,
            reverse("articles:draft", args=["x" * 40]): 404,
        }

    def test_a_counter_that_cannot_be_written_fails_no_page(self):
        with connection.cursor() as cursor:
            # A write would fail at once instead of after twenty seconds.
            cursor.execute("PRAGMA busy_timeout = 0")
            self.addCleanup(connection.close)
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            for url, status in self.pages.items():
                with self.subTest(url):
                    self.assertEqual(self.client.get(url, headers=BROWSER).status_code, status)
            other.execute("ROLLBACK")
