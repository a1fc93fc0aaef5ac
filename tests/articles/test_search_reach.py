"""What may be found by whom and when, and how the index keeps up with what is published; on both databases."""

from datetime import timedelta
from io import StringIO
from unittest import mock

import time_machine
from django.core.management import call_command
from django.db import connection
from django.test import TestCase
from django.utils import timezone

from articles import search
from articles.models import Article, SearchEntry, SearchWord
from articles.services.publishing import fold_due, restore, unschedule, withdraw
from tests.articles.searching import GATED, found, in_batches_of_one
from tests.factories import make_article, make_draft, make_lapsed_reader, make_subscriber, make_user, make_version


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
