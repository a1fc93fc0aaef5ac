"""Editing comments within five minutes."""

from datetime import timedelta

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Revision, Thread
from tests.factories import make_article, make_comment, make_commenter, make_user

TEXT = "Better <text>."
TEXT_HTML = "Better &lt;text&gt;."


class EditTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.commenter = make_commenter()
        cls.comment = make_comment(article=make_article(slug="an-article"), author=cls.commenter, text="First text.")
        cls.url = reverse("comments:edit", args=[cls.comment.pk])

    def edit(self, user=None, text=TEXT):
        if user:
            self.client.force_login(user)
        return self.client.post(self.url, {"text": text})

    def test_an_edited_comment_is_marked_and_its_old_text_kept(self):
        form = self.client_of(self.commenter).get(self.url)
        self.assertContains(form, "First text.")
        self.assertContains(form, "Cancel")
        self.assertRedirects(self.edit(), f"/articles/an-article/#comment-{self.comment.pk}")
        page = self.client.get("/articles/an-article/")
        self.assertContains(page, TEXT_HTML)
        self.assertContains(page, "Edited ")
        self.assertEqual(Revision.objects.get().text, "First text.")
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_visible)

    def client_of(self, user):
        self.client.force_login(user)
        return self.client

    def test_an_unchanged_text_changes_nothing(self):
        self.edit(self.commenter, "First text.")
        self.assertFalse(Revision.objects.exists())
        self.assertIsNone(Comment.objects.get(pk=self.comment.pk).edited_at)

    def test_comments_of_others_are_not_found(self):
        for method in ("get", "post"):
            response = getattr(self.client_of(make_commenter()), method)(self.url, {"text": TEXT})
            self.assertEqual(response.status_code, 404)

    def test_a_removed_comment_is_not_found(self):
        Comment.objects.filter(pk=self.comment.pk).update(
            status="removed", removed_reason="x", removed_at=timezone.now()
        )
        self.assertEqual(self.edit(self.commenter).status_code, 404)

    def test_after_five_minutes_an_error_is_shown_with_the_text(self):
        Comment.objects.filter(pk=self.comment.pk).update(created_at=timezone.now() - timedelta(minutes=5))
        page = self.edit(self.commenter)
        self.assertContains(page, "can only be edited for five minutes", status_code=403)
        self.assertContains(page, TEXT_HTML, status_code=403)
        self.assertEqual(Comment.objects.get(pk=self.comment.pk).text, "First text.")
        self.assertNotContains(self.client.get("/articles/an-article/"), self.url)

    def test_an_expired_session_keeps_the_text_in_the_page(self):
        self.assertContains(self.edit(), TEXT_HTML, status_code=403)
        self.assertRedirects(
            self.client.get(self.url),
            f"/accounts/login/?next=%2Fcomments%2F{self.comment.pk}%2Fedit%2F",
            fetch_redirect_response=False,
        )

    def test_invalid_texts_are_rejected(self):
        for text in ("", "\u200b", "x" * 5001):
            self.assertEqual(self.edit(self.commenter, text).status_code, 422)
        self.edit(self.commenter, "a\x00b")
        self.assertEqual(Comment.objects.get(pk=self.comment.pk).text, "ab")

    def test_an_approved_first_comment_is_reviewed_again_after_an_edit(self):
        new = make_commenter(trusted=False)
        approved = make_comment(author=new, article=self.comment.article, text="A kind comment.")
        self.client_of(new).post(reverse("comments:edit", args=[approved.pk]), {"text": "An unkind comment."})
        self.assertEqual(Comment.objects.get(pk=approved.pk).status, "waiting")
        self.assertEqual(Thread.objects.get(article=approved.article).visible_count, 1)
        self.assertContains(self.client.get("/articles/an-article/"), "An unkind comment.")
        self.client.force_login(make_user())
        page = self.client.get("/articles/an-article/")
        self.assertNotContains(page, "An unkind comment.")
        self.assertContains(page, "pending review")

    def test_edits_are_rate_limited_and_the_text_is_kept(self):
        cache.clear()
        for number in range(20):
            self.assertEqual(self.edit(self.commenter, f"Take {number}.").status_code, 302)
        self.assertContains(self.edit(self.commenter), TEXT_HTML, status_code=429)
        self.assertEqual(Revision.objects.count(), 20)
        cache.clear()
