"""The search page."""

from time import thread_time
from unittest import mock

from django.core.cache import cache
from django.db import connection
from django.test import TestCase
from django.utils.html import escape

from articles.models import Topic
from articles.search import SearchTimeout
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_price, make_section, make_subscriber, make_user
from tests.html import page_of, texts

PRIVATE = "private, no-store"
HOSTILE = [
    '"', "'", "''", '""', '"a', "a'b", "*", "a*", "^a", "a:b", "head:boat", "{head names}:boat", "- boat", "-boat",
    "NOT", "boat NOT", "AND", "AND AND", "OR boat", "boat OR", "NEAR(", "NEAR(boat island, 2)", "(", ")", "((boat",
    "boat))",
    "boat & ", "| boat", "!boat", "boat <-> island", "boat:*", "'boat':A", "a\\", "\\'", "%", "_", "10_boat",
    "_k_opinion",
    "%s", "%(match)s", "{}", "{{ 7|add:7 }}", "<script>alert(1)</script>", "&lt;", "🦜", "日本語の分析", "한국어",
    "اخبار",
    "हिन्दी",
    "é" * 100, "\u202eboat", "\ufeffboat", "a\u0301" * 60, "½ ² ①", "ﬁ", "\n", "\t", " ", "0", "-1", "1e999", "ß" * 200,
    "; DROP TABLE articles_article; --", "' OR 1=1 --", "\ud7ff", "x" * 200, "a " * 100, "s", "the s",
]  # fmt: skip


class SearchPageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_price()
        cls.section = make_section(name="Society", slug="society")
        author = make_author(name="Ines Brandão", slug="ines-brandao")
        cls.article = make_article(
            headline="The ferry",
            standfirst="An island empties.",
            body="<p>No boat came.</p>",
            section=cls.section,
            authors=[author, make_author(name="Rune Ek")],
        )

    def setUp(self):
        cache.clear()

    def test_empty_search_shows_the_form_and_links_to_sections(self):
        page = self.client.get("/search/")
        self.assertContains(page, '<form class="search" id="search" role="search" action="/search/" method="get">')
        self.assertContains(page, self.section.get_absolute_url())
        self.assertContains(page, 'content="noindex"')

    def test_result_shows_a_snippet_and_links_to_the_article(self):
        page = self.client.get("/search/?q=boat")
        self.assertContains(page, "1 article for “boat”")
        self.assertContains(page, "No <mark>boat</mark> came.")
        self.assertContains(page, self.article.get_absolute_url())
        self.assertContains(page, 'value="boat"')
        self.assertContains(page, "?q=boat&amp;author=ines-brandao")

    def test_headline_match_shows_the_standfirst(self):
        page = page_of(self.client.get("/search/?q=ferry"))
        self.assertEqual(texts(page, "entry__text"), ["An island empties."])

    def test_best_match_comes_first_unless_sorted_by_date(self):
        make_article(headline="Something else", body="<p>A long text that mentions one ferry and many islands.</p>")
        best = self.client.get("/search/?q=ferry").content.decode()
        newest = self.client.get("/search/?q=ferry&sort=newest").content.decode()
        self.assertLess(best.index("The ferry"), best.index("Something else"))
        self.assertLess(newest.index("Something else"), newest.index("The ferry"))

    def test_match_in_a_topic_is_shown(self):
        topic = Topic.objects.create(name="Harbours", slug="harbours")
        make_article(headline="Tides", standfirst="Twice a day.", topics=[topic])
        page = self.client.get("/search/?q=harbours")
        self.assertContains(page, "Twice a day. <mark>Harbours</mark>")

    def test_no_results_page_has_links(self):
        page = self.client.get("/search/?q=elephant&kind=opinion")
        self.assertContains(page, "No results for “elephant”")
        self.assertContains(page, '<a href="?q=elephant">remove the filters</a>')
        self.assertContains(page, "/latest/")

    def test_filters_are_kept_and_can_be_removed(self):
        year = self.article.published_at.year
        page = self.client.get(f"/search/?q=boat&section=society&author=ines-brandao&year={year}&sort=newest")
        self.assertContains(page, '<option value="society" selected>Society</option>')
        self.assertContains(page, "By <bdi>Ines Brandão</bdi>")
        self.assertContains(page, "Best match</a>")

    def test_invalid_input_shows_an_error(self):
        for query, message in [
            ("section=nowhere", "Choose a section from the list."),
            ("kind=%00", "Choose a type from the list."),
            ("author=%27%22", "Choose an author from the list."),
            ("year=soon", "Enter a four-digit year"),
            ("year=99", "Enter a four-digit year"),
            ("year=99999999999999999999", "Enter a four-digit year"),
            ("sort=id;--", "Choose a sort order from the list."),
            ("q=a%00b", "Remove the invalid character."),
            (f"q={'x' * 201}", "at most 200 characters"),
        ]:
            with self.subTest(query):
                page = self.client.get(f"/search/?q=boat&{query}")
                self.assertContains(page, message, status_code=400)
                self.assertEqual(page.headers["Cache-Control"], PRIVATE)
                self.assertNotIn(b"\x00", page.content)

    def test_rejected_query_stays_in_the_form(self):
        long = "boat " * 41
        self.assertContains(self.client.get("/search/", {"q": long}), f'value="{long}"', status_code=400)

    def test_forged_cursors_are_not_found(self):
        for order in ("", "newest"):
            for after in ("x", "-1", "f" * 17, "%00", "é", "ffffffffffffffff1", "1e9", "٣", "_1", "0", "1"):
                with self.subTest(after=after, order=order):
                    status = self.client.get(f"/search/?q=boat&sort={order}&after={after}").status_code
                    self.assertIn(status, {200, 404})

    @takes_longer("Large input shows how the time grows.")
    def test_hostile_queries_are_handled(self):
        for text in HOSTILE:
            for order in ("", "newest"):
                with self.subTest(text=text, order=order):
                    page = self.client.get("/search/", {"q": text, "sort": order})
                    self.assertIn(page.status_code, {200, 400})
                    self.assertNotContains(page, "<script>alert", status_code=page.status_code)
                    self.assertContains(page, escape(text.strip()), status_code=page.status_code)

    def test_very_long_queries_are_rejected_quickly(self):
        for text in ("x" * 30_000, "a " * 15_000, '"' * 30_000, "(" * 30_000, "é" * 30_000, "x\x00" * 15_000):
            start = thread_time()
            self.assertEqual(self.client.get("/search/", {"q": text}).status_code, 400)
            self.assertLess(thread_time() - start, 1)

    def test_operators_are_treated_as_words(self):
        self.assertContains(self.client.get("/search/", {"q": "boat OR elephant"}), "No results for")
        self.assertContains(self.client.get("/search/", {"q": '-boat "island'}), "1 article")

    def test_timeout_shows_a_message(self):
        with mock.patch("articles.search.find", side_effect=SearchTimeout):
            page = self.client.get("/search/?q=boat")
        self.assertContains(page, "The search took too long", status_code=503)
        self.assertEqual(page.headers["Cache-Control"], PRIVATE)

    def test_database_cancels_slow_queries(self):
        where = f"articles.search.{'postgres' if connection.vendor == 'postgresql' else 'sqlite'}"
        endless, limit = {
            "postgresql": ("SELECT 1, 1 FROM pg_sleep(5)", "50"),
            "sqlite": ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i), 1 FROM n", 0.05),
        }[connection.vendor]
        with mock.patch(f"{where}.NEWEST", endless), mock.patch(f"{where}.TIMEOUT", limit):
            self.assertContains(
                self.client.get("/search/?q=boat&sort=newest"), "The search took too long", status_code=503
            )
        self.assertContains(self.client.get("/search/?q=boat"), "1 article")

    def test_post_is_rejected(self):
        self.assertEqual(self.client.post("/search/", {"q": "boat"}).status_code, 405)

    def test_masthead_and_404_page_link_to_search(self):
        self.assertContains(self.client.get("/"), '<form role="search" action="/search/" method="get">')
        self.assertContains(self.client.get("/search/"), '<a href="/search/" aria-current="page">Search</a>')
        page = self.client.get("/no/such/page/")
        self.assertContains(page, 'role="search"', status_code=404)
        self.assertNotContains(page, "csrfmiddlewaretoken", status_code=404)


class QueryCountTests(TestCase):
    def setUp(self):
        make_price()
        for number in range(25):
            article = make_article(
                headline=f"Pelican {number}",
                body="<p>A pelican.</p><hr data-gate><p>More.</p>",
                required_level=number % 2 * 10,
            )
        self.year = article.published_at.year

    # On PostgreSQL, the limits are set inside a transaction, which is a savepoint in tests.
    limits = 3 if connection.vendor == "postgresql" else 0

    @takes_longer("Many requests, one after the other.")
    def test_results_page(self):
        for query in (
            "q=pelican",
            "q=pelican&sort=newest",
            "q=a+peli&sort=newest",
            f"q=pelican&kind=analysis&year={self.year}",
        ):
            with self.subTest(query), self.assertNumQueries(6 + self.limits):
                self.assertContains(self.client.get(f"/search/?{query}"), "for “")

    @takes_longer("Many requests, one after the other.")
    def test_no_results(self):
        # One for the terms and one for corrections, each inside the limits.
        for query, queries in (("q=xylophone", 5 + 2 * self.limits), ("q=", 3), (f"q={'x' * 300}", 3)):
            with self.subTest(query), self.assertNumQueries(queries):
                self.client.get(f"/search/?{query}")

    @takes_longer("Long lists are made and read.")
    def test_subscriber_has_one_more_query_for_gated_texts(self):
        self.client.force_login(make_subscriber())
        with self.assertNumQueries(6 + 3 + 1 + self.limits):
            self.assertContains(self.client.get("/search/?q=pelican"), "<mark>pelican</mark>")

    @takes_longer("Long lists are made and read.")
    def test_reader_without_access_has_no_query_for_gated_texts(self):
        self.client.force_login(make_user())
        with self.assertNumQueries(6 + 3 + self.limits):
            self.client.get("/search/?q=pelican")
