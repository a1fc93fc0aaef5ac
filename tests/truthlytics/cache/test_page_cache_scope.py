"""What the page cache covers: searches, redirects, images, Surrogate-Key headers, and database failures."""

from datetime import timedelta
from unittest import mock

import time_machine
from django.db import OperationalError, connection
from django.test import Client, override_settings
from django.utils import timezone

from articles.models import Rendition
from articles.services.publishing import withdraw
from tests.articles.gift_links import make_gift_link
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_image,
    make_recording,
    make_subscriber,
    make_topic,
    make_version,
)
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from truthlytics.cache import next_change
from truthlytics.publication.current import get_publication


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class ScopeTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        self.visitor = Visitor()

    def test_pages_opened_with_a_gift_link_are_not_cached(self):
        article = make_article(required_level=10)
        url, link = article.get_absolute_url(), make_gift_link(article, make_subscriber())
        gated = b"The gated text of the article."
        before = self.visitor.get(url)
        for _ in range(2):
            for parameters in ("", "&utm_source=x", "&after=", "&comments="):
                given = self.visitor.get(f"{link.get_absolute_url()}{parameters}")
                self.assertIn(gated, given["body"])
                self.assertEqual(given["headers"]["Cache-Control"], "private, no-store")
                self.assertNotIn("Surrogate-Key", given["headers"])
        self.assertEqual(self.visitor.rendered, 1 + 8)
        for address in (url, f"{url}?utm_source=x", f"{url}?comments=", f"{url}?gift={link.token}x"):
            self.assertNotIn(gated, self.visitor.get(address)["body"])
        self.assertEqual(self.visitor.get(url)["body"], before["body"])

    def test_gift_link_does_not_enter_a_page_rendered_first_for_it(self):
        article = make_article(required_level=10)
        link = make_gift_link(article, make_subscriber())
        self.assertIn(b"A subscriber has given you", self.visitor.get(link.get_absolute_url())["body"])
        page = self.visitor.get(article.get_absolute_url())
        self.assertNotIn(b"The gated text", page["body"])
        self.assertNotIn(b"A subscriber has given you", page["body"])
        self.assertTrue(page["headers"]["Cache-Control"].startswith("public"))

    def test_other_names_of_the_host_change_no_page(self):
        url = make_article().get_absolute_url()
        named = dict.fromkeys(("HTTP_X_FORWARDED_HOST", "HTTP_X_HOST", "HTTP_FORWARDED"), "evil.example")
        for path in (url, "/", "/feeds/rss.xml"):
            for first, then in ((named, {}), ({}, named)):
                with self.subTest(path, first=first):
                    visitor = Visitor()
                    page, again = visitor.get(path, **first), visitor.get(path, **then)
                    self.assertEqual((page, visitor.rendered), (again, 1))
                    self.assertNotIn(b"evil.example", page["body"])
                    fresh = Visitor().get(path)
                    self.assertEqual((page["body"], page["headers"]["ETag"]), (fresh["body"], fresh["headers"]["ETag"]))

    def test_readers_of_a_gift_share_no_fragment_with_subscribers(self):
        article, giver = make_article(required_level=10, audio=make_recording()), make_subscriber()
        readers = {"anonymous": Client(), "gift": Client(), "subscriber": Client()}
        for client in readers.values():
            client.handler = self.client.handler  # the same cache
        readers["subscriber"].force_login(giver)
        urls = dict.fromkeys(readers, article.get_absolute_url()) | {
            "gift": make_gift_link(article, giver).get_absolute_url()
        }
        for order in (["subscriber", "gift", "anonymous"], ["anonymous", "gift", "subscriber"]):
            article = make_version(article, note="Again.").article  # the next fragments
            pages = {reader: readers[reader].get(urls[reader]).content for reader in order}
            shown = {reader: (b"The gated text" in page, b"<audio" in page) for reader, page in pages.items()}
            self.assertEqual(
                shown, {"subscriber": (True, True), "gift": (True, False), "anonymous": (False, False)}, order
            )

    def test_searches_are_cached_until_something_is_published_or_withdrawn(self):
        url = "/search/?q=lighthouse&sort=newest"
        self.assertNotIn(b"Lighthouse", self.visitor.get(url)["body"])
        article = make_article(headline="Lighthouse keepers")
        self.assertIn(article.get_absolute_url().encode(), self.visitor.get(url)["body"])
        self.assertIn(b"Lighthouse", self.visitor.get("/search/?sort=newest&q=%6cighthouse&utm_source=x")["body"])
        self.assertEqual(self.visitor.rendered, 2)
        withdraw(item=article)
        self.assertNotIn(article.get_absolute_url().encode(), self.visitor.get(url)["body"])

    def test_invalid_searches_are_not_cached(self):
        for query in ("q=" + "x" * 300, "q=a&year=x", "q=%00", "q=a&z=1"):
            for _ in range(2):
                self.visitor.get(f"/search/?{query}")
        self.assertEqual(self.visitor.rendered, 8)

    def test_the_last_of_two_parameters_with_one_name_counts(self):
        first, second = (self.visitor.get(f"/search/?q={a}&q={b}")["body"] for a, b in ("xy", "yx"))
        self.assertNotEqual(first, second)

    def test_unencoded_query_strings_are_decoded(self):
        unencoded = {"QUERY_STRING": "q=Taipéi".encode().decode("latin-1")}
        for _ in range(2):
            self.assertIn("Taipéi".encode(), self.visitor.get("/search/", **unencoded)["body"])

    def test_redirects_are_never_not_modified(self):
        old = make_topic(merged_into=make_topic(slug="one"))
        first = self.visitor.get(old.get_absolute_url())
        self.assertEqual((first["status"], first["headers"]["Location"]), ("301 Moved Permanently", "/topics/one/"))
        old.merged_into = make_topic(slug="other")
        old.save()
        for condition in (first["headers"]["ETag"], "*"):
            again = self.visitor.get(old.get_absolute_url(), HTTP_IF_NONE_MATCH=condition)
            self.assertEqual((again["status"], again["headers"]["Location"]), (first["status"], "/topics/other/"))

    @takes_longer("Many requests, one after the other.")
    def test_searches_cannot_evict_articles(self):
        url = make_article().get_absolute_url()
        self.visitor = Visitor(limit=200_000)
        self.visitor.get(url)
        for number in range(30):
            self.visitor.get(f"/search/?q=flood{number}")
            self.visitor.get(f"/latest/?after={number}")
        before = self.visitor.rendered
        self.visitor.get(url)
        self.assertEqual(self.visitor.rendered, before)

    @takes_longer("Renditions of images are made.")
    def test_new_renditions_of_a_portrait_invalidate_the_author_page(self):
        image = make_image()
        address = make_author(portrait=image).get_absolute_url()
        Rendition.objects.all().delete()
        self.assertNotIn(b"/media/", self.visitor.get(address)["body"])
        Rendition.objects.create(
            image=image, format="jpeg", width=120, height=80, original=image.sha256, sha256="a" * 64, file="a.jpg"
        )
        self.assertIn(b"/media/", self.visitor.get(address)["body"])

    def test_every_public_page_has_a_surrogate_key(self):
        article = make_article()
        for path, tag in [
            ("/", "listing"),
            (article.get_absolute_url(), f"article:{article.pk}"),
            ("/search/?q=x&unknown=1", "listing"),
            ("/sitemap-articles-1.xml", "listing"),
            ("/no/such/", "sections"),
        ]:
            with self.subTest(path):
                self.assertIn(tag, self.visitor.get(path)["headers"]["Surrogate-Key"].split())
        for path in ("/cart/", "/accounts/login/"):
            self.assertNotIn("Surrogate-Key", self.visitor.get(path)["headers"])

    def test_sitemap_parts_have_a_max_age(self):
        make_article()
        response = self.visitor.get("/sitemap-articles-1.xml")
        self.assertEqual(response["headers"]["Cache-Control"], "public, max-age=3600")
        self.assertNotIn("X-Page-Expires", response["headers"])

    def test_a_failing_page_is_rendered_once_a_second(self):
        stale = self.visitor.get("/latest/")["body"]
        make_article()
        self.visitor.application = mock.Mock(side_effect=lambda environ, start: start("503 Away", []) or [b""])
        for _ in range(50):
            self.assertTrue(self.visitor.get("/latest/")["body"] == stale)
        self.assertLessEqual(self.visitor.rendered, 3)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class DatabaseDownTests(TransactionTestCase):
    def setUp(self):
        next_change._cached.clear()
        get_publication()  # as read by an earlier request
        self.visitor = Visitor()

    def database_down(self):
        def fail(*args):
            raise OperationalError("connection refused")

        return connection.execute_wrapper(fail)

    def test_stale_pages_are_served_until_the_database_is_back(self):
        article = make_article(headline="Before the failure")
        url = article.get_absolute_url()
        self.visitor.get(url)
        for delay in (timedelta(0), timedelta(minutes=30)):
            with self.database_down(), time_machine.travel(timezone.now() + delay, tick=False):
                response = self.visitor.get(url)
                self.assertTrue(response["status"].startswith("200"))
                self.assertIn(b"Before the failure", response["body"])
        make_version(article, headline="Up again")
        self.assertIn(b"Up again", self.visitor.get(url)["body"])

    def test_uncached_pages_return_the_error_page(self):
        with self.database_down():
            for path in ("/", "/latest/", "/search/?q=x", "/no/such/"):
                with self.subTest(path):
                    response = self.visitor.get(path)
                    self.assertTrue(response["status"].startswith("503"))
                    self.assertIn("The site can’t do this at the moment", response["body"].decode())
                    self.assertNotIn("public", response["headers"]["Cache-Control"])
        self.assertTrue(self.visitor.get("/")["status"].startswith("200"))

    def test_pages_without_queries_work(self):
        with self.database_down():
            self.assertTrue(self.visitor.get("/robots.txt")["status"].startswith("200"))
