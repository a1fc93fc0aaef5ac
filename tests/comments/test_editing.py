"""Five minutes to mend what one wrote."""

from datetime import timedelta

from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Revision, Thread
from tests.factories import make_article, make_comment, make_commenter, make_user

WORDS = "Better <words>."
SHOWN = "Better &lt;words&gt;."


class EditTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.writer = make_commenter()
        cls.comment = make_comment(article=make_article(slug="a-piece"), author=cls.writer, text="First words.")
        cls.url = reverse("comments:edit", args=[cls.comment.pk])

    def edit(self, user=None, text=WORDS):
        if user:
            self.client.force_login(user)
        return self.client.post(self.url, {"text": text})

    def test_the_new_words_are_shown_marked_as_edited_and_the_old_ones_kept(self):
        self.assertContains(self.client_of(self.writer).get(self.url), "First words.")
        self.assertRedirects(self.edit(), f"/articles/a-piece/#comment-{self.comment.pk}")
        page = self.client.get("/articles/a-piece/")
        self.assertContains(page, SHOWN)
        self.assertContains(page, "Edited ")
        self.assertEqual(Revision.objects.get().text, "First words.")
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_visible)

    def client_of(self, user):
        self.client.force_login(user)
        return self.client

    def test_the_same_words_again_change_nothing(self):
        self.edit(self.writer, "First words.")
        self.assertFalse(Revision.objects.exists())
        self.assertIsNone(Comment.objects.get(pk=self.comment.pk).edited_at)

    def test_somebody_elses_comment_is_not_found(self):
        for method in ("get", "post"):
            response = getattr(self.client_of(make_commenter()), method)(self.url, {"text": WORDS})
            self.assertEqual(response.status_code, 404)

    def test_a_removed_comment_is_not_found(self):
        Comment.objects.filter(pk=self.comment.pk).update(
            status="removed", removed_reason="x", removed_at=timezone.now()
        )
        self.assertEqual(self.edit(self.writer).status_code, 404)

    def test_after_five_minutes_a_sentence_says_so_and_the_words_stay(self):
        Comment.objects.filter(pk=self.comment.pk).update(created_at=timezone.now() - timedelta(minutes=5))
        page = self.edit(self.writer)
        self.assertContains(page, "can only be edited for five minutes", status_code=403)
        self.assertContains(page, SHOWN, status_code=403)
        self.assertEqual(Comment.objects.get(pk=self.comment.pk).text, "First words.")
        self.assertNotContains(self.client.get("/articles/a-piece/"), self.url)

    def test_a_login_that_ended_keeps_the_words_in_the_page(self):
        self.assertContains(self.edit(), SHOWN, status_code=403)
        self.assertRedirects(
            self.client.get(self.url), f"/accounts/login/?next=%2Fcomments%2F{self.comment.pk}%2Fedit%2F",
            fetch_redirect_response=False,
        )  # fmt: skip

    def test_bad_words_are_refused_with_a_sentence(self):
        for text in ("", "\u200b", "x" * 5001):
            self.assertEqual(self.edit(self.writer, text).status_code, 422)
        self.edit(self.writer, "a\x00b")
        self.assertEqual(Comment.objects.get(pk=self.comment.pk).text, "ab")

    def test_a_new_writer_cannot_change_an_approved_comment_unseen(self):
        new = make_commenter(trusted=False)
        approved = make_comment(author=new, article=self.comment.article, text="Kind words.")
        self.client_of(new).post(reverse("comments:edit", args=[approved.pk]), {"text": "Unkind words."})
        self.assertEqual(Comment.objects.get(pk=approved.pk).status, "waiting")
        self.assertEqual(Thread.objects.get(article=approved.article).visible_count, 1)
        self.assertContains(self.client.get("/articles/a-piece/"), "Unkind words.")
        self.client.force_login(make_user())
        page = self.client.get("/articles/a-piece/")
        self.assertNotContains(page, "Unkind words.")
        self.assertContains(page, "pending review")

    def test_whoever_edits_without_end_is_stopped_and_keeps_the_words(self):
        cache.clear()
        for number in range(20):
            self.assertEqual(self.edit(self.writer, f"Words, take {number}.").status_code, 302)
        self.assertContains(self.edit(self.writer), SHOWN, status_code=429)
        self.assertEqual(Revision.objects.count(), 20)
        cache.clear()
