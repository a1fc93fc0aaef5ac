"""Search: what is found, suggested and taken for a word; on both databases."""

from datetime import UTC, datetime, timedelta
from unittest import mock

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles import search
from articles.search.snippets import snippet
from articles.search.terms import asked, term_of
from articles.services.denormalise import rerender, served_versions
from tests.articles.searching import found
from tests.factories import make_article, make_author, make_section, make_topic, make_version


class FindingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.now = timezone.now()
        old = cls.now - timedelta(days=800)
        cls.ferry = make_article(
            headline="The ferry’s timetable", standfirst="An island empties.", body="<p>No boat came in Zürich.</p>",
            at=old, section=make_section(name="Society", slug="society"), kind="report",
            authors=[make_author(name="Ines Brandão", slug="ines-brandao")], topics=[make_topic(name="Transport")],
        )  # fmt: skip
        cls.queue = make_article(
            headline="The queue is the price", body="<p>Taxes, parties and a boat. A ferry, once.</p>",
            section=make_section(slug="economy"), kind="opinion",
        )  # fmt: skip

    def test_the_newest_comes_first_and_every_word_must_stand_there(self):
        self.assertEqual(found("boat"), [self.queue.pk, self.ferry.pk])
        self.assertEqual(found("boat island"), [self.ferry.pk])
        self.assertEqual(found("boat nowhere"), [])

    def test_best_match_prefers_the_headline(self):
        self.assertEqual(found("ferry"), [self.queue.pk, self.ferry.pk])
        self.assertEqual(found("ferry", best=True), [self.ferry.pk, self.queue.pk])

    if connection.vendor == "sqlite":

        def test_a_word_that_most_pieces_hold_tells_nothing_of_which_is_best(self):
            for number in range(4):
                make_article(headline="A boat, a boat", body=f"<p>Number {number}.</p>")
            boats = make_article(headline="Boat after boat", body="<p>And a ferry.</p>").pk
            with mock.patch("articles.search.sqlite._telling", return_value=None) as telling:
                by_all = found("boat ferry", best=True)
            telling.assert_called_once()
            self.assertEqual(by_all[0], self.ferry.pk)
            self.assertCountEqual(by_all, [self.ferry.pk, boats, self.queue.pk])
            with CaptureQueriesContext(connection) as sent:
                self.assertEqual(found("boat ferry", best=True), by_all)
            self.assertTrue(any("MATERIALIZED" in one["sql"] for one in sent))

    def test_case_accents_and_plurals_do_not_matter(self):
        for text in ("ZURICH", "zürich", "Zürich", "tax", "TAXES", "party", "boats", "ferries", "Brandao", "transport"):
            with self.subTest(text):
                self.assertTrue(found(text))

    def test_the_beginning_of_the_last_word_will_do(self):
        self.assertEqual(found("timeta"), [self.ferry.pk])
        self.assertEqual(found("empties isl"), [self.ferry.pk])
        self.assertEqual(found("isl empties"), [])

    def test_a_short_word_that_is_known_stands_for_itself(self):
        make_article(body="<p>An article of art.</p>", headline="War")
        warning = make_article(body="<p>x</p>", headline="A warning")
        self.assertNotIn(warning.pk, found("war"))
        self.assertIn(warning.pk, found("warn"))

    def test_filters(self):
        for filters, expected in [
            (search.Filters(section="society"), [self.ferry.pk]),
            (search.Filters(author="ines-brandao"), [self.ferry.pk]),
            (search.Filters(kind="opinion"), [self.queue.pk]),
            (search.Filters(year=timezone.localtime(self.ferry.published_at).year), [self.ferry.pk]),
            (search.Filters(section="society", kind="opinion"), []),
            (search.Filters(section="nowhere"), []),
        ]:
            for best in (False, True):
                with self.subTest(filters, best=best):
                    self.assertEqual(found("boat", filters=filters, best=best), expected)

    def test_a_new_version_takes_the_place_of_the_old_one(self):
        make_version(self.queue, body="<p>Nothing but elephants.</p>")
        self.assertEqual(found("taxes"), [])
        self.assertEqual(found("elephant"), [self.queue.pk])

    def test_what_was_published_long_ago_stands_where_it_belongs(self):
        oldest = make_article(body="<p>A boat of 1840.</p>", at=datetime(1840, 5, 1, tzinfo=UTC))
        self.assertEqual(found("boat"), [self.queue.pk, self.ferry.pk, oldest.pk])
        self.assertEqual(found("boat", filters=search.Filters(year=1840)), [oldest.pk])

    def test_a_name_that_changes_is_found_by_its_new_form(self):
        author = self.ferry.bylines.get().author
        author.name, author.slug = "Inês Novo", "ines-novo"
        author.save()
        rerender(served_versions())
        self.assertEqual(found("Ines Novo"), [])  # the version names its authors as they were
        self.assertEqual(found("boat", filters=search.Filters(author="ines-novo")), [self.ferry.pk])

    def test_pages_follow_each_other_without_gap_or_repetition(self):
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


class SuggestionTests(TestCase):
    def test_a_word_that_nobody_wrote_becomes_one_that_finds(self):
        make_article(headline="Inflation, again", body="<p>The politics of prices.</p>")
        for typed, meant in [
            ("infaltion", "inflation"), ("the infltion", "the inflation"), ("polotics of prices", "politics of prices"),
            ("xylophone", ""), ("infaltion politcs xxxyz", ""),
        ]:  # fmt: skip
            with self.subTest(typed):
                unknown = search.find(typed, level=0).unknown
                self.assertEqual(search.suggest(typed, unknown), meant)

    def test_the_page_offers_it(self):
        make_article(headline="Inflation")
        self.assertContains(self.client.get("/search/?q=infaltion"), '<a href="?q=inflation">inflation</a>')


class WordTests(TestCase):
    def test_terms(self):
        for word, term in [
            ("Countries", "country"), ("taxes", "tax"), ("Straße", "strasse"), ("ÉCOLE", "ecole"), ("glass", "glass"),
            ("virus", "virus"), ("analysis", "analysis"), ("is", "is"), ("s", ""), ("ﬁre", "fire"),
            ("x" * 99, "x" * 40),
        ]:  # fmt: skip
            with self.subTest(word):
                self.assertEqual(term_of(word), term)

    def test_twelve_words_are_asked_for(self):
        words, last = asked(" ".join(f"word{number}" for number in range(40)))
        self.assertEqual((len(words), last), (12, ""))

    def test_a_snippet_is_escaped_and_bounded(self):
        self.assertEqual(snippet("a <b>boat</b> & c", {"boat"}), "a &lt;b&gt;<mark>boat</mark>&lt;/b&gt; &amp; c")
        long = snippet("word " * 500 + "boat " + "more " * 500, {"boat"})
        self.assertTrue(long.startswith("… word") and long.endswith("more …"))
        self.assertLess(len(long), 300)
        self.assertLess(len(snippet("x" * 100_000, {"x" * 40})), 400)
        self.assertEqual(snippet("none", {"boat"}), "")

    def test_words_of_every_sentence_are_nothing_to_look_at_beside_others(self):
        text = "The field above the town waits for the queue."
        self.assertEqual(snippet(text, {"the", "queue"}), text.replace("queue", "<mark>queue</mark>"))
        self.assertEqual(snippet(text, {"the"}).count("<mark>"), 3)
        # Only the headline has it: the page shows the standfirst instead.
        self.assertEqual(snippet("The field above the town.", {"the", "queue"}), "")
