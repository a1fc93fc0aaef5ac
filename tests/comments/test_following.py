"""Following the comments on an article, muting one, and the lists in the account."""

from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from articles.models import Article
from comments.models import Follow, Mute, Thread
from subscriptions.models import EmailOptOut
from tests.budget import takes_longer
from tests.factories import make_article, make_subscriber, make_user
from tests.queries import SameQueries
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase

PAGE, LIST = "/articles/harbour/comments/following/", "/account/followed/"


class FollowingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(slug="harbour", headline="The harbour")
        cls.reader = make_user()

    def setUp(self):
        cache.clear()
        self.client.force_login(self.reader)

    def test_a_reader_follows_and_unfollows(self):
        self.assertContains(self.client.get(PAGE), "Follow the comments on this article?")
        self.assertFalse(Follow.objects.exists())
        self.assertContains(self.client.post(PAGE, follow=True), "You follow the comments on this article")
        self.assertContains(self.client.get(LIST), "The harbour")
        page = self.client.post(f"{PAGE}removal/", {"back": ""}, follow=True)
        self.assertContains(page, "You no longer follow this article.")
        self.assertFalse(Follow.objects.exists())
        self.assertContains(self.client.get(LIST), "You don’t follow the comments on any article yet.")

    def test_the_article_leads_there_when_logged_in(self):
        article = self.article.get_absolute_url()
        self.assertContains(self.client.get(article), f'href="{PAGE}"')
        self.client.logout()
        self.assertNotContains(self.client.get(article), PAGE)

    def test_following_twice_is_following_once(self):
        for _ in range(2):
            self.client.post(PAGE)
        self.assertEqual(Follow.objects.count(), 1)

    def test_visitors_log_in_first(self):
        self.client.logout()
        for url in (PAGE, f"{PAGE}removal/", "/articles/harbour/comments/muting/removal/"):
            self.assertRedirects(self.client.post(url), f"/accounts/login/?next={url}")
        self.assertFalse(Follow.objects.exists())

    def test_articles_that_a_reader_cannot_read_cannot_be_followed(self):
        make_article(slug="gated", required_level=10)
        url = "/articles/gated/comments/following/"
        self.assertContains(self.client.get(url), "Your plan doesn’t include this article")
        self.assertEqual(self.client.post(url).status_code, 403)
        self.client.force_login(make_subscriber())
        self.assertEqual(self.client.post(url).status_code, 302)

    def test_unpublished_articles_are_not_found(self):
        make_article(slug="later", at=timezone.now() + timezone.timedelta(days=1))
        for slug, status in (("later", 404), ("none", 404)):
            self.assertEqual(self.client.post(f"/articles/{slug}/comments/following/").status_code, status)
        Article.objects.update(withdrawn_at=timezone.now())
        self.assertEqual(self.client.get(PAGE).status_code, 410)

    def test_articles_without_comments_cannot_be_followed(self):
        Thread.objects.create(article=self.article, is_off=True)
        self.assertEqual(self.client.post(PAGE).status_code, 404)

    def test_withdrawn_articles_can_be_unfollowed(self):
        self.client.post(PAGE)
        Article.objects.update(withdrawn_at=timezone.now())
        self.assertContains(self.client.get(LIST), "An article that is no longer available")
        self.client.post(f"{PAGE}removal/")
        self.assertFalse(Follow.objects.exists())

    def test_the_rows_of_others_are_not_found(self):
        Follow.objects.create(user=make_user(), article=self.article)
        Mute.objects.create(user=make_user(), article=self.article)
        for url in (f"{PAGE}removal/", "/articles/harbour/comments/muting/removal/"):
            self.assertEqual(self.client.post(url).status_code, 404)

    def test_what_keeps_emails_away_is_said(self):
        self.client.force_login(make_user(verified=False))
        self.assertContains(self.client.get(PAGE), "Confirm your email address first.")
        self.client.force_login(self.reader)
        EmailOptOut.objects.create(user=self.reader, kind="followed")
        self.assertContains(self.client.get(PAGE), "You have turned off emails about articles you follow.")

    def test_following_ends_muting(self):
        Mute.objects.create(user=self.reader, article=self.article)
        self.assertContains(self.client.get(PAGE), "You have muted this article.")
        self.client.post(PAGE)
        self.assertFalse(Mute.objects.exists())

    def test_muted_articles_are_listed_and_can_be_unmuted(self):
        Mute.objects.create(user=self.reader, article=self.article)
        self.assertContains(self.client.get(LIST), "Muted articles")
        page = self.client.post("/articles/harbour/comments/muting/removal/", follow=True)
        self.assertContains(page, "You get emails about comments on this article again.")
        self.assertNotContains(page, "Muted articles")

    @takes_longer("Long lists are made and read.")
    def test_the_list_takes_a_fixed_number_of_queries(self):
        self.client.get(LIST)
        queries = SameQueries(self)
        for number in (1, 12):
            for _ in range(number):
                Follow.objects.create(user=self.reader, article=make_article())
                Mute.objects.create(user=self.reader, article=make_article())
            with queries:
                self.client.get(LIST)


class RaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_two_requests_at_once_follow_once(self):
        article, reader = make_article(), make_user()
        cache.clear()

        def follow(_):
            client = self.client_class()
            client.force_login(reader)
            return client.post(f"/articles/{article.slug}/comments/following/").status_code

        self.assertEqual(race(follow, count=4), [302] * 4)
        self.assertEqual(Follow.objects.count(), 1)
