"""Public pages for anonymous visitors: no cookies, no session, no Vary, and the same bytes for all."""

from django.test import TestCase
from django.urls import reverse

from articles.services.publishing import withdraw
from tests.budget import takes_longer
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
        withdrawn = make_article()
        withdraw(item=withdrawn, note="The report was wrong.")
        dossier = make_dossier(cls.open, cls.gated)
        cls.public = [
            "/", "/latest/", cls.open.get_absolute_url(), cls.gated.get_absolute_url(), section.get_absolute_url(),
            topic.get_absolute_url(), author.get_absolute_url(), "/feeds/rss.xml", "/sitemap.xml", "/robots.txt",
            "/feeds/feed.json", f"{section.get_absolute_url()}feeds/atom.xml", "/sitemap-news.xml",
            "/search/", "/search/?q=words", "/archive/", cls.series.get_absolute_url(),
            dossier.get_absolute_url(), make_page().get_absolute_url(),
            "/no/such/page/", withdrawn.get_absolute_url(),
        ]  # fmt: skip

    def test_public_pages_set_no_cookie_and_do_not_vary_by_it(self):
        for url in self.public:
            with self.subTest(url):
                response = self.client.get(url)
                self.assertFalse(response.cookies)
                self.assertNotIn("Cookie", response.headers.get("Vary", ""))
                self.assertIn("public", response.headers["Cache-Control"])
                self.assertNotIn("csrfmiddlewaretoken", response.content.decode())
                self.assertTrue(response.headers["Content-Security-Policy"].startswith("default-src 'none'"))

    @takes_longer("Long lists are made and read.")
    def test_public_pages_are_identical_each_time(self):
        for url in self.public:
            with self.subTest(url):
                self.assertEqual(self.client.get(url).content, self.client.get(url).content)

    @takes_longer("Long lists are made and read.")
    def test_visitors_with_a_personal_cookie_get_private_pages(self):
        for cookie in ("sessionid", "cart", "messages"):
            self.client.cookies.clear()
            self.client.cookies[cookie] = "x"
            for url in self.public:
                with self.subTest(f"{cookie} {url}"):
                    self.assertEqual(self.client.get(url).headers["Cache-Control"], PRIVATE)

    def test_pages_of_logged_in_users_are_private(self):
        self.client.force_login(make_user())
        for url in (
            "/",
            "/subscribe/",
            "/cart/",
            "/account/",
            reverse("account_email"),
            self.open.get_absolute_url(),
        ):
            with self.subTest(url):
                self.assertEqual(self.client.get(url).headers["Cache-Control"], PRIVATE)

    def test_pages_have_cache_tags(self):
        page = self.client.get(self.open.get_absolute_url())
        self.assertIn(f"article:{self.open.pk}", page.cache_tags)
        self.assertIn("listing", self.client.get("/").cache_tags)
