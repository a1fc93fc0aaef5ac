"""Saving articles for later."""

from datetime import timedelta
from unittest import mock

from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import TestCase
from django.utils import timezone

from articles.models import Article, SavedArticle
from tests.budget import takes_longer
from tests.factories import make_article, make_draft, make_user

LIST = "/account/saved/"


class SavedArticleTests(TestCase):
    def setUp(self):
        cache.clear()
        self.article = make_article(headline="A long read")
        self.url = self.article.get_absolute_url()
        self.save_url = f"{self.url}saved/"
        self.reader = make_user()

    def log_in(self):
        self.client.force_login(self.reader)

    def test_visitors_get_a_link_that_leads_to_login_and_a_question(self):
        page = self.client.get(self.url)
        self.assertContains(page, f'<a href="{self.save_url}" rel="nofollow">Save for later</a>', html=True)
        self.assertNotContains(page, "csrfmiddlewaretoken", msg_prefix="Pages of visitors are shared.")
        self.assertRedirects(self.client.get(self.save_url), f"/accounts/login/?next={self.save_url}")
        self.log_in()
        self.assertContains(self.client.get(self.save_url), "Save this article for later?")
        self.assertFalse(SavedArticle.objects.exists())

    def test_article_is_saved_once_and_removed(self):
        self.log_in()
        self.assertContains(self.client.get(self.url), "Save for later")
        for _ in range(2):
            self.assertRedirects(self.client.post(self.save_url), self.url)
        self.assertEqual(SavedArticle.objects.get().article, self.article)
        self.assertContains(self.client.get(self.url), "Saved for later")
        self.assertContains(self.client.get(self.save_url), "You have saved this article")
        self.assertRedirects(self.client.post(f"{self.save_url}removal/", {"back": ""}), self.url)
        self.assertFalse(SavedArticle.objects.exists())
        self.assertEqual(self.client.post(f"{self.save_url}removal/").status_code, 404)

    def test_the_database_allows_one_row(self):
        SavedArticle.objects.create(user=self.reader, article=self.article)
        with self.assertRaises(IntegrityError), transaction.atomic():
            SavedArticle.objects.create(user=self.reader, article=self.article)

    def test_reading_list_belongs_to_its_reader(self):
        SavedArticle.objects.create(user=make_user(), article=self.article)
        self.log_in()
        self.assertNotContains(self.client.get(LIST), "A long read")
        self.assertEqual(self.client.post(f"{self.save_url}removal/").status_code, 404)
        self.assertEqual(SavedArticle.objects.count(), 1)

    def test_drafts_and_unknown_articles_are_not_found(self):
        self.log_in()
        draft = make_draft()
        for slug in (draft.slug, "no-such-article"):
            self.assertEqual(self.client.post(f"/articles/{slug}/saved/").status_code, 404)

    def test_withdrawn_articles_are_listed_without_their_headline_and_can_be_removed(self):
        SavedArticle.objects.create(user=self.reader, article=self.article)
        Article.objects.update(withdrawn_at=timezone.now())
        self.log_in()
        page = self.client.get(LIST)
        self.assertContains(page, "An article that is no longer available")
        self.assertNotContains(page, "A long read")
        self.assertEqual(self.client.post(self.save_url).status_code, 410)
        self.assertRedirects(self.client.post(f"{self.save_url}removal/"), LIST)
        self.assertFalse(SavedArticle.objects.exists())

    @takes_longer("Long lists are made and read.")
    def test_list_has_pages_and_a_constant_number_of_queries(self):
        now = timezone.now()
        for number in range(32):
            article = make_article(headline=f"Number {number}.")
            SavedArticle.objects.create(user=self.reader, article=article, saved_at=now - timedelta(minutes=number))
        self.log_in()
        with self.assertNumQueries(2 + 6):  # the list and its articles; session, user, access, menus, legal, sections
            page = self.client.get(LIST)
        self.assertContains(page, "Number 29.")
        self.assertNotContains(page, "Number 30.")
        second = self.client.get(LIST, {"after": page.context["page"].after})
        self.assertContains(second, "Number 31.")
        self.assertEqual(self.client.get(LIST, {"after": "!"}).status_code, 404)

    def test_saving_is_rate_limited(self):
        self.log_in()
        with mock.patch("articles.views.saved.allow", return_value=False):
            page = self.client.post(self.save_url, follow=True)
        self.assertContains(page, "Please try again later.")
        self.assertFalse(SavedArticle.objects.exists())
