"""Readers delete their own comments, and report a comment once."""

from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Report, Revision, Thread
from comments.services import delete_own
from tests.comments.base import PostingTestCase
from tests.factories import make_comment, make_subscriber, make_user


class DeletingTests(PostingTestCase):
    page_url = "/articles/an-article/"

    def setUp(self):
        super().setUp()
        self.comment = make_comment(article=self.article, author=self.commenter, text="Said too much.")
        self.reply = make_comment(article=self.article, parent=self.comment, text="An answer.")
        self.delete_url = reverse("comments:delete", args=[self.comment.pk])
        self.client.force_login(self.commenter)

    def test_an_author_deletes_a_comment_after_a_question(self):
        self.assertContains(self.client.get(self.delete_url), "Delete your comment?")
        self.comment.refresh_from_db()
        self.assertTrue(self.comment.is_visible)
        response = self.client.post(self.delete_url)
        self.assertRedirects(response, f"{self.page_url}#comments")
        self.client.logout()
        page = self.client.get(self.page_url)
        self.assertContains(page, "Deleted by its author.")
        self.assertContains(page, "An answer.")
        self.assertNotContains(page, "Said too much.")
        self.assertNotContains(page, "Removed by a moderator")
        self.assertEqual(mail.outbox, [])

    def test_quotation_votes_and_earlier_texts_are_gone_from_public_view(self):
        Comment.objects.filter(pk=self.comment.pk).update(
            quote="A quoted passage", quote_number=1, helpful_count=4711, picked_at=timezone.now(), picked_beside=True
        )
        Revision.objects.create(comment=self.comment, text="An earlier text.")
        self.client.post(self.delete_url)
        for user in (None, self.commenter, make_subscriber()):
            reader = Client()
            if user:
                reader.force_login(user)
            page = reader.get(self.page_url)
            for text in ("A quoted passage", "Helpful <b>4711", "An earlier text.", "Editors’ pick"):
                self.assertNotContains(page, text)

    def test_deleting_twice_counts_once(self):
        before = Thread.objects.get(article=self.article).visible_count
        self.assertTrue(delete_own(comment=self.comment))
        self.assertFalse(delete_own(comment=self.comment))
        self.assertEqual(Thread.objects.get(article=self.article).visible_count, before - 1)
        self.assertEqual(self.client.post(self.delete_url).status_code, 404)

    def test_nobody_else_can_delete_it(self):
        for user in (make_user(), None):
            self.client.logout()
            if user:
                self.client.force_login(user)
            response = self.client.post(self.delete_url)
            self.assertIn(response.status_code, {302, 404})
            self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_visible)

    def test_reporting_again_says_so(self):
        url = reverse("comments:report", args=[self.reply.pk])
        for text in ("Thank you. A moderator will review", "You have already reported this comment."):
            self.assertContains(self.client.post(url, {"reason": "insult"}, follow=True), text)
        self.assertEqual(Report.objects.count(), 1)
