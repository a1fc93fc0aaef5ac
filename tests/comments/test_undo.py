"""Undoing decisions of moderators within ten seconds."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.utils import timezone

from comments.models import Comment, Suspension
from comments.models.decisions import UNDO_WINDOW
from comments.services import NotPossible, delete_own, undo_decision
from tests.comments.deciding import DecisionTestCase


class UndoTests(DecisionTestCase):
    def test_an_undo_restores_exactly_the_state_before(self):
        now = timezone.now()
        until = now + timedelta(days=7)
        states = (
            {"status": "waiting", "hold": "link"},
            {"picked_at": now, "picked_by": self.editor, "picked_beside": True},
            {"status": "removed", "removed_at": now, "removed_by": self.editor, "removed_reason": "x"},
            {"status": "waiting", "edit_requested_at": now, "edit_request": "x"},
        )
        for fields in states:
            for kind in ("approve", "remove", "ask", "suspend", "restore"):
                comment = self.comment()
                Comment.objects.filter(pk=comment.pk).update(**fields)
                before = self.state(comment)
                try:
                    decision = self.decide(comment, kind, "x", until=until if kind == "suspend" else None)
                except NotPossible:
                    continue
                with self.subTest(kind=kind, **fields):
                    self.assertTrue(undo_decision(decision=decision, by=self.editor))
                    self.assertFalse(undo_decision(decision=decision, by=self.editor))
                    self.assertEqual(self.state(comment), before)

    def test_undoing_a_suspension_restores_the_earlier_one(self):
        comment = self.comment()
        self.decide(comment, "suspend", "insults")
        before = self.state(comment)
        undo_decision(
            decision=self.decide(comment, "suspend", "x", until=timezone.now() + timedelta(1)), by=self.editor
        )
        self.assertEqual(self.state(comment), before)

    def test_undoing_a_replaced_suspension_keeps_the_newer_one(self):
        comment, other = self.comment(), self.comment()
        Comment.objects.filter(pk=other.pk).update(author=comment.author)
        self.decide(comment, "suspend", "insults")
        replaced = self.decide(comment, "suspend", "threats")
        newest = self.decide(other, "suspend", "more threats", by=self.other)
        self.assertTrue(undo_decision(decision=replaced, by=self.editor))
        self.assertEqual(list(Suspension.objects.in_force()), [newest.suspension])

    def test_decisions_are_undone_only_within_ten_seconds_and_by_the_same_moderator(self):
        comment = self.comment()
        decision = self.decide(comment, "remove", "an insult")
        self.assertFalse(undo_decision(decision=decision, by=self.other))
        with time_machine.travel(timezone.now() + UNDO_WINDOW + timedelta(seconds=1)):
            self.assertFalse(undo_decision(decision=decision, by=self.editor))
        self.assertEqual(self.count(), 0)

    def test_a_comment_that_its_author_deleted_stays_deleted(self):
        comment = self.comment(status="waiting")
        decision = self.decide(comment, "approve")
        delete_own(comment=comment)
        self.assertFalse(undo_decision(decision=decision, by=self.editor))
        self.assertTrue(Comment.objects.get(pk=comment.pk).is_removed)

    def test_only_the_last_decision_can_be_undone(self):
        comment = self.comment(status="waiting")
        first = self.decide(comment, "approve")
        self.decide(comment, "remove", "an insult", by=self.other)
        self.assertFalse(undo_decision(decision=first, by=self.editor))

    def test_undone_decisions_are_not_emailed(self):
        undo_decision(decision=self.decide(self.comment(), "remove", "an insult"), by=self.editor)
        self.assertEqual(self.email_writers(), 0)
        self.assertEqual(mail.outbox, [])
