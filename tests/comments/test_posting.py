"""Posting comments: who may, what is rejected, and that no text is lost."""

import uuid
from datetime import timedelta

from django.core.cache import cache
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from articles.models import Article
from comments.models import Thread
from tests.budget import takes_longer
from tests.comments.base import IN_MEMORY, TEXT, TEXT_HTML, PostingTestCase
from tests.factories import (
    make_article,
    make_comment,
    make_comments,
    make_lapsed_reader,
    make_member,
    make_subscriber,
    make_user,
)


class PostTests(PostingTestCase):
    def test_a_posted_comment_is_shown(self):
        response = self.post(self.commenter)
        comment = self.comments().get()
        self.assertRedirects(response, f"/articles/an-article/#comment-{comment.pk}")
        self.assertEqual((comment.author, comment.status, self.count()), (self.commenter, "visible", 1))
        self.assertContains(Client().get("/articles/an-article/"), TEXT_HTML)

    def test_the_form_is_on_the_article_and_on_its_own_page(self):
        self.client.force_login(self.commenter)
        for url in ("/articles/an-article/", self.url):
            page = self.client.get(url)
            self.assertContains(page, 'name="text"')
            self.assertContains(page, 'name="key"')
            self.assertContains(page, f'action="{self.url}"')
            self.assertEqual(page.headers["Cache-Control"], "private, no-store")

    def test_staff_without_a_plan_comment_where_they_can_read(self):
        moderator, url = make_member("Moderator"), reverse("comments:write", args=["gated"])
        gated = make_article(slug="gated", required_level=10)
        self.post(moderator)
        self.assertEqual(self.comments().get().author, moderator)
        for address, status in ((gated.get_absolute_url(), 200), (url, 200)):
            page = self.client.get(address)
            self.assertContains(page, "Your role in the newsroom doesn’t include this article", status_code=status)
            self.assertNotContains(page, "to stay informed", status_code=status)

    def test_the_same_form_posts_one_comment(self):
        key = str(uuid.uuid4())
        first, second = self.post(self.commenter, key=key), self.post(key=key)
        self.assertEqual(first.url, second.url)
        self.assertEqual((self.comments().count(), self.count()), (1, 1))

    def test_the_same_form_with_another_text_loses_neither(self):
        key = str(uuid.uuid4())
        self.post(self.commenter, key=key)
        page = self.post(key=key, text="Second thoughts.")
        self.assertContains(page, "Second thoughts.", status_code=409)
        again = page.context["form"]["key"].value()
        self.assertNotEqual(again, key)
        self.assertEqual(self.post(key=again, text="Second thoughts.").status_code, 302)
        self.assertEqual(self.comments().count(), 2)

    def test_a_reply_is_placed_under_its_parent(self):
        parent = make_comment(article=self.article, text="The first comment.")
        page = self.client.get(self.url, {"parent": parent.pk})
        self.assertContains(page, "The first comment.")
        self.post(self.commenter, parent=parent.pk)
        reply = self.comments().latest("pk")
        self.assertEqual((reply.parent, reply.path), (parent, f"{parent.path}{reply.pk:010d}"))

    @takes_longer("Many kinds of invalid input are sent.")
    def test_invalid_forms_show_an_error_and_the_text(self):
        other = make_comment(text="Elsewhere.")
        removed = make_comment(article=self.article, status="removed", removed_reason="x", removed_at=timezone.now())
        cases = [
            ({"text": ""}, "Write something first"), ({"text": "   \n"}, "Write something first"),
            ({"text": "\u200b\u3164"}, "Write something first"), ({"text": "\x00"}, "Write something first"),
            ({"text": "x" * 5001}, "5,001 characters"), ({"text": "x" * 100_000}, "100,000 characters"),
            ({"key": ""}, TEXT_HTML), ({"key": "\x00"}, TEXT_HTML), ({"key": "k" * 9000}, TEXT_HTML),
            ({"key": "1"}, TEXT_HTML),
            ({"parent": other.pk}, TEXT_HTML), ({"parent": removed.pk}, TEXT_HTML), ({"parent": "9" * 5000}, TEXT_HTML),
            ({"parent": "²"}, TEXT_HTML), ({"parent": "1\x00"}, TEXT_HTML), ({"parent": 10**30}, TEXT_HTML),
        ]  # fmt: skip
        for data, message in cases:
            with self.subTest(str(data)[:60]):
                page = self.post(self.commenter, **data)
                self.assertContains(page, message, status_code=422)
                self.assertEqual(self.post(text=TEXT, key=page.context["form"]["key"].value()).status_code, 302)
                cache.clear()
        self.assertContains(self.post(self.commenter, text="é" * 5001), "é" * 5001, status_code=422)

    def test_a_form_with_invalid_hidden_fields_can_be_sent_again(self):
        page = self.post(self.commenter, key="", parent="0")
        fields = {name: page.context["form"][name].value() for name in ("text", "key", "parent")}
        self.assertEqual(self.client.post(self.url, fields).status_code, 302)

    def test_nul_and_direction_marks_are_removed(self):
        self.post(self.commenter, text="a\x00b\u202ec")
        self.assertEqual(self.comments().get().text, "abc")

    def test_extra_fields_are_ignored(self):
        self.post(self.commenter, status="removed", author=make_user().pk, path="1", html="<script>", pk=7)
        comment = self.comments().get()
        self.assertEqual((comment.author, comment.status), (self.commenter, "visible"))
        self.assertNotIn("<script", comment.html)

    def test_after_twelve_comments_in_ten_minutes_the_text_stays_in_the_form(self):
        for number in range(12):
            self.assertEqual(self.post(self.commenter, text=f"Number {number}").status_code, 302)
        self.assertContains(self.post(), TEXT_HTML, status_code=429)
        self.assertEqual(self.comments().count(), 12)

    def test_posting_takes_a_fixed_number_of_queries(self):
        make_comments(self.article, 60)
        self.client.force_login(self.commenter)
        with override_settings(CACHES=IN_MEMORY), self.assertNumQueries(19):
            self.post()

    def test_unknown_and_unpublished_articles_are_not_found(self):
        draft = make_article(at=timezone.now() + timedelta(days=1))
        for slug in (draft.slug, "no-such-article"):
            url = reverse("comments:write", args=[slug])
            self.assertEqual(self.client.get(url).status_code, 404)
            self.assertEqual(self.client.post(url, {"text": TEXT}).status_code, 404)


class RefusalTests(PostingTestCase):
    def test_refused_readers_see_the_reason_and_keep_their_text(self):
        cases = {
            "anonymous": (None, "Only subscribers can comment. Log in"),
            "unverified": (make_subscriber(verified=False), "Confirm your email address"),
            "registered": (make_user(), "You don’t have a subscription"),
            "lapsed": (make_lapsed_reader(), "You don’t have a subscription"),
            "another plan": (make_subscriber(may_comment=False), "Your plan doesn’t include comments"),
        }
        for reader, (user, message) in cases.items():
            with self.subTest(reader):
                self.client.logout()
                page = self.post(user)
                self.assertContains(page, message, status_code=403)
                self.assertContains(page, TEXT_HTML, status_code=403)
        self.assertFalse(self.comments().exists())

    def test_articles_beyond_the_plan_cannot_be_commented_on(self):
        article = make_article(required_level=20)
        self.client.force_login(self.commenter)
        page = self.client.post(reverse("comments:write", args=[article.slug]), {"text": TEXT, "key": uuid.uuid4()})
        self.assertContains(page, "Your plan doesn’t include this article", status_code=403)

    def test_closed_comments_can_be_read_and_show_since_when(self):
        make_comment(article=self.article, text="An earlier comment.")
        closed = timezone.now() - timedelta(days=1)
        Article.objects.update(published_at=closed - timedelta(days=1))
        Thread.objects.update(closes_at=closed, closed_message="We continue in the spring.")
        message = f"Comments closed on {closed.day} "
        page = self.post(self.commenter)
        self.assertContains(page, message, status_code=403)
        self.assertContains(page, TEXT_HTML, status_code=403)
        for client in (self.client, Client()):
            page = client.get("/articles/an-article/")
            self.assertContains(page, "An earlier comment.")
            self.assertContains(page, "We continue in the spring.")
            self.assertNotContains(page, 'name="text"')

    def test_comments_are_open_until_they_close(self):
        make_comment(article=self.article)
        Thread.objects.update(closes_at=timezone.now() + timedelta(hours=1))
        self.assertEqual(self.post(self.commenter).status_code, 302)

    def test_each_step_stores_the_text_and_restores_it(self):
        login = f"{reverse('account_login')}?next=%2Farticles%2Fan-article%2Fcomments%2F"
        cases = [
            (None, "log_in", login),
            (None, "subscribe", reverse("subscriptions:plans")),
            (None, "x", login),
            (make_user(), "subscribe", reverse("subscriptions:plans")),
            (make_user(), "log_in", "/subscribe/"),
            (make_subscriber(verified=False), "verify", reverse("account_email")),
            (self.commenter, "", self.url),
        ]
        parent = make_comment(article=self.article)
        for user, step, url in cases:
            with self.subTest(step=step, user=user):
                self.client = Client()
                if user:
                    self.client.force_login(user)
                data = {"text": TEXT, "key": str(uuid.uuid4()), "parent": parent.pk, "step": step}
                response = self.client.post(reverse("comments:keep", args=["an-article"]), data)
                self.assertRedirects(response, url, fetch_redirect_response=False)
                page = self.client.get(self.url)
                self.assertContains(page, TEXT_HTML)
                self.assertContains(page, data["key"])
                self.assertEqual(page.context["parent"], parent)

    def test_a_pending_comment_is_posted_after_login_and_then_discarded(self):
        parent = make_comment(article=self.article)
        data = {"text": TEXT, "key": str(uuid.uuid4()), "parent": parent.pk}
        self.client.post(reverse("comments:keep", args=["an-article"]), data)
        self.client.force_login(self.commenter)
        page = self.client.get("/articles/an-article/")
        self.assertContains(page, TEXT_HTML)
        self.assertContains(page, "In reply to")
        form = self.client.get(self.url).context["form"]
        self.post(**{name: form[name].value() for name in data})
        self.assertEqual(parent.replies.get().text, TEXT)
        self.assertNotContains(self.client.get(self.url), TEXT_HTML)

    def test_a_text_that_is_too_long_is_neither_stored_nor_lost(self):
        page = self.client.post(reverse("comments:keep", args=["an-article"]), {"text": "x" * 30_000, "key": "1"})
        self.assertContains(page, "x" * 30_000, status_code=422)

    def test_only_the_last_five_pending_comments_are_stored(self):
        articles = [make_article() for _ in range(6)]
        for article in articles:
            self.client.post(reverse("comments:keep", args=[article.slug]), {"text": TEXT, "key": "1"})
        shown = [
            TEXT_HTML in self.client.get(reverse("comments:write", args=[article.slug])).content.decode()
            for article in articles
        ]
        self.assertEqual(shown, [False, True, True, True, True, True])
