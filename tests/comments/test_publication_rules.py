"""The publication's settings decide who may comment, and for how long."""

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from articles.access import Level
from articles.models import Article
from comments.models import Thread
from comments.permissions import closing_time
from tests.comments.base import PostingTestCase
from tests.factories import make_article, make_comment, make_draft, make_editor, make_member, make_subscriber, make_user
from truthlytics.cache.next_change import ARTICLES, _query
from truthlytics.publication.models import Publication


class PublicationRulesTests(PostingTestCase):
    def test_readers_without_a_plan_comment_if_the_publication_lets_them(self):
        reader = make_user()
        self.assertEqual(self.post(reader).status_code, 403)
        Publication.objects.create(who_may_comment="readers")
        self.assertEqual(self.post(reader).status_code, 302)
        page = Client().get("/articles/an-article/")
        self.assertContains(page, "Log in to comment.")
        self.assertNotContains(page, "Already subscribed?")

    def test_every_reader_still_needs_a_confirmed_address_and_access_to_the_article(self):
        Publication.objects.create(who_may_comment="readers")
        self.assertEqual(self.post(make_user(verified=False)).status_code, 403)
        gated = make_article(slug="gated", required_level=Level.SUBSCRIBER)
        self.client.force_login(make_user())
        data = {"text": "Text", "key": "1f0f6a5e-0000-4000-8000-000000000000"}
        self.assertEqual(self.client.post(f"/articles/{gated.slug}/comments/", data).status_code, 403)
        self.client.force_login(make_subscriber())
        self.assertEqual(self.client.post(f"/articles/{gated.slug}/comments/", data).status_code, 302)

    def test_comments_close_after_fourteen_days_without_a_setting(self):
        at = timezone.now() - timedelta(days=1)
        self.assertEqual(closing_time(None, at), at + timedelta(days=14))

    def test_comments_close_so_many_days_after_publication(self):
        Publication.objects.create(comments_close_after_days=14)
        self.assertEqual(self.post(self.commenter).status_code, 302)
        make_article(slug="old", at=timezone.now() - timedelta(days=15))
        for client in (self.client, Client()):
            self.assertContains(client.get("/articles/old/"), "Comments closed on ")
        data = {"text": "Text", "key": "1f0f6a5e-0000-4000-8000-000000000000"}
        self.assertEqual(self.client.post("/articles/old/comments/", data).status_code, 403)

    def test_the_time_set_for_an_article_comes_first(self):
        Publication.objects.create(comments_close_after_days=14)
        make_comment(article=self.article)
        later = timezone.now() + timedelta(days=60)
        Thread.objects.update(closes_at=later)
        published_at = timezone.now() - timedelta(days=20)
        self.assertEqual(closing_time(Thread.objects.get(article=self.article), published_at), later)

    def test_pages_expire_when_comments_close(self):
        Publication.objects.create(comments_close_after_days=1)
        now = timezone.now().replace(microsecond=0)
        soon = now - timedelta(days=1) + timedelta(minutes=3)
        make_article(at=soon)
        self.assertEqual(_query(ARTICLES, now), soon + timedelta(days=1))

    def test_new_articles_start_closed_if_the_publication_opens_comments_by_hand(self):
        Publication.objects.create(comments_open=False)
        with self.captureOnCommitCallbacks(execute=True):
            article = make_article(slug="new")
        self.assertContains(self.client.get("/articles/new/"), "Comments are closed.")
        Thread.objects.filter(article=article).update(closes_at=None)
        self.client.force_login(self.commenter)
        self.assertNotContains(self.client.get("/articles/new/"), "Comments are closed.")
        self.assertFalse(Thread.objects.filter(article=self.article).exists())


class ThreadSettingsTests(PostingTestCase):
    def settings(self, **fields):
        Thread.objects.update_or_create(article=self.article, defaults=fields)

    def test_an_article_without_comments_shows_and_takes_none(self):
        comment = make_comment(article=self.article, text="Said before.")
        self.settings(is_off=True)
        for user in (None, self.commenter, make_editor()):
            self.client.logout()
            if user:
                self.client.force_login(user)
            page = self.client.get("/articles/an-article/")
            self.assertNotContains(page, "Said before.")
            self.assertNotContains(page, 'id="comments"')
            self.assertEqual(self.client.get(f"/comments/{comment.pk}/report/").status_code, 404)
        response = self.post(self.commenter)
        self.assertContains(response, "cannot be lost", status_code=403)
        self.assertEqual(self.count(), 0)
        self.assertFalse(self.comments().on_published().exists())

    def test_turned_on_again_the_comments_are_back(self):
        make_comment(article=self.article, text="Said before.")
        for is_off in (True, False):
            self.settings(is_off=is_off)
        self.assertContains(self.client.get("/articles/an-article/"), "Said before.")
        self.assertEqual(self.count(), 1)

    def test_the_level_of_an_article_comes_before_the_publications(self):
        supporter = make_subscriber(level=Level.SUPPORTER)
        users = {"reader": make_user(), "subscriber": make_subscriber(), "supporter": supporter}
        for level, allowed in (
            (None, ["subscriber", "supporter"]),
            (Level.REGISTERED, ["reader", "subscriber", "supporter"]),
            (Level.SUBSCRIBER, ["subscriber", "supporter"]),
            (Level.SUPPORTER, ["supporter"]),
        ):
            self.settings(required_level=level)
            with self.subTest(level):
                self.assertEqual([name for name, user in users.items() if self.post(user).status_code == 302], allowed)

    def test_visitors_read_who_may_comment(self):
        self.settings(required_level=Level.SUPPORTER)
        self.assertContains(self.post(), "Only supporters can comment on this article.", status_code=403)
        self.assertContains(self.post(make_subscriber()), "Only supporters can comment", status_code=403)
        self.settings(required_level=Level.REGISTERED)
        self.client.logout()
        self.assertContains(self.client.get("/articles/an-article/"), "Log in to comment.")

    def test_readers_need_a_confirmed_address_whatever_the_level(self):
        self.settings(required_level=Level.REGISTERED)
        self.assertEqual(self.post(make_user(verified=False)).status_code, 403)

    def test_moderators_set_them(self):
        self.settings()
        self.client.force_login(make_member("Moderator"))
        url = f"/admin/comments/thread/{Thread.objects.get(article=self.article).pk}/change/"
        data = {"is_off": "on", "required_level": "10", "slow_minutes": "5", "closed_message": ""}
        self.assertEqual(self.client.post(url, data).status_code, 302)
        thread = Thread.objects.get(article=self.article)
        self.assertEqual((thread.is_off, thread.required_level, thread.slow_minutes), (True, 10, 5))
        for wrong in ({"slow_minutes": "0"}, {"slow_minutes": "99999999"}, {"required_level": "0"}):
            self.assertEqual(self.client.post(url, data | wrong).status_code, 200)

    def test_moderators_learn_no_headline_that_readers_do_not_know(self):
        draft = make_draft(headline="Secret merger")
        Thread.objects.create(article=draft)
        Article.objects.filter(pk=make_comment(article=self.article).article_id).update(headline="Secret edit")
        self.client.force_login(make_member("Moderator"))
        data = {"article": str(make_draft(headline="Secret source").pk), "closed_message": ""}
        for page in (
            self.client.get("/admin/comments/thread/"),
            self.client.post("/admin/comments/thread/add/", data),
            self.client.get(f"/admin/comments/queue/{self.article.comments.get().pk}/"),
        ):
            self.assertNotContains(page, "Secret")
        self.client.force_login(make_editor())
        self.assertContains(self.client.get("/admin/comments/thread/"), "Secret merger")

    def test_moderators_set_them_before_the_first_comment(self):
        self.client.force_login(make_member("Moderator"))
        data = {"article": str(self.article.pk), "is_off": "on", "closed_message": ""}
        self.assertEqual(self.client.post("/admin/comments/thread/add/", data).status_code, 302)
        self.assertTrue(Thread.objects.get(article=self.article).is_off)
