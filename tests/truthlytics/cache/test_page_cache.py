"""The page cache: what it stores, what it never stores, and when pages are invalidated."""

import gzip
import threading
import time
from datetime import UTC, datetime, timedelta
from threading import Barrier
from time import sleep
from unittest import mock

import time_machine
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from articles.homepage.layout import Layout, RowLayout
from articles.models import Article, HomepageEdition, Section
from articles.services.homepage import unschedule_edition
from articles.services.publishing import publish, withdraw
from comments.models import Thread
from comments.services import approve
from subscriptions.models import Price
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_draft,
    make_edition,
    make_editor,
    make_price,
    make_section,
    make_subscriber,
    make_version,
)
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import FAR_FUTURE, MIDDLEWARE, Visitor
from truthlytics.cache import next_change
from truthlytics.cache.invalidation import site_generations


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class PageCacheTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        make_price()
        self.section = make_section()
        self.article = make_article(section=self.section, headline="A cached headline")
        self.url = self.article.get_absolute_url()
        self.visitor = Visitor()

    def read(self, path=None, **headers):
        return self.visitor.get(path or self.url, **headers)

    def test_the_second_request_does_not_reach_django(self):
        first, second = self.read(), self.read()
        self.assertEqual(self.visitor.rendered, 1)
        self.assertEqual(first, second)
        self.assertIn(b"A cached headline", second["body"])
        self.assertNotIn("X-Page-Expires", second["headers"])
        self.assertNotIn("Set-Cookie", second["headers"])

    def test_gzip_etag_and_head_belong_to_the_same_page(self):
        plain, gzipped = self.read(), self.read(HTTP_ACCEPT_ENCODING="br, gzip")
        self.assertEqual(gzip.decompress(gzipped["body"]), plain["body"])
        self.assertEqual(gzipped["headers"]["Vary"], "Accept-Encoding")
        for response in (plain, gzipped):
            again = self.read(HTTP_IF_NONE_MATCH=response["headers"]["ETag"])
            self.assertEqual((again["status"], again["body"]), ("304 Not Modified", b""))
        head = self.read(method="HEAD")
        self.assertEqual((head["body"], head["headers"]), (b"", plain["headers"]))
        self.assertEqual(self.visitor.rendered, 1)

    def test_visitors_with_a_personal_cookie_bypass_the_cache(self):
        self.client.force_login(make_subscriber())
        session = f"sessionid={self.client.cookies['sessionid'].value}"
        for cookie in (session, "cart=abc", "messages=x"):
            self.assertIn("no-store", self.read(HTTP_COOKIE=cookie)["headers"]["Cache-Control"])
        self.assertEqual(self.visitor.rendered, 3)
        self.assertIn("public", self.read(HTTP_COOKIE="theme=dark")["headers"]["Cache-Control"])
        self.read()
        self.assertEqual(self.visitor.rendered, 4)

    def test_private_missing_and_posted_pages_are_not_stored(self):
        for method, path in [("GET", "/cart/"), ("GET", "/accounts/login/"), ("GET", "/no/such/"), ("POST", "/")]:
            before = self.visitor.rendered
            self.read(path, method=method)
            self.read(path, method=method)
            self.assertEqual(self.visitor.rendered, before + 2, path)

    def test_only_known_query_parameters_are_part_of_the_key(self):
        page = self.read(f"{self.url}?utm_source=x&fbclid=y&campaign=weekly-2026-11-29")
        self.assertNotIn(b"weekly-2026-11-29", page["body"])
        self.read()
        self.assertEqual(self.visitor.rendered, 1)
        for query in ("q=1", "after=abc", "x=%00", "utm_source=x&z=1"):
            self.read(f"{self.url}?{query}")
        self.assertEqual(self.visitor.rendered, 5)
        self.assertNotIn(b"utm_source", self.read(f"{self.url}?utm_source=x")["body"])

    def test_unknown_hosts_get_no_cached_page(self):
        self.read()
        self.assertTrue(self.read(HTTP_HOST="evil.example")["status"].startswith("400"))
        self.assertTrue(self.read(HTTP_HOST="testserver:81")["status"].startswith("200"))
        self.assertEqual(self.visitor.rendered, 3)

    def test_headers_outside_the_key_do_not_change_the_cached_page(self):
        clean = Visitor().get(self.url)["body"]
        for number, name in enumerate(
            ["HTTP_X_FORWARDED_HOST", "HTTP_X_ORIGINAL_URL", "HTTP_ACCEPT_LANGUAGE", "HTTP_USER_AGENT"]
        ):
            visitor = Visitor()
            visitor.get(self.url, **{name: f"evil{number}"})
            self.assertEqual(visitor.get(self.url)["body"], clean)

    @takes_longer("Long lists are made and read.")
    def test_every_change_is_visible_with_the_next_request(self):
        comment = make_comment(article=self.article, status="waiting", text="An awaited comment")
        pages = {"page": self.url, "front": "/", "latest": "/latest/", "section": self.section.get_absolute_url()}

        def check(change, text, *names, gone=False):
            for path in pages.values():
                self.read(path)
            change()
            for name in names:
                with self.subTest(f"{text} {name}"):
                    self.assertEqual(text.encode() in self.read(pages[name])["body"], not gone)

        check(lambda: approve(comments=[comment], by=None), "An awaited comment", "page")
        check(lambda: make_version(self.article, headline="Another headline"), "Another headline", *pages)
        self.section.name = "Renamed"
        check(self.section.save, "Renamed", *pages)
        comment.author.display_name = "Renamed Reader"
        check(comment.author.save, "Renamed Reader", "page")
        check(lambda: withdraw(item=self.article), "Another headline", "front", "latest", "section", gone=True)
        self.assertTrue(self.read()["status"].startswith("410"))

    def test_renaming_a_reader_invalidates_only_pages_with_their_comments(self):
        reader = make_comment(article=self.article).author
        other = make_article(section=self.section)
        make_comment(article=other)
        urls = [self.url, other.get_absolute_url(), "/", self.section.get_absolute_url()]
        for url in urls:
            self.read(url)
        rendered = self.visitor.rendered
        reader.display_name = "Renamed Reader"
        reader.save()
        pages = [self.read(url)["body"] for url in urls]
        self.assertEqual(self.visitor.rendered, rendered + 1)
        self.assertEqual([b"Renamed Reader" in page for page in pages], [True, False, False, False])

    def test_a_login_invalidates_no_page(self):
        reader = make_comment(article=self.article).author
        self.read()
        self.client.force_login(reader)
        self.read()
        self.assertEqual(self.visitor.rendered, 1)

    def test_linking_a_user_to_an_author_invalidates_pages_with_their_comments(self):
        author = make_author()
        article = make_article(authors=[author])
        author.user = make_comment(article=article).author
        self.assertNotIn(b"chip--author", self.read(article.get_absolute_url())["body"])
        author.save()
        self.assertIn(b"chip--author", self.read(article.get_absolute_url())["body"])

    def test_a_new_price_is_visible_at_the_gate(self):
        gated = make_article(required_level=10)
        self.assertIn(b"9.00", self.read(gated.get_absolute_url())["body"])
        price = Price.objects.get()
        price.minor = 1100
        price.save()
        self.assertIn(b"11.00", self.read(gated.get_absolute_url())["body"])

    def test_actions_in_the_newsroom_invalidate_pages(self):
        Article.objects.filter(pk=self.article.pk).update(required_level=10)
        publish(item=self.article)
        thread = Thread.objects.create(article=self.article)
        self.client.force_login(make_editor())
        close = {"action": "close", "_selected_action": [thread.pk]}
        for address, data in [
            (reverse("admin:subscriptions_price_archive", args=[Price.objects.get().pk]), {}),
            (reverse("admin:comments_thread_changelist"), close),
        ]:
            with self.subTest(address):
                before = self.read()["body"]
                self.client.post(address, data)
                self.assertFalse(self.read()["body"] == before, "An outdated page was served.")

    def test_pages_expire_at_a_scheduled_change(self):
        noon = datetime(2026, 5, 3, 12, tzinfo=UTC)
        with time_machine.travel(noon, tick=False):
            publish(item=make_draft(headline="At two"), at=noon + timedelta(hours=2))
        for delay, visible in [(timedelta(minutes=119, seconds=59), False), (timedelta(hours=2), True)]:
            with time_machine.travel(noon + delay, tick=False):
                self.read("/latest/")
                self.assertEqual(b"At two" in self.read("/latest/")["body"], visible)

    def test_the_front_page_follows_scheduled_new_and_unscheduled_editions(self):
        noon = timezone.now().replace(microsecond=0) + timedelta(hours=1)
        make_article(section=self.section)
        rows = tuple(RowLayout(str(section.uuid), shown=False) for section in Section.objects.all())
        row = f'id="row-{self.section.slug}"'.encode()
        for delay, change, visible in [
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
            with self.subTest(delay), time_machine.travel(noon + delay, tick=False):
                self.read("/")
                change()
                self.assertEqual(row in self.read("/")["body"], visible)

    def test_the_news_sitemap_expires_with_its_oldest_article(self):
        for before, listed in [(timedelta(minutes=2), True), (timedelta(), False)]:
            with time_machine.travel(self.article.published_at + timedelta(hours=48) - before, tick=False):
                for _ in range(2):
                    self.assertEqual(self.url.encode() in self.read("/sitemap-news.xml")["body"], listed)
        self.assertEqual(self.visitor.rendered, 2)

    @takes_longer("Long lists are made and read.")
    def test_feeds_are_cached_and_invalidated_like_pages(self):
        address = f"{self.section.get_absolute_url()}feeds/atom.xml"
        for rendered in (1, 1):
            feed = self.read(address)
            self.assertEqual(self.visitor.rendered, rendered)
        self.assertTrue(self.read(address, HTTP_IF_NONE_MATCH=feed["headers"]["ETag"])["status"].startswith("304"))
        make_article(section=self.section, headline="Newer still")
        self.assertIn(b"Newer still", self.read(address)["body"])

    def test_a_change_during_rendering_invalidates_the_page(self):
        def change_during_rendering(environ, start_response):
            body = WSGIHandler()(environ, start_response)
            if self.visitor.rendered == 1:
                make_version(self.article, headline="Changed during rendering")
            return body

        self.visitor = Visitor(change_during_rendering)
        self.read()
        self.assertIn(b"Changed during rendering", self.read()["body"])

    def test_simultaneous_requests_render_the_page_once(self):
        def slow(environ, start_response):
            sleep(0.2)
            start_response(
                "200 OK",
                [("X-Page-Expires", str(FAR_FUTURE)), ("Surrogate-Key", "listing"), ("Cache-Control", "public")],
            )
            return [b"rendered"]

        visitor, barrier, bodies = Visitor(slow), Barrier(8), []

        def request():
            barrier.wait()
            bodies.append(visitor.get("/")["body"])

        threads = [threading.Thread(target=request) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual((bodies, visitor.rendered), ([b"rendered"] * 8, 1))

    def test_stale_pages_are_served_while_the_application_fails(self):
        good = self.read()["body"]
        site_generations().bump([f"article:{self.article.pk}"])

        def broken(environ, start_response):
            start_response("500 Internal Server Error", [])
            return [b"broken"]

        self.visitor.application = broken
        self.assertEqual(self.read()["body"], good)
        self.assertEqual(self.read("/latest/")["body"], b"broken")
        self.assertEqual(self.visitor.rendered, 3)
        self.read()
        self.assertEqual(self.visitor.rendered, 3, "A failed page is not tried again at once.")
        self.visitor.application = WSGIHandler()
        make_version(self.article, headline="Back again")
        self.assertIn(b"Back again", self.read()["body"])

    def test_nobody_waits_for_a_page_that_keeps_failing(self):
        """A database that is away may take seconds to say so."""
        started, may_end, bodies = threading.Event(), threading.Event(), []

        def application(environ, start_response):
            if self.visitor.rendered == 1:
                headers = [("X-Page-Expires", str(time.time() + 0.01)), ("Surrogate-Key", "listing")]
                start_response("200 OK", [*headers, ("Cache-Control", "public")])
                return [b"page"]
            if self.visitor.rendered == 3:
                started.set()
                may_end.wait(10)
            start_response("503 Service Unavailable", [])
            return [b"error"]

        self.visitor = Visitor(application)
        self.read("/")
        sleep(0.02)
        self.assertEqual(self.read("/")["body"], b"page")
        with mock.patch("truthlytics.cache.wsgi.RETRY_AFTER", 0):
            slow = threading.Thread(target=lambda: bodies.append(self.read("/")["body"]))
            slow.start()
            self.assertTrue(started.wait(10))
            self.assertEqual(self.read("/")["body"], b"page")
            self.assertEqual(bodies, [], "The request that tries it should still be waiting.")
            may_end.set()
            slow.join()
        self.assertEqual((bodies, self.visitor.rendered), ([b"page"], 3))

    def test_stale_pages_are_served_for_an_hour(self):
        # At noon, because a page also expires at midnight.
        now = timezone.localtime().replace(hour=12) + timedelta(days=1)

        def broken(environ, start_response):
            start_response("500 Internal Server Error", [])
            return [b"broken"]

        with time_machine.travel(now, tick=False):
            good = self.read()["body"]
        self.visitor.application = broken
        for later, body in [(timedelta(minutes=69), good), (timedelta(minutes=71), b"broken")]:
            with time_machine.travel(now + later, tick=False):
                self.assertTrue(self.read()["body"] == body, later)

    def test_the_next_change_is_queried_once(self):
        for _ in range(2):
            Visitor().get("/latest/")
        with mock.patch.object(next_change, "_query") as query:
            Visitor().get("/latest/")
        query.assert_not_called()
