"""The cache around Django: what it keeps, what it never keeps, and how it forgets."""

import gzip
import threading
from datetime import UTC, datetime, timedelta
from threading import Barrier
from time import sleep
from unittest import mock

import time_machine
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory, TransactionTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.homepage.layout import Layout, RowLayout
from articles.models import Article, HomepageEdition, Section
from articles.services.homepage import unschedule_edition
from articles.services.publishing import publish, withdraw
from comments.models import Thread
from comments.services import approve
from subscriptions.models import Price
from tests.factories import (
    make_article,
    make_comment,
    make_draft,
    make_edition,
    make_editor,
    make_price,
    make_section,
    make_subscriber,
    make_version,
)
from truthlytics.cache import next_change
from truthlytics.cache.invalidation import site_generations
from truthlytics.cache.store import Store
from truthlytics.cache.wsgi import PageCache

MIDDLEWARE = ["truthlytics.cache.middleware.PageCacheMiddleware", *settings.MIDDLEWARE]
LONG = 10**10


class Visitor:
    """Asks through the cache; counts how often Django was asked."""

    def __init__(self, application=None, **options):
        self.made = 0
        self.django = application or WSGIHandler()
        self.cache = PageCache(
            self._count, store=Store(options.pop("limit", 10**7)), generations=site_generations(), **options
        )

    def _count(self, environ, start_response):
        self.made += 1
        return self.django(environ, start_response)

    def get(self, path, method="GET", **headers):
        environ = RequestFactory(HTTP_HOST="testserver").generic(method, path, **headers).environ
        said = {}
        body = self.cache(environ, lambda status, headers, *more: said.update(status=status, headers=dict(headers)))
        said["body"] = b"".join(body)
        if callable(close := getattr(body, "close", None)):
            close()
        return said


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class PageCacheTests(TransactionTestCase):
    def setUp(self):
        next_change._known = None
        make_price()
        self.section = make_section()
        self.article = make_article(section=self.section, headline="A kept headline")
        self.address = self.article.get_absolute_url()
        self.visitor = Visitor()

    def read(self, path=None, **headers):
        return self.visitor.get(path or self.address, **headers)

    def test_the_second_stranger_does_not_reach_django(self):
        first, second = self.read(), self.read()
        self.assertEqual(self.visitor.made, 1)
        self.assertEqual(first, second)
        self.assertIn(b"A kept headline", second["body"])
        self.assertNotIn("X-Page-Expires", second["headers"])
        self.assertNotIn("Set-Cookie", second["headers"])

    def test_gzip_etag_and_head_are_of_the_same_page(self):
        plain, zipped = self.read(), self.read(HTTP_ACCEPT_ENCODING="br, gzip")
        self.assertEqual(gzip.decompress(zipped["body"]), plain["body"])
        self.assertEqual(zipped["headers"]["Vary"], "Accept-Encoding")
        for answer in (plain, zipped):
            again = self.read(HTTP_IF_NONE_MATCH=answer["headers"]["ETag"])
            self.assertEqual((again["status"], again["body"]), ("304 Not Modified", b""))
        head = self.read(method="HEAD")
        self.assertEqual((head["body"], head["headers"]), (b"", plain["headers"]))
        self.assertEqual(self.visitor.made, 1)

    def test_whoever_has_a_cookie_of_ours_is_never_served_from_it_nor_fills_it(self):
        self.client.force_login(make_subscriber())
        session = f"sessionid={self.client.cookies['sessionid'].value}"
        for cookie in (session, "cart=abc", "messages=x"):
            self.assertIn("no-store", self.read(HTTP_COOKIE=cookie)["headers"]["Cache-Control"])
        self.assertEqual(self.visitor.made, 3)
        self.assertIn("public", self.read(HTTP_COOKIE="theme=dark")["headers"]["Cache-Control"])
        self.read()
        self.assertEqual(self.visitor.made, 4)

    def test_what_is_private_missing_or_changed_by_post_is_not_kept(self):
        for method, path in [("GET", "/cart/"), ("GET", "/accounts/login/"), ("GET", "/no/such/"), ("POST", "/")]:
            before = self.visitor.made
            self.read(path, method=method)
            self.read(path, method=method)
            self.assertEqual(self.visitor.made, before + 2, path)

    def test_a_query_is_part_of_the_name_only_where_it_means_something(self):
        self.read(f"{self.address}?utm_source=x&fbclid=y")
        self.read()
        self.assertEqual(self.visitor.made, 1)
        for query in ("q=1", "after=abc", "x=%00", "utm_source=x&z=1"):
            self.read(f"{self.address}?{query}")
        self.assertEqual(self.visitor.made, 5)
        self.assertNotIn(b"utm_source", self.read(f"{self.address}?utm_source=x")["body"])

    def test_a_foreign_host_gets_nothing_that_was_kept(self):
        self.read()
        self.assertTrue(self.read(HTTP_HOST="evil.example")["status"].startswith("400"))
        self.assertTrue(self.read(HTTP_HOST="testserver:81")["status"].startswith("200"))
        self.assertEqual(self.visitor.made, 3)

    def test_no_unkeyed_header_changes_what_is_kept(self):
        clean = Visitor().get(self.address)["body"]
        for number, name in enumerate(
            ["HTTP_X_FORWARDED_HOST", "HTTP_X_ORIGINAL_URL", "HTTP_ACCEPT_LANGUAGE", "HTTP_USER_AGENT"]
        ):
            visitor = Visitor()
            visitor.get(self.address, **{name: f"evil{number}"})
            self.assertEqual(visitor.get(self.address)["body"], clean)

    def test_every_change_is_seen_with_the_next_request(self):
        comment = make_comment(article=self.article, status="waiting", text="Awaited words")
        pages = {"page": self.address, "front": "/", "latest": "/latest/", "section": self.section.get_absolute_url()}

        def everywhere(change, words, *names, gone=False):
            for path in pages.values():
                self.read(path)
            change()
            for name in names:
                with self.subTest(f"{words} {name}"):
                    self.assertEqual(words.encode() in self.read(pages[name])["body"], not gone)

        everywhere(lambda: approve(comments=[comment], by=None), "Awaited words", "page")
        everywhere(lambda: make_version(self.article, headline="Another headline"), "Another headline", *pages)
        self.section.name = "Renamed"
        everywhere(self.section.save, "Renamed", *pages)
        comment.author.display_name = "Renamed Reader"
        everywhere(comment.author.save, "Renamed Reader", "page")
        everywhere(lambda: withdraw(item=self.article), "Another headline", "front", "latest", "section", gone=True)
        self.assertTrue(self.read()["status"].startswith("410"))

    def test_a_new_price_is_seen_at_the_gate(self):
        gated = make_article(required_level=10)
        self.assertIn(b"9.00", self.read(gated.get_absolute_url())["body"])
        price = Price.objects.get()
        price.minor = 1100
        price.save()
        self.assertIn(b"11.00", self.read(gated.get_absolute_url())["body"])

    def test_what_the_newsroom_does_in_bulk_is_seen_too(self):
        Article.objects.filter(pk=self.article.pk).update(required_level=10)
        publish(item=self.article)
        thread = Thread.objects.create(article=self.article)
        self.client.force_login(make_editor())
        for model, action, pk in [
            ("subscriptions_price", "archive", Price.objects.get().pk),
            ("comments_thread", "close", thread.pk),
        ]:
            with self.subTest(action):
                before = self.read()["body"]
                url = reverse(f"admin:{model}_changelist")
                self.client.post(url, {"action": action, "_selected_action": [pk]})
                self.assertFalse(self.read()["body"] == before, "A page from before was served.")

    def test_a_page_ends_when_the_clock_changes_it(self):
        noon = datetime(2026, 5, 3, 12, tzinfo=UTC)
        with time_machine.travel(noon, tick=False):
            publish(item=make_draft(headline="At two"), at=noon + timedelta(hours=2))
        for moment, there in [(timedelta(minutes=119, seconds=59), False), (timedelta(hours=2), True)]:
            with time_machine.travel(noon + moment, tick=False):
                self.read("/latest/")
                self.assertEqual(b"At two" in self.read("/latest/")["body"], there)

    def test_a_front_page_ends_with_the_next_edition_and_when_one_is_made_or_given_up(self):
        noon = timezone.now().replace(microsecond=0) + timedelta(hours=1)
        make_article(section=self.section)
        rows = tuple(RowLayout(str(section.uuid), shown=False) for section in Section.objects.all())
        row = f'id="row-{self.section.slug}"'.encode()
        for moment, deed, there in [
            (timedelta(), lambda: make_edition(at=noon + timedelta(hours=4)), True),
            (timedelta(), lambda: make_edition(Layout(rows=rows), at=noon + timedelta(hours=2)), True),
            (timedelta(hours=2), lambda: None, False),
            (timedelta(hours=3), lambda: make_edition(), True),
            (timedelta(hours=3, minutes=30), lambda: make_edition(Layout(rows=rows)), False),
            (
                timedelta(hours=3, minutes=45),
                lambda: unschedule_edition(edition=HomepageEdition.objects.get(number=1)),
                False,
            ),
            (timedelta(hours=5), lambda: None, False),
        ]:
            with self.subTest(moment), time_machine.travel(noon + moment, tick=False):
                self.read("/")
                deed()
                self.assertEqual(row in self.read("/")["body"], there)

    def test_news_end_with_the_hours_of_their_oldest(self):
        for before, there in [(timedelta(minutes=2), True), (timedelta(), False)]:
            with time_machine.travel(self.article.published_at + timedelta(hours=48) - before, tick=False):
                for _ in range(2):
                    self.assertEqual(self.address.encode() in self.read("/sitemap-news.xml")["body"], there)
        self.assertEqual(self.visitor.made, 2)

    def test_a_feed_is_kept_and_forgotten_like_a_page(self):
        address = f"{self.section.get_absolute_url()}feeds/atom.xml"
        for made in (1, 1):
            feed = self.read(address)
            self.assertEqual(self.visitor.made, made)
        self.assertTrue(self.read(address, HTTP_IF_NONE_MATCH=feed["headers"]["ETag"])["status"].startswith("304"))
        make_article(section=self.section, headline="Newer still")
        self.assertIn(b"Newer still", self.read(address)["body"])

    def test_a_page_that_was_changed_while_it_was_made_is_made_again(self):
        def change_meanwhile(environ, start_response):
            body = WSGIHandler()(environ, start_response)
            if self.visitor.made == 1:
                make_version(self.article, headline="Changed meanwhile")
            return body

        self.visitor = Visitor(change_meanwhile)
        self.read()
        self.assertIn(b"Changed meanwhile", self.read()["body"])

    def test_many_at_once_make_one_page(self):
        def slow(environ, start_response):
            sleep(0.2)
            start_response(
                "200 OK", [("X-Page-Expires", str(LONG)), ("Surrogate-Key", "listing"), ("Cache-Control", "public")]
            )
            return [b"made"]

        visitor, barrier, got = Visitor(slow), Barrier(8), []

        def ask():
            barrier.wait()
            got.append(visitor.get("/")["body"])

        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((got, visitor.made), ([b"made"] * 8, 1))

    def test_while_the_database_is_away_what_was_good_is_served(self):
        good = self.read()["body"]
        site_generations().bump([f"article:{self.article.pk}"])

        def broken(environ, start_response):
            start_response("500 Internal Server Error", [])
            return [b"broken"]

        self.visitor.django = broken
        self.assertEqual(self.read()["body"], good)
        self.assertEqual(self.read("/latest/")["body"], b"broken")
        self.assertEqual(self.visitor.made, 3)
        self.read()
        self.assertEqual(self.visitor.made, 3, "What has just failed is not tried again at once.")
        self.visitor.django = WSGIHandler()
        make_version(self.article, headline="Back again")
        self.assertIn(b"Back again", self.read()["body"])

    def test_what_was_good_is_served_for_an_hour_past_its_end_and_no_longer(self):
        now = datetime.now(UTC)

        def broken(environ, start_response):
            start_response("500 Internal Server Error", [])
            return [b"broken"]

        with time_machine.travel(now, tick=False):
            good = self.read()["body"]
        self.visitor.django = broken
        for later, body in [(timedelta(minutes=69), good), (timedelta(minutes=71), b"broken")]:
            with time_machine.travel(now + later, tick=False):
                self.assertTrue(self.read()["body"] == body, later)

    def test_the_next_change_is_asked_once(self):
        for _ in range(2):
            Visitor().get("/latest/")
        with mock.patch.object(next_change, "_ask") as ask:
            Visitor().get("/latest/")
        ask.assert_not_called()
