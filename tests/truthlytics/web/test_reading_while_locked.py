"""Pages that are only read open at once while another process holds SQLite's write lock."""

import sqlite3
from contextlib import closing, contextmanager

from django.core.cache import cache
from django.db import connection
from django.test import tag
from django.urls import reverse

from articles.services.sharing import share
from tests.articles.gift_links import make_gift_link
from tests.budget import takes_longer
from tests.factories import (
    PASSWORD,
    make_article,
    make_comment,
    make_draft,
    make_editor,
    make_order,
    make_plan,
    make_price,
    make_renewing,
    make_subscriber,
    make_user,
)
from tests.subscriptions.emails.samples import make_gift
from tests.subscriptions.journeys import on_demo
from tests.transactions import TransactionTestCase
from truthlytics.web.text import split_words

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
PAGES = split_words(
    "/ /latest/ /search/?q=a /corrections/ /record/ /feeds/rss.xml /subscribe/ /cart/ /give/ /contact/ /cancel/ "
    "/accounts/login/ /accounts/signup/ /accounts/login/code/ /accounts/password/reset/ /accounts/reauthenticate/ "
    "/accounts/email/ /accounts/password/change/ /accounts/2fa/ /accounts/2fa/totp/activate/ /accounts/sessions/ "
    "/account/ /account/name/ /account/emails/ /account/comments/ /account/followed/ /account/payments/ "
    "/account/saved/ /account/gifts/ /account/gift-links/ /account/data/ /account/deletion/ "
    "/account/plan/ /account/card/ /account/cancellation/ /admin/ /admin/articles/article/ /admin/comments/queue/ "
    "/admin/comments/comment/ /admin/subscriptions/user/"
)


@tag("sqlite")  # PostgreSQL has no lock for all writers
class LockedTests(TransactionTestCase):
    def setUp(self):
        cache.clear()
        self.addCleanup(connection.close)

    @contextmanager
    def locked(self):
        """Hold the lock. A write would fail at once instead of after twenty seconds."""
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 0")
        with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 20000")

    def test_pages_with_a_key_in_their_address(self):
        article = make_article(required_level=10)
        pages = {
            make_gift(make_user(), make_price(), recipient_name="Per").get_absolute_url(): 200,
            share(article=make_draft(), by=make_editor(), days=7).get_absolute_url(): 200,
            make_gift_link(article, make_subscriber()).get_absolute_url(): 200,
            reverse("subscriptions:redeem", args=["wrong"]): 404,
            reverse("articles:draft", args=["x" * 40]): 404,
        }
        with self.locked():
            for url, status in pages.items():
                with self.subTest(url):
                    self.assertEqual(self.client.get(url, headers=BROWSER).status_code, status)

    @takes_longer("Long lists are made and read.")
    @on_demo
    def test_pages_of_visitors_readers_and_the_newsroom(self):
        subscription = make_renewing()
        comment = make_comment(article=make_article(required_level=10))
        order = make_order(make_user(), provider="manual")
        other = make_price(make_plan(), minor=1900)
        article = comment.article.get_absolute_url()
        more = [article, f"{article}comments/", f"{article}report-error/", comment.get_absolute_url()]
        more += [f"/account/plan/{other.pk}/", order.get_absolute_url()]
        for user in (None, subscription.user, order.user, make_editor()):
            self.client.logout()
            if user is not None:
                self.client.force_login(user)
                self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
            with self.locked():
                for url in [*PAGES, *more]:
                    with self.subTest(url, user=user):
                        self.assertLess(self.client.get(url, headers=BROWSER).status_code, 500)
