"""Slow mode: a minimum number of minutes between a reader's comments on one article."""

import uuid
from datetime import timedelta

import time_machine
from django.utils import timezone

from comments.models import Comment, Thread
from comments.services import TooSoon, delete_own, post_comment
from tests.budget import takes_longer
from tests.comments.base import PostingTestCase
from tests.factories import make_article, make_comment, make_commenter, make_editor
from tests.threads import at_once
from tests.transactions import TransactionTestCase


def slow_article(**fields):
    article = make_article(**fields)
    Thread.objects.create(article=article, slow_minutes=5)
    return article


class SlowModeTests(PostingTestCase):
    def setUp(self):
        super().setUp()
        Thread.objects.update_or_create(article=self.article, defaults={"slow_minutes": 5})

    def test_the_second_comment_waits_and_its_text_is_kept(self):
        self.assertEqual(self.post(self.commenter).status_code, 302)
        response = self.post(self.commenter)
        self.assertContains(response, "cannot be lost", status_code=429)
        self.assertContains(response, "once in 5 minutes", status_code=429)
        self.assertEqual(self.comments().count(), 1)

    def test_the_message_says_when_rounded_up_to_the_minute(self):
        now = (timezone.now() + timedelta(minutes=1)).replace(second=30, microsecond=0)
        with time_machine.travel(now, tick=False):
            self.post(self.commenter)
            response = self.post(self.commenter)
        self.assertContains(response, f"{timezone.localtime(now + timedelta(minutes=6)):%H:%M}", status_code=429)

    def test_after_the_time_the_next_comment_is_accepted(self):
        self.post(self.commenter)
        with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=1)):
            self.assertEqual(self.post(self.commenter).status_code, 302)

    def test_other_readers_and_other_articles_are_not_affected(self):
        self.post(self.commenter)
        self.assertEqual(self.post(make_commenter()).status_code, 302)
        make_comment(article=(other := make_article(slug="other")))
        post_comment(article=other, author=self.commenter, text="There.", key=uuid.uuid4())

    def test_a_deleted_comment_counts(self):
        self.post(self.commenter)
        delete_own(comment=self.comments().get())
        self.assertEqual(self.post(self.commenter).status_code, 429)

    def test_staff_are_not_slowed_down(self):
        editor = make_editor()
        self.assertEqual([self.post(editor).status_code for _ in range(2)], [302, 302])

    def test_the_same_form_again_is_no_second_comment(self):
        key = str(uuid.uuid4())
        self.assertEqual([self.post(self.commenter, key=key).status_code for _ in range(2)], [302, 302])
        author = self.commenter
        again = post_comment(article=self.article, author=author, text=self.comments().get().text, key=uuid.UUID(key))
        self.assertEqual(again, self.comments().get())


class RaceTests(TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_only_one_of_twenty_concurrent_comments_is_accepted(self):
        article, author = slow_article(), make_commenter()

        results = at_once(lambda: post_comment(article=article, author=author, text="Now.", key=uuid.uuid4()), 20)
        self.assertEqual(sum(isinstance(result, TooSoon) for result in results), 19)
        self.assertEqual(Comment.objects.filter(article=article).count(), 1)
