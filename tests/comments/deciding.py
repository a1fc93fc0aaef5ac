"""A base class for tests of decisions."""

from django.test import TestCase
from django.utils import timezone

from comments.models import Comment, Suspension, Thread
from comments.models.decisions import UNDO_WINDOW
from comments.services import decide, email_writers
from comments.services.decisions import STATE
from tests.factories import make_article, make_comment, make_editor


class DecisionTestCase(TestCase):
    def setUp(self):
        self.article = make_article()
        self.editor, self.other = make_editor(display_name="Edith"), make_editor(display_name="Otto")

    def comment(self, **fields):
        return make_comment(article=self.article, **fields)

    def decide(self, comment, kind, reason="", **options):
        return decide(comment=comment, kind=kind, by=options.pop("by", self.editor), reason=reason, **options)

    def count(self):
        return Thread.objects.get(article=self.article).visible_count

    def state(self, comment):
        return Comment.objects.values(*STATE).get(pk=comment.pk), self.count(), list(Suspension.objects.values())

    def email_writers(self):
        with self.captureOnCommitCallbacks(execute=True):
            return email_writers(timezone.now() + UNDO_WINDOW)
