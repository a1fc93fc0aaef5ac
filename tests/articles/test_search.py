"""Search: what is found, by whom and when; on both databases."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import StringIO
from unittest import mock

import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from articles import search
from articles.models import Article, SearchEntry, SearchWord
from articles.search.snippets import snippet
from articles.search.words import asked, term_of
from articles.services.deriving import rerender, served_versions
from articles.services.publishing import fold_due, restore, unschedule, withdraw
from tests.factories import (
    make_article,
    make_author,
    make_draft,
    make_lapsed_reader,
    make_section,
    make_subscriber,
    make_topic,
    make_user,
    make_version,
)

GATED = "<p>The free ferries.</p><hr data-gate><p>A zylophantine harbour.</p>"


@contextmanager
def in_batches_of_one(*, after_the_first):
    """rebuild_search, one article a transaction; something happens once the first is done."""
    command = "articles.management.commands.rebuild_search"
    happens = iter([after_the_first])
    with (
        mock.patch(f"{command}.BATCH", 1),
        mock.patch(f"{command}.Command.progress", side_effect=lambda *_: next(happens, lambda: None)()),
    ):
        yield


def found(text, level=0, **options):
    """The ids of the articles that are found, in order."""
    versions = search.find(text, level=level, **options).versions
    articles = dict(SearchEntry.objects.filter(version__in=versions).values_list("version", "article"))
    return [articles[version] for version in versions]


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


class AccessTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(body=GATED, required_level=10, headline="A piece")
        cls.readers = {"stranger": None, "registered": make_user(), "lapsed": make_lapsed_reader()}

    def test_gated_words_are_found_by_who_may_read_them_alone(self):
        for level, expected in [
            (0, []),
            (1, []),
            (10, [self.article.pk]),
            (20, [self.article.pk]),
            (100, [self.article.pk]),
        ]:
            for text in ("zylophantine", "ferry harbour", "zyloph"):
                for best in (False, True):
                    with self.subTest(level=level, text=text, best=best):
                        self.assertEqual(found(text, level, best=best), expected)
            self.assertEqual(found("free ferries", level), [self.article.pk])

    def test_the_page_of_who_may_not_says_nothing_of_them(self):
        for who, user in self.readers.items():
            self.client.logout()
            if user:
                self.client.force_login(user)
            for text in ("zylophantine", "zylophantin", "zylophantune", "harbuor"):
                with self.subTest(who, text=text):
                    page = self.client.get("/search/", {"q": text})
                    self.assertContains(page, "Nothing for")
                    self.assertNotContains(page, "Did you mean")
                    self.assertNotContains(page, "A piece")
            snippet_page = self.client.get("/search/", {"q": "ferries"})
            self.assertContains(snippet_page, "The free <mark>ferries</mark>")
            self.assertNotContains(snippet_page, "zylophantine")

    def test_the_questions_to_the_database_are_the_same_for_a_gated_word_as_for_none(self):
        def asked_for(text):
            limits = 6 if connection.vendor == "postgresql" else 0
            with self.assertNumQueries(4 + limits) as queries:
                self.client.get("/search/", {"q": text})
            return [query["sql"].replace(text, "WORD") for query in queries if "searchword" in query["sql"]]

        moment = timezone.now()
        with time_machine.travel(moment, tick=False):
            self.assertEqual(asked_for("zylophantine"), asked_for("zylophantxne"))

    def test_a_subscriber_reads_the_snippet_from_behind_the_gate(self):
        self.client.force_login(make_subscriber())
        page = self.client.get("/search/", {"q": "zylophantine"})
        self.assertContains(page, "A <mark>zylophantine</mark> harbour.")
        self.assertEqual(page.headers["Cache-Control"], "private, no-store")

    def test_a_supporters_piece_is_closed_to_a_subscriber(self):
        make_version(self.article, required_level=20)
        self.assertEqual(found("zylophantine", 10), [])
        self.assertEqual(found("zylophantine", 20), [self.article.pk])

    def test_a_piece_that_is_opened_is_found_by_everybody(self):
        make_version(self.article, required_level=0)
        self.assertEqual(found("zylophantine"), [self.article.pk])


class TimeTests(TestCase):
    def test_a_scheduled_piece_is_found_from_its_second_on(self):
        at = timezone.now().replace(microsecond=0) + timedelta(hours=1)
        article = make_article(body="<p>A quokka.</p>", at=at)
        for moment, expected in [
            (at - timedelta(seconds=1), []),
            (at, [article.pk]),
            (at + timedelta(days=9), [article.pk]),
        ]:
            for best in (False, True):
                with self.subTest(moment), time_machine.travel(moment, tick=False):
                    self.assertEqual(found("quokka", best=best), expected)
                    self.assertEqual(bool(search.suggest("quoka", ["quoka"])), bool(expected))

    def test_a_scheduled_change_takes_over_at_its_second(self):
        article = make_article(body="<p>A wombat.</p>")
        at = timezone.now().replace(microsecond=0) + timedelta(hours=1)
        make_version(article, body="<p>A quokka.</p>", at=at)
        for moment, old, new in [(at - timedelta(seconds=1), 1, 0), (at, 0, 1)]:
            with self.subTest(moment), time_machine.travel(moment, tick=False):
                self.assertEqual([len(found("wombat")), len(found("quokka"))], [old, new])
        with time_machine.travel(at + timedelta(hours=1)):
            fold_due()
            self.assertEqual([found("wombat"), found("quokka")], [[], [article.pk]])
            self.assertEqual(SearchEntry.objects.count(), 1)

    def test_a_plan_that_is_given_up_is_never_found(self):
        article = make_article(body="<p>A wombat.</p>")
        at = timezone.now() + timedelta(hours=1)
        make_version(article, body="<p>A quokka.</p>", at=at)
        unschedule(article=article)
        with time_machine.travel(at + timedelta(hours=1)):
            self.assertEqual([found("wombat"), found("quokka")], [[article.pk], []])

    def test_a_withdrawn_piece_is_not_found_until_it_is_put_back(self):
        article = make_article(body="<p>A wombat.</p>")
        withdraw(article=article)
        self.assertEqual(found("wombat"), [])
        self.assertEqual(found("wombat", 100), [])
        self.assertEqual(search.suggest("wombta", ["wombta"]), "")
        restore(article=article)
        self.assertEqual(found("wombat"), [article.pk])
        end = timezone.now() + timedelta(days=1)
        Article.objects.filter(pk=article.pk).update(withdrawn_at=end)
        self.assertEqual(found("wombat"), [article.pk])
        with time_machine.travel(end + timedelta(seconds=1)):
            self.assertEqual(found("wombat"), [])

    def test_drafts_are_never_found(self):
        make_draft(body="<p>A wombat.</p>")
        self.assertEqual(found("wombat", 100), [])


class IndexTests(TestCase):
    def test_made_anew_it_is_what_it_was(self):
        make_article(required_level=10, body=GATED)
        make_version(make_article(), body="<p>Changed.</p>")
        make_version(make_article(), body="<p>Later.</p>", at=timezone.now() + timedelta(hours=1))
        make_article(at=timezone.now() + timedelta(hours=2))
        lines = "id", "article", "version", "published_at", "served_from", "served_until"
        entries = list(SearchEntry.objects.order_by("id").values_list(*lines))
        words, index = set(SearchWord.objects.values_list("level", "term")), self.index()
        call_command("rebuild_search", verbosity=0, stdout=StringIO())
        self.assertEqual(list(SearchEntry.objects.order_by("id").values_list(*lines)), entries)
        self.assertEqual(self.index(), index)
        # The words of what is no longer served are forgotten, and only those.
        self.assertLessEqual(set(SearchWord.objects.values_list("level", "term")), words)
        self.assertIn((10, "zylophantine"), words)
        self.assertNotIn((0, "zylophantine"), words)

    def index(self):
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute("SELECT id, terms::text FROM articles_searchentry ORDER BY id")
            else:
                cursor.execute(
                    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.v USING fts5vocab(main, articles_search, instance)"
                )
                cursor.execute("SELECT doc, col, offset, term FROM temp.v ORDER BY 1, 2, 3")
            return cursor.fetchall()

    def test_broken_off_it_goes_on_where_it_was(self):
        articles = [make_article(at=timezone.now() - timedelta(days=day)) for day in range(3)]
        make_version(articles[1], body="<p>Later.</p>", at=timezone.now() + timedelta(hours=1))
        whole = self.index()
        broken_off = in_batches_of_one(after_the_first=mock.Mock(side_effect=KeyboardInterrupt))
        with self.assertRaises(KeyboardInterrupt), broken_off:
            call_command("rebuild_search", verbosity=0)
        self.assertEqual(SearchEntry.objects.get().article, articles[0])
        out = StringIO()
        call_command("rebuild_search", "--resume", verbosity=0, stdout=out)
        self.assertEqual((self.index(), out.getvalue()), (whole, "2 articles indexed.\n"))

    def test_what_is_published_while_it_runs_is_found_in_its_newest_form_alone(self):
        newer, older = make_article(), make_article(at=timezone.now() - timedelta(days=9), body="<p>A wombat.</p>")

        def meanwhile():
            make_version(newer, body="<p>A quokka.</p>")
            make_version(older, body="<p>A quokka.</p>")
            make_article(body="<p>A quokka.</p>")

        with in_batches_of_one(after_the_first=meanwhile):
            call_command("rebuild_search", verbosity=0, stdout=StringIO())
        self.assertEqual(len(found("quokka")), 3)
        self.assertEqual(found("wombat"), [])
        self.assertEqual(SearchEntry.objects.count(), 3)

    def test_no_word_outlives_its_line(self):
        article = make_article()
        make_version(article)
        self.assertEqual({row[0] for row in self.index()}, {SearchEntry.objects.get().pk})


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
