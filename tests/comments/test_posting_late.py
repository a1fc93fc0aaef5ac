"""What is posted with an old token, by somebody new, or twice at once."""

import threading
import uuid
from threading import Barrier

from django.db import connection
from django.test import Client, TransactionTestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Thread
from comments.services import post_comment
from tests.comments.posting import SHOWN, WORDS, Posting
from tests.factories import make_article, make_comment, make_commenter, make_editor


class TokenTests(Posting):
    def setUp(self):
        super().setUp()
        self.client = Client(enforce_csrf_checks=True)

    def test_a_refused_token_gives_the_words_back_in_a_form_that_works(self):
        self.client.force_login(self.writer)
        page = self.post()
        self.assertContains(page, SHOWN, status_code=403)
        token = self.client.cookies["csrftoken"].value
        fields = {"csrfmiddlewaretoken": token, "text": WORDS, "key": page.context["form"]["key"].value()}
        self.assertEqual(self.client.post(self.url, fields).status_code, 302)

    def test_a_login_that_ended_gives_the_words_back_with_a_login_that_keeps_them(self):
        page = self.post()
        self.assertContains(page, SHOWN, status_code=403)
        self.assertContains(page, reverse("comments:keep", args=["a-piece"]), status_code=403)

    def test_keeping_editing_and_reporting_give_the_words_back_too(self):
        self.client.force_login(self.writer)
        mine = make_comment(article=self.article, author=self.writer)
        theirs = make_comment(article=self.article)
        for url, name in [
            (reverse("comments:keep", args=["a-piece"]), "text"), (reverse("comments:edit", args=[mine.pk]), "text"),
            (reverse("comments:report", args=[theirs.pk]), "words"),
        ]:  # fmt: skip
            with self.subTest(url):
                self.assertContains(self.client.post(url, {name: WORDS}), SHOWN, status_code=403)

    def test_an_unknown_article_is_still_not_found(self):
        self.assertEqual(self.client.post("/articles/nothing/comments/", {"text": WORDS}).status_code, 404)

    def test_any_other_form_gets_a_clear_page(self):
        self.assertContains(self.client.post(reverse("account_login"), {"login": "x"}), "Nothing was", status_code=403)


class WaitingTests(Posting):
    def test_a_new_writers_comment_waits_and_only_they_and_the_moderators_see_it(self):
        new = make_commenter(trusted=False)
        response = self.post(new)
        self.assertRedirects(response, f"/articles/a-piece/#comment-{self.written().get().pk}")
        self.assertEqual(self.count(), 0)
        self.assertContains(self.client.get("/articles/a-piece/"), "Pending review")
        for who, sees in [(None, False), (self.writer, False), (make_editor(), True)]:
            client = Client()
            if who:
                client.force_login(who)
            with self.subTest(who):
                self.assertEqual(SHOWN in client.get("/articles/a-piece/").content.decode(), sees)
                status = client.get(self.written().get().get_absolute_url()).status_code
                self.assertEqual(status, 302 if sees else 404)

    def test_once_one_is_visible_the_next_need_not_wait(self):
        new = make_commenter(trusted=False)
        self.post(new)
        self.written().update(status="visible", approved_at=timezone.now())
        self.post()
        self.assertEqual(self.written().latest("pk").status, "visible")

    def test_staff_need_not_wait(self):
        self.post(make_editor())
        self.assertEqual(self.written().get().status, "visible")


class RaceTests(TransactionTestCase):
    def test_fifty_copies_of_one_form_make_one_comment(self):
        article, writer, key = make_article(), make_commenter(), uuid.uuid4()
        barrier, made, failed = Barrier(50), [], []

        def post():
            try:
                barrier.wait(20)
                made.append(post_comment(article=article, author=writer, text="Once.", key=key).pk)
            except Exception as error:  # noqa: BLE001
                failed.append(error)
            finally:
                connection.close()

        threads = [threading.Thread(target=post) for _ in range(50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failed, [])
        self.assertEqual(len(made), 50)
        self.assertEqual(set(made), {Comment.objects.get(article=article).pk})
        self.assertEqual(Thread.objects.get(article=article).visible_count, 1)
