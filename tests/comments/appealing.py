"""A base class for tests of appeals."""

from datetime import timedelta

import time_machine
from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from comments.models import Thread
from comments.services import (
    answer_appeal,
    appeal_against,
    decide,
)
from tests.factories import make_article, make_comment, make_commenter, make_member

TEXT = "I was <quoting> the minister."


class AppealTestCase(TestCase):
    def setUp(self):
        cache.clear()
        self.article = make_article()
        self.writer = make_commenter()
        self.comment = make_comment(article=self.article, author=self.writer, text="Rude & loud words.")
        self.moderator, self.other = make_member("Moderator"), make_member("Moderator")

    def decide(self, kind="remove", **options):
        """Make a decision that can no longer be undone."""
        with time_machine.travel(timezone.now() - timedelta(minutes=5)):
            return decide(comment=self.comment, kind=kind, by=self.moderator, reason="An insult", **options)

    def appeal(self, decision=None):
        return appeal_against(decision=decision or self.decide(), text=TEXT)

    def answer(self, appeal, by=None, *, upheld=True, reason="Read the rules."):
        with self.captureOnCommitCallbacks(execute=True):
            return answer_appeal(appeal=appeal, by=by or self.other, upheld=upheld, reason=reason)

    def count(self):
        return Thread.objects.get(article=self.article).visible_count
