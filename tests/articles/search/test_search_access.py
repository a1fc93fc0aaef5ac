"""Access to search results, scheduled changes and rebuilding of the index, on both databases."""

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
from articles.services.publishing import restore, unschedule, withdraw
from articles.services.scheduling import promote_all_due
from tests.articles.search.utils import GATED, find_ids, in_batches_of_one
from tests.factories import make_article, make_draft, make_lapsed_reader, make_subscriber, make_user, make_version


class AccessTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(body=GATED, required_level=10, headline="An article")
        cls.readers = {"anonymous": None, "registered": make_user(), "lapsed": make_lapsed_reader()}

    def test_gated_words_are_found_only_with_access(self):
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
                        self.assertEqual(find_ids(text, level, best=best), expected)
            self.assertEqual(find_ids("free ferries", level), [self.article.pk])

    def test_search_page_does_not_reveal_gated_words(self):
        for name, user in self.readers.items():
            self.client.logout()
            if user:
                self.client.force_login(user)
            for text in ("zylophantine", "zylophantin", "zylophantune", "harbuor"):
                with self.subTest(name, text=text):
                    page = self.client.get("/search/", {"q": text})
                    self.assertContains(page, "No results for")
                    self.assertNotContains(page, "Did you mean")
                    self.assertNotContains(page, "An article")
            snippet_page = self.client.get("/search/", {"q": "ferries"})
            self.assertContains(snippet_page, "The free <mark>ferries</mark>")
            self.assertNotContains(snippet_page, "zylophantine")

    def test_queries_for_a_gated_word_are_the_same_as_for_an_unknown_word(self):
        def queries_for(text):
            limits = 6 if connection.vendor == "postgresql" else 0
            with self.assertNumQueries(5 + limits) as captured:
                self.client.get("/search/", {"q": text})
            return [query["sql"].replace(text, "WORD") for query in captured if "searchword" in query["sql"]]

        now = timezone.now()
        with time_machine.travel(now, tick=False):
            self.assertEqual(queries_for("zylophantine"), queries_for("zylophantxne"))

    def test_subscriber_sees_gated_snippets(self):
        self.client.force_login(make_subscriber())
        page = self.client.get("/search/", {"q": "zylophantine"})
        self.assertContains(page, "A <mark>zylophantine</mark> harbour.")
        self.assertEqual(page.headers["Cache-Control"], "private, no-store")

    def test_supporter_article_is_not_found_by_a_subscriber(self):
        make_version(self.article, required_level=20)
        self.assertEqual(find_ids("zylophantine", 10), [])
        self.assertEqual(find_ids("zylophantine", 20), [self.article.pk])

    def test_article_made_free_is_found_by_everyone(self):
        make_version(self.article, required_level=0)
        self.assertEqual(find_ids("zylophantine"), [self.article.pk])


class ScheduleTests(TestCase):
    def test_scheduled_article_is_found_when_it_is_due(self):
        at = timezone.now().replace(microsecond=0) + timedelta(hours=1)
        article = make_article(body="<p>A quokka.</p>", at=at)
        for now, expected in [
            (at - timedelta(seconds=1), []),
            (at, [article.pk]),
            (at + timedelta(days=9), [article.pk]),
        ]:
            for best in (False, True):
                with self.subTest(now), time_machine.travel(now, tick=False):
                    self.assertEqual(find_ids("quokka", best=best), expected)
                    self.assertEqual(bool(search.suggest("quoka", ["quoka"])), bool(expected))

    def test_scheduled_version_replaces_the_old_one_when_it_is_due(self):
        article = make_article(body="<p>A wombat.</p>")
        at = timezone.now().replace(microsecond=0) + timedelta(hours=1)
        make_version(article, body="<p>A quokka.</p>", at=at)
        for now, old, new in [(at - timedelta(seconds=1), 1, 0), (at, 0, 1)]:
            with self.subTest(now), time_machine.travel(now, tick=False):
                self.assertEqual([len(find_ids("wombat")), len(find_ids("quokka"))], [old, new])
        with time_machine.travel(at + timedelta(hours=1)):
            promote_all_due()
            self.assertEqual([find_ids("wombat"), find_ids("quokka")], [[], [article.pk]])
            self.assertEqual(SearchEntry.objects.count(), 1)

    def test_unscheduled_version_is_never_found(self):
        article = make_article(body="<p>A wombat.</p>")
        at = timezone.now() + timedelta(hours=1)
        make_version(article, body="<p>A quokka.</p>", at=at)
        unschedule(item=article)
        with time_machine.travel(at + timedelta(hours=1)):
            self.assertEqual([find_ids("wombat"), find_ids("quokka")], [[article.pk], []])

    def test_withdrawn_article_is_not_found_until_it_is_restored(self):
        article = make_article(body="<p>A wombat.</p>")
        withdraw(item=article)
        self.assertEqual(find_ids("wombat"), [])
        self.assertEqual(find_ids("wombat", 100), [])
        self.assertEqual(search.suggest("wombta", ["wombta"]), "")
        restore(item=article)
        self.assertEqual(find_ids("wombat"), [article.pk])
        end = timezone.now() + timedelta(days=1)
        Article.objects.filter(pk=article.pk).update(withdrawn_at=end)
        self.assertEqual(find_ids("wombat"), [article.pk])
        with time_machine.travel(end + timedelta(seconds=1)):
            self.assertEqual(find_ids("wombat"), [])

    def test_drafts_are_not_found(self):
        make_draft(body="<p>A wombat.</p>")
        self.assertEqual(find_ids("wombat", 100), [])


class IndexTests(TestCase):
    def test_rebuilt_index_is_the_same(self):
        make_article(required_level=10, body=GATED)
        make_version(make_article(), body="<p>Changed.</p>")
        make_version(make_article(), body="<p>Later.</p>", at=timezone.now() + timedelta(hours=1))
        make_article(at=timezone.now() + timedelta(hours=2))
        fields = "id", "article", "version", "published_at", "served_from", "served_until"
        entries = list(SearchEntry.objects.order_by("id").values_list(*fields))
        words, index = set(SearchWord.objects.values_list("level", "term")), self.index()
        call_command("rebuild_search", verbosity=0, stdout=StringIO())
        self.assertEqual(list(SearchEntry.objects.order_by("id").values_list(*fields)), entries)
        self.assertEqual(self.index(), index)
        # Only words of versions that are no longer served are removed.
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

    def test_interrupted_rebuild_can_be_resumed(self):
        articles = [make_article(at=timezone.now() - timedelta(days=day)) for day in range(3)]
        make_version(articles[1], body="<p>Later.</p>", at=timezone.now() + timedelta(hours=1))
        whole = self.index()
        interrupted = in_batches_of_one(after_the_first=mock.Mock(side_effect=KeyboardInterrupt))
        with self.assertRaises(KeyboardInterrupt), interrupted:
            call_command("rebuild_search", verbosity=0)
        self.assertEqual(SearchEntry.objects.get().article, articles[0])
        out = StringIO()
        call_command("rebuild_search", "--resume", verbosity=0, stdout=out)
        self.assertEqual((self.index(), out.getvalue()), (whole, "2 articles indexed.\n"))

    def test_versions_published_during_a_rebuild_are_indexed_once(self):
        newer, older = make_article(), make_article(at=timezone.now() - timedelta(days=9), body="<p>A wombat.</p>")

        def publish_more():
            make_version(newer, body="<p>A quokka.</p>")
            make_version(older, body="<p>A quokka.</p>")
            make_article(body="<p>A quokka.</p>")

        with in_batches_of_one(after_the_first=publish_more):
            call_command("rebuild_search", verbosity=0, stdout=StringIO())
        self.assertEqual(len(find_ids("quokka")), 3)
        self.assertEqual(find_ids("wombat"), [])
        self.assertEqual(SearchEntry.objects.count(), 3)

    def test_terms_are_deleted_with_their_entry(self):
        article = make_article()
        make_version(article)
        self.assertEqual({row[0] for row in self.index()}, {SearchEntry.objects.get().pk})
