"""Pages for everybody: no cookie, no session, no Vary, and the same bytes for every stranger."""

from django.test import TestCase
from django.urls import reverse

from articles.services.publishing import withdraw
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_dossier,
    make_page,
    make_price,
    make_section,
    make_series,
    make_topic,
    make_user,
)

PRIVATE = "private, no-store"


class AnonymousPageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_price()
        section, topic, author = make_section(), make_topic(), make_author()
        cls.series = make_series()
        cls.open = make_article(section=section, topics=[topic], authors=[author], series=cls.series, series_part=1)
        cls.gated = make_article(section=section, required_level=10)
        make_comment(article=cls.open)
        gone = make_article()
        withdraw(item=gone, note="It was not so.")
        dossier = make_dossier(cls.open, cls.gated)
        cls.public = [
            "/", "/latest/", cls.open.get_absolute_url(), cls.gated.get_absolute_url(), section.get_absolute_url(),
            topic.get_absolute_url(), author.get_absolute_url(), "/feeds/rss.xml", "/sitemap.xml", "/robots.txt",
            "/feeds/feed.json", f"{section.get_absolute_url()}feeds/atom.xml", "/sitemap-news.xml",
            "/search/", "/search/?q=words", "/archive/", cls.series.get_absolute_url(),
            dossier.get_absolute_url(), make_page().get_absolute_url(),
            "/no/such/page/", gone.get_absolute_url(),
        ]  # fmt: skip

    def test_they_set_no_cookie_and_do_not_vary_by_one(self):
        for address in self.public:
            with self.subTest(address):
                response = self.client.get(address)
                self.assertFalse(response.cookies)
                self.assertNotIn("Cookie", response.headers.get("Vary", ""))
                self.assertIn("public", response.headers["Cache-Control"])
                self.assertNotIn("csrfmiddlewaretoken", response.content.decode())
                self.assertTrue(response.headers["Content-Security-Policy"].startswith("default-src 'none'"))

    def test_the_same_bytes_come_twice(self):
        for address in self.public:
            with self.subTest(address):
                self.assertEqual(self.client.get(address).content, self.client.get(address).content)

    def test_whoever_carries_a_cookie_of_ours_gets_a_page_that_nobody_keeps(self):
        for cookie in ("sessionid", "cart", "messages"):
            self.client.cookies.clear()
            self.client.cookies[cookie] = "x"
            for address in self.public:
                with self.subTest(f"{cookie} {address}"):
                    self.assertEqual(self.client.get(address).headers["Cache-Control"], PRIVATE)

    def test_pages_of_ones_own_are_private(self):
        self.client.force_login(make_user())
        for address in (
            "/",
            "/subscribe/",
            "/cart/",
            "/account/",
            reverse("account_email"),
            self.open.get_absolute_url(),
        ):
            with self.subTest(address):
                self.assertEqual(self.client.get(address).headers["Cache-Control"], PRIVATE)

    def test_pages_name_what_they_depend_on(self):
        page = self.client.get(self.open.get_absolute_url())
        self.assertIn(f"article:{self.open.pk}", page.cache_tags)
        self.assertIn("listing", self.client.get("/").cache_tags)
