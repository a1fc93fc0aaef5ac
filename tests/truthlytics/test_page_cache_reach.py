"""How far the page cache reaches: answers to what somebody wrote, pictures, and what other caches are told."""

from datetime import timedelta
from unittest import mock

import time_machine
from django.db import OperationalError, connection
from django.test import TransactionTestCase, override_settings
from django.utils import timezone

from articles.models import Rendition
from articles.services.publishing import withdraw
from tests.factories import make_article, make_author, make_image, make_topic, make_version
from tests.truthlytics.test_page_cache import MIDDLEWARE, Visitor
from truthlytics.cache import next_change


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class ReachTests(TransactionTestCase):
    def setUp(self):
        next_change._known = None
        self.visitor = Visitor()

    def test_a_search_is_kept_until_something_is_published_or_withdrawn(self):
        words = "/search/?q=lighthouse&sort=best"
        self.assertNotIn(b"Lighthouse", self.visitor.get(words)["body"])
        article = make_article(headline="Lighthouse keepers")
        self.assertIn(article.get_absolute_url().encode(), self.visitor.get(words)["body"])
        self.assertIn(b"Lighthouse", self.visitor.get("/search/?sort=best&q=%6cighthouse&utm_source=x")["body"])
        self.assertEqual(self.visitor.made, 2)
        withdraw(item=article)
        self.assertNotIn(article.get_absolute_url().encode(), self.visitor.get(words)["body"])

    def test_a_search_that_is_refused_or_means_nothing_to_us_is_not_kept(self):
        for query in ("q=" + "x" * 300, "q=a&year=x", "q=%00", "q=a&z=1"):
            for _ in range(2):
                self.visitor.get(f"/search/?{query}")
        self.assertEqual(self.visitor.made, 8)

    def test_of_two_words_with_one_name_the_last_counts(self):
        first, second = (self.visitor.get(f"/search/?q={a}&q={b}")["body"] for a, b in ("xy", "yx"))
        self.assertNotEqual(first, second)

    def test_letters_that_a_program_sends_as_they_are_are_read_as_they_are_meant(self):
        as_sent = {"QUERY_STRING": "q=Taipéi".encode().decode("latin-1")}
        for _ in range(2):
            self.assertIn("Taipéi".encode(), self.visitor.get("/search/", **as_sent)["body"])

    def test_a_redirect_is_said_again_to_who_has_one_already(self):
        old = make_topic(merged_into=make_topic(slug="one"))
        first = self.visitor.get(old.get_absolute_url())
        self.assertEqual((first["status"], first["headers"]["Location"]), ("301 Moved Permanently", "/topics/one/"))
        old.merged_into = make_topic(slug="other")
        old.save()
        for condition in (first["headers"]["ETag"], "*"):
            again = self.visitor.get(old.get_absolute_url(), HTTP_IF_NONE_MATCH=condition)
            self.assertEqual((again["status"], again["headers"]["Location"]), (first["status"], "/topics/other/"))

    def test_no_number_of_searches_pushes_an_article_out(self):
        address = make_article().get_absolute_url()
        self.visitor = Visitor(limit=200_000)
        self.visitor.get(address)
        for number in range(30):
            self.visitor.get(f"/search/?q=flood{number}")
            self.visitor.get(f"/latest/?after={number}")
        before = self.visitor.made
        self.visitor.get(address)
        self.assertEqual(self.visitor.made, before)

    def test_a_portrait_whose_sizes_are_ready_is_seen_though_its_author_has_written_nothing(self):
        image = make_image()
        address = make_author(portrait=image).get_absolute_url()
        Rendition.objects.all().delete()
        self.assertNotIn(b"/media/", self.visitor.get(address)["body"])
        Rendition.objects.create(
            image=image, format="jpeg", width=120, height=80, original=image.sha256, sha256="a" * 64, file="a.jpg"
        )
        self.assertIn(b"/media/", self.visitor.get(address)["body"])

    def test_other_caches_are_told_what_every_public_page_depends_on(self):
        article = make_article()
        for path, key in [
            ("/", "listing"),
            (article.get_absolute_url(), f"article:{article.pk}"),
            ("/search/?q=x&unknown=1", "listing"),
            ("/sitemap-articles-1.xml", "listing"),
            ("/no/such/", "sections"),
        ]:
            with self.subTest(path):
                self.assertIn(key, self.visitor.get(path)["headers"]["Surrogate-Key"].split())
        for path in ("/cart/", "/accounts/login/"):
            self.assertNotIn("Surrogate-Key", self.visitor.get(path)["headers"])

    def test_a_part_of_the_sitemap_says_how_old_a_copy_may_be(self):
        make_article()
        answer = self.visitor.get("/sitemap-articles-1.xml")
        self.assertEqual(answer["headers"]["Cache-Control"], "public, max-age=3600")
        self.assertNotIn("X-Page-Expires", answer["headers"])

    def test_what_a_crowd_asks_of_a_broken_page_reaches_django_once_a_second(self):
        good = self.visitor.get("/latest/")["body"]
        make_article()
        self.visitor.django = mock.Mock(side_effect=lambda environ, start: start("503 Away", []) or [b""])
        for _ in range(50):
            self.assertTrue(self.visitor.get("/latest/")["body"] == good)
        self.assertLessEqual(self.visitor.made, 3)


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class DatabaseAwayTests(TransactionTestCase):
    def setUp(self):
        next_change._known = None
        self.visitor = Visitor()

    def away(self):
        def gone(*args):
            raise OperationalError("connection refused")

        return connection.execute_wrapper(gone)

    def test_what_was_kept_is_answered_past_its_end_too_and_all_is_well_as_soon_as_it_is_back(self):
        article = make_article(headline="Before the fall")
        address = article.get_absolute_url()
        self.visitor.get(address)
        for later in (timedelta(0), timedelta(minutes=30)):
            with self.away(), time_machine.travel(timezone.now() + later, tick=False):
                answer = self.visitor.get(address)
                self.assertTrue(answer["status"].startswith("200"))
                self.assertIn(b"Before the fall", answer["body"])
        make_version(article, headline="Up again")
        self.assertIn(b"Up again", self.visitor.get(address)["body"])

    def test_what_was_not_kept_is_our_page_made_without_the_database(self):
        with self.away():
            for path in ("/", "/latest/", "/search/?q=x", "/no/such/"):
                with self.subTest(path):
                    answer = self.visitor.get(path)
                    self.assertTrue(answer["status"].startswith("503"))
                    self.assertIn(b"Something went wrong", answer["body"])
                    self.assertNotIn("public", answer["headers"]["Cache-Control"])
        self.assertTrue(self.visitor.get("/")["status"].startswith("200"))

    def test_what_needs_no_database_is_answered_without_it(self):
        with self.away():
            self.assertTrue(self.visitor.get("/robots.txt")["status"].startswith("200"))
