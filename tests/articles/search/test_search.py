"""Search results, suggestions, terms and snippets, on both databases."""

from datetime import UTC, datetime, timedelta
from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import search
from articles.search.documents import parse_query, term_of
from articles.search.snippets import snippet
from articles.services.denormalise import rerender, served_versions
from tests.articles.search.utils import find_ids
from tests.factories import make_article, make_author, make_section, make_topic, make_version


class FindTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.now = timezone.now()
        old = cls.now - timedelta(days=800)
        cls.ferry = make_article(
            headline="The ferry’s timetable",
            standfirst="An island empties.",
            body="<p>No boat came in Zürich.</p>",
            at=old,
            section=make_section(name="Society", slug="society"),
            kind="report",
            authors=[make_author(name="Ines Brandão", slug="ines-brandao")],
            topics=[make_topic(name="Transport")],
        )
        cls.queue = make_article(
            headline="The queue is the price",
            body="<p>Taxes, parties and a boat. A ferry, once.</p>",
            section=make_section(slug="economy"),
            kind="opinion",
        )

    def test_all_words_are_required_and_newest_is_first(self):
        self.assertEqual(find_ids("boat"), [self.queue.pk, self.ferry.pk])
        self.assertEqual(find_ids("boat island"), [self.ferry.pk])
        self.assertEqual(find_ids("boat nowhere"), [])

    def test_best_match_prefers_the_headline(self):
        self.assertEqual(find_ids("ferry"), [self.queue.pk, self.ferry.pk])
        self.assertEqual(find_ids("ferry", best=True), [self.ferry.pk, self.queue.pk])

    if connection.vendor == "sqlite":

        def test_very_common_words_are_ignored_in_the_ranking(self):
            for number in range(4):
                make_article(headline="A boat, a boat", body=f"<p>Number {number}.</p>")
            boats = make_article(headline="Boat after boat", body="<p>And a ferry.</p>").pk
            with mock.patch("articles.search.sqlite._rare_terms", return_value=None) as rare_terms:
                unoptimised = find_ids("boat ferry", best=True)
            rare_terms.assert_called_once()
            self.assertEqual(unoptimised[0], self.ferry.pk)
            self.assertCountEqual(unoptimised, [self.ferry.pk, boats, self.queue.pk])
            with CaptureQueriesContext(connection) as queries:
                self.assertEqual(find_ids("boat ferry", best=True), unoptimised)
            self.assertTrue(any("MATERIALIZED" in query["sql"] for query in queries))

    if connection.vendor == "postgresql":

        def test_common_words_rank_the_same_results_as_rare_ones(self):
            for number in range(4):
                make_article(headline="A boat, a boat", body=f"<p>A ferry in {number}.</p>")
            ranked = find_ids("boat ferry", best=True)
            self.assertEqual(len(ranked), 6)
            with mock.patch("articles.search.postgres.PROBE", 6), mock.patch("articles.search.RANKING_WINDOW", 6):
                self.assertEqual(find_ids("boat ferry", best=True), ranked)

    def test_case_accents_and_plurals_are_ignored(self):
        for text in ("ZURICH", "zürich", "Zürich", "tax", "TAXES", "party", "boats", "ferries", "Brandao", "transport"):
            with self.subTest(text):
                self.assertTrue(find_ids(text))

    def test_last_word_matches_as_a_prefix(self):
        self.assertEqual(find_ids("timeta"), [self.ferry.pk])
        self.assertEqual(find_ids("empties isl"), [self.ferry.pk])
        self.assertEqual(find_ids("isl empties"), [])

    def test_short_known_word_is_not_completed(self):
        make_article(body="<p>An article of art.</p>", headline="War")
        warning = make_article(body="<p>x</p>", headline="A warning")
        self.assertNotIn(warning.pk, find_ids("war"))
        self.assertIn(warning.pk, find_ids("warn"))

    def test_filters(self):
        for filters, expected in [
            (search.SearchFilters(section="society"), [self.ferry.pk]),
            (search.SearchFilters(author="ines-brandao"), [self.ferry.pk]),
            (search.SearchFilters(kind="opinion"), [self.queue.pk]),
            (search.SearchFilters(year=timezone.localtime(self.ferry.published_at).year), [self.ferry.pk]),
            (search.SearchFilters(section="society", kind="opinion"), []),
            (search.SearchFilters(section="nowhere"), []),
        ]:
            for best in (False, True):
                with self.subTest(filters, best=best):
                    self.assertEqual(find_ids("boat", filters=filters, best=best), expected)

    def test_new_version_replaces_the_old_one(self):
        make_version(self.queue, body="<p>Nothing but elephants.</p>")
        self.assertEqual(find_ids("taxes"), [])
        self.assertEqual(find_ids("elephant"), [self.queue.pk])

    def test_old_articles_are_sorted_by_date(self):
        oldest = make_article(body="<p>A boat of 1840.</p>", at=datetime(1840, 5, 1, tzinfo=UTC))
        self.assertEqual(find_ids("boat"), [self.queue.pk, self.ferry.pk, oldest.pk])
        self.assertEqual(find_ids("boat", filters=search.SearchFilters(year=1840)), [oldest.pk])

    def test_renamed_author_is_found_by_the_new_slug(self):
        author = self.ferry.bylines.get().author
        author.name, author.slug = "Inês Novo", "ines-novo"
        author.save()
        rerender(served_versions())
        self.assertEqual(find_ids("Ines Novo"), [])  # the version keeps the authors' names
        self.assertEqual(find_ids("boat", filters=search.SearchFilters(author="ines-novo")), [self.ferry.pk])

    def test_pagination_has_no_gaps_or_duplicates(self):
        for number in range(7):
            make_article(body="<p>Pelican.</p>", at=self.now - timedelta(days=number % 3))
        for best in (False, True):
            seen, after = [], ""
            while True:
                page = search.find("pelican", level=0, best=best, after=after, size=3)
                seen += page.versions
                if not (after := page.after):
                    break
            with self.subTest(best=best):
                self.assertEqual(len(seen), 7)
                self.assertEqual(len(set(seen)), 7)


class SuggestTests(TestCase):
    def test_misspelt_words_are_corrected_if_that_has_results(self):
        make_article(headline="Inflation, again", body="<p>The politics of prices.</p>")
        for typed, expected in [
            ("infaltion", "inflation"),
            ("the infltion", "the inflation"),
            ("polotics of prices", "politics of prices"),
            ("xylophone", ""),
            ("infaltion politcs xxxyz", ""),
        ]:
            with self.subTest(typed):
                unknown = search.find(typed, level=0).unknown
                self.assertEqual(search.suggest(typed, unknown), expected)

    def test_search_page_shows_the_suggestion(self):
        make_article(headline="Inflation")
        self.assertContains(self.client.get("/search/?q=infaltion"), '<a href="?q=inflation">inflation</a>')


class TermTests(TestCase):
    def test_terms(self):
        for word, term in [
            ("Countries", "country"),
            ("taxes", "tax"),
            ("Straße", "strasse"),
            ("ÉCOLE", "ecole"),
            ("glass", "glass"),
            ("virus", "virus"),
            ("analysis", "analysis"),
            ("is", "is"),
            ("s", ""),
            ("ﬁre", "fire"),
            ("x" * 99, "x" * 40),
        ]:
            with self.subTest(word):
                self.assertEqual(term_of(word), term)

    def test_at_most_twelve_words_are_searched(self):
        words, last = parse_query(" ".join(f"word{number}" for number in range(40)))
        self.assertEqual((len(words), last), (12, ""))

    def test_snippet_is_escaped_and_limited_in_length(self):
        self.assertEqual(snippet("a <b>boat</b> & c", {"boat"}), "a &lt;b&gt;<mark>boat</mark>&lt;/b&gt; &amp; c")
        long = snippet("word " * 500 + "boat " + "more " * 500, {"boat"})
        self.assertTrue(long.startswith("… word") and long.endswith("more …"))
        self.assertLess(len(long), 300)
        self.assertLess(len(snippet("x" * 100_000, {"x" * 40})), 400)
        self.assertEqual(snippet("none", {"boat"}), "")

    def test_stop_words_are_not_highlighted(self):
        text = "The field above the town waits for the queue."
        self.assertEqual(snippet(text, {"the", "queue"}), text.replace("queue", "<mark>queue</mark>"))
        self.assertEqual(snippet(text, {"the"}).count("<mark>"), 3)
        # Only the headline contains the word: the page then shows the standfirst.
        self.assertEqual(snippet("The field above the town.", {"the", "queue"}), "")
