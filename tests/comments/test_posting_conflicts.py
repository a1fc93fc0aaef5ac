"""Posting with an expired token, as a new commenter, and twice at once."""

import threading
import uuid
from functools import partial
from threading import Barrier

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Thread
from comments.services import approve, post_comment, remove
from tests.budget import takes_longer
from tests.comments.base import TEXT, TEXT_HTML, PostingTestCase
from tests.factories import make_article, make_comment, make_commenter, make_editor
from tests.threads import at_once
from tests.transactions import TransactionTestCase


class TokenTests(PostingTestCase):
    def setUp(self):
        super().setUp()
        self.client = Client(enforce_csrf_checks=True)

    def test_an_invalid_token_returns_the_text_in_a_valid_form(self):
        self.client.force_login(self.commenter)
        page = self.post()
        self.assertContains(page, TEXT_HTML, status_code=403)
        token = self.client.cookies["csrftoken"].value
        fields = {"csrfmiddlewaretoken": token, "text": TEXT, "key": page.context["form"]["key"].value()}
        self.assertEqual(self.client.post(self.url, fields).status_code, 302)

    def test_an_expired_session_returns_the_text_with_a_login_that_stores_it(self):
        page = self.post()
        self.assertContains(page, TEXT_HTML, status_code=403)
        self.assertContains(page, reverse("comments:keep", args=["an-article"]), status_code=403)

    def test_saving_editing_and_reporting_return_the_text_too(self):
        self.client.force_login(self.commenter)
        own = make_comment(article=self.article, author=self.commenter)
        other = make_comment(article=self.article)
        for url, name in [
            (reverse("comments:keep", args=["an-article"]), "text"),
            (reverse("comments:edit", args=[own.pk]), "text"),
            (reverse("comments:report", args=[other.pk]), "words"),
        ]:
            with self.subTest(url):
                self.assertContains(self.client.post(url, {name: TEXT}), TEXT_HTML, status_code=403)

    def test_an_unknown_article_is_not_found(self):
        self.assertEqual(self.client.post("/articles/nothing/comments/", {"text": TEXT}).status_code, 404)

    def test_other_forms_get_an_error_page(self):
        self.assertContains(
            self.client.post(reverse("account_login"), {"login": "x"}), "Nothing was changed", status_code=403
        )


class ReviewTests(PostingTestCase):
    def test_a_first_comment_is_seen_only_by_its_author_and_moderators(self):
        new = make_commenter(trusted=False)
        response = self.post(new)
        self.assertRedirects(response, f"/articles/an-article/#comment-{self.comments().get().pk}")
        self.assertEqual(self.count(), 0)
        self.assertContains(self.client.get("/articles/an-article/"), "Pending review")
        for user, sees in [(None, False), (self.commenter, False), (make_editor(), True)]:
            client = Client()
            if user:
                client.force_login(user)
            with self.subTest(user):
                self.assertEqual(TEXT_HTML in client.get("/articles/an-article/").content.decode(), sees)
                status = client.get(self.comments().get().get_absolute_url()).status_code
                self.assertEqual(status, 302 if sees else 404)

    def test_after_one_visible_comment_no_review_is_needed(self):
        new = make_commenter(trusted=False)
        self.post(new)
        self.comments().update(status="visible", approved_at=timezone.now())
        self.post()
        self.assertEqual(self.comments().latest("pk").status, "visible")

    def test_comments_of_staff_need_no_review(self):
        self.post(make_editor())
        self.assertEqual(self.comments().get().status, "visible")


class RaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_replies_and_decisions_about_the_parent_do_not_wait_for_each_other(self):
        parent, editor = make_comment(), make_editor()
        reply = partial(post_comment, article=parent.article, parent=parent, text="A reply.")
        replies = [partial(reply, author=make_commenter(), key=uuid.uuid4()) for _ in range(10)]
        decisions = [
            partial(remove, comments=[parent], by=editor, reason="An insult"),
            partial(approve, comments=[parent], by=editor),
        ]
        jobs = iter([*replies, *decisions * 5])
        results = at_once(lambda: next(jobs)(), 20)
        self.assertEqual([result for result in results if isinstance(result, Exception)], [])
        visible = Comment.objects.visible().filter(article=parent.article).count()
        self.assertEqual(Thread.objects.get(article=parent.article).visible_count, visible)

    @takes_longer("Many threads use the database at once.")
    def test_fifty_copies_of_one_form_post_one_comment(self):
        article, commenter, key = make_article(), make_commenter(), uuid.uuid4()
        barrier, ids, errors = Barrier(50), [], []

        def post():
            try:
                barrier.wait(20)
                ids.append(post_comment(article=article, author=commenter, text="Once.", key=key).pk)
            except Exception as error:  # noqa: BLE001
                errors.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=post) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(errors, [])
        self.assertEqual(len(ids), 50)
        self.assertEqual(set(ids), {Comment.objects.get(article=article).pk})
        self.assertEqual(Thread.objects.get(article=article).visible_count, 1)
