"""Comments from another site, whose writers have no account here."""

from datetime import UTC, datetime

from django.test import TestCase
from django.urls import reverse

from comments.models import Comment, Decision, Notification, Thread
from comments.services.deletion import release_comments
from comments.services.importing import ImportedThread, NewComment, import_threads
from comments.services.moderation import NotPossible, decide
from comments.services.posting import post_comment
from tests.factories import make_article, make_commenter, make_editor

WRITTEN = datetime(2014, 5, 6, 10, tzinfo=UTC)


def new_comment(key, *, parent="", name="Ann Lee", text="It leaks.", visible=True, email=""):
    return NewComment(key=key, parent=parent, name=name, text=text, written_at=WRITTEN, is_visible=visible, email=email)


class ImportedCommentTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        deep = [new_comment(str(number), parent=str(number - 1), name="Ben") for number in range(2, 8)]
        comments = [new_comment("1"), *deep, new_comment("9", parent="1", text="Buy!", visible=False)]
        (cls.rows,) = import_threads([ImportedThread(cls.article, comments)])
        cls.moderator = make_editor()

    def test_names_times_and_tree_are_kept(self):
        response = self.client.get(self.article.get_absolute_url())
        self.assertContains(response, "<bdi>Ann Lee</bdi>")
        self.assertContains(response, "Imported comment")
        self.assertContains(response, "6 May 2014")
        self.assertNotContains(response, "Buy!")
        self.assertNotContains(response, "A former reader")
        self.assertEqual(self.rows["7"].parent.pk, self.rows["6"].pk)
        self.assertEqual(Thread.objects.counts([self.article.pk]), {self.article.pk: 7})

    def test_replies_can_be_added_later_and_readers_can_answer(self):
        (more,) = import_threads([ImportedThread(self.article, [new_comment("10", parent="1")], self.rows)])
        self.assertEqual(more["10"].parent, self.rows["1"])
        reader = make_commenter(display_name="Ann Lee")
        reply = post_comment(
            article=self.article, author=reader, text="Thanks, @Ben.", key=self.rows["1"].key, parent=self.rows["1"]
        )
        self.assertTrue(reply.is_visible)
        self.assertFalse(Notification.objects.exists())
        self.assertIsNone(Comment.objects.get(pk=self.rows["1"].pk).author)
        release_comments(author=reader, keep_text=False)
        self.assertEqual(Comment.objects.get(pk=self.rows["1"].pk).text, "It leaks.")

    def test_moderators_approve_and_remove_them_but_cannot_ask_or_suspend(self):
        waiting, visible = self.rows["9"], self.rows["1"]
        self.client.force_login(self.moderator)
        page = self.client.get(reverse("admin:comments_queue_comment", args=[waiting.pk]))
        self.assertContains(page, "Its writer has no account here.")
        decide(comment=waiting, kind=Decision.Kind.APPROVE, by=self.moderator)
        decision = decide(comment=visible, kind=Decision.Kind.REMOVE, by=self.moderator, reason="Off topic")
        self.assertEqual((decision.writer, decision.writer_name), (None, "Ann Lee"))
        for kind in (Decision.Kind.ASK, Decision.Kind.SUSPEND):
            with self.assertRaisesMessage(NotPossible, "was imported"):
                decide(comment=waiting, kind=kind, by=self.moderator, reason="Off topic")
        Comment.objects.filter(pk=visible.pk).update(removed_by=None)  # as when the moderator's account is deleted
        self.assertFalse(Comment.objects.get(pk=visible.pk).is_deleted_by_author)
