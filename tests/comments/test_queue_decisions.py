"""Decisions in the moderation queue, undo, and two moderators on the same comment."""

from datetime import timedelta

import time_machine
from django.urls import reverse
from django.utils import timezone

from comments.models import Comment, Decision, Suspension
from comments.services import decide, edit_comment
from tests.comments.test_queue import QUEUE, QueueTestCase
from tests.factories import make_staff
from truthlytics.audit.log import AuditEntry


class DecisionTests(QueueTestCase):
    def test_approving_shows_the_comment_and_goes_on_to_the_next(self):
        self.assertRedirects(self.decide(self.first, "approve"), self.url(self.second))
        self.assertEqual(self.status(self.first), "visible")

    def test_the_part_of_the_queue_is_kept(self):
        page = self.decide(self.first, "approve", show="new", **{"from": f"waiting-{self.first.pk}"})
        self.assertRedirects(page, self.url(self.second, show="new", **{"from": f"waiting-{self.first.pk}"}))

    def test_after_the_last_one_it_begins_again_with_those_that_were_skipped(self):
        self.assertRedirects(self.decide(self.third, "approve"), self.url(self.first))

    def test_after_all_of_them_the_queue_is_empty(self):
        for comment in (self.first, self.second):
            self.decide(comment, "approve")
        self.assertRedirects(self.decide(self.third, "remove", reason="Advertising"), QUEUE)

    def test_removing_asking_and_suspending_need_a_reason(self):
        for kind, key in (("remove", "R"), ("ask", "E"), ("suspend", "S")):
            with self.subTest(kind):
                page = self.decide(self.first, kind, reason="  ")
                self.assertContains(page, f'data-key="{key}" open', status_code=422)
        self.assertEqual(self.status(self.first), "waiting")

    def test_what_was_typed_is_kept(self):
        page = self.decide(self.first, "suspend", reason="Insults", days="2")
        self.assertContains(page, 'value="Insults"', status_code=422)

    def test_removing_keeps_the_reason(self):
        self.decide(self.first, "remove", reason="Advertising")
        comment = Comment.objects.get(pk=self.first.pk)
        self.assertEqual((comment.status, comment.removed_reason), ("removed", "Advertising"))

    def test_the_last_five_reasons_are_offered(self):
        for number in (1, 2, 2, 3, 4, 5, 6):
            decide(comment=self.make(), kind="remove", by=self.other, reason=f"Reason {number}")
        reasons = self.client.get(QUEUE).context["reasons"]
        self.assertEqual(reasons, [f"Reason {number}" for number in (6, 5, 4, 3, 2)])

    def test_a_comment_to_edit_leaves_the_queue_until_it_was_edited(self):
        self.decide(self.first, "ask", reason="Leave out the address.")
        self.assertNotContains(self.client.get(QUEUE), f'data-item="{self.first.pk}"')
        edit_comment(comment=Comment.objects.get(pk=self.first.pk), text="Without it.")
        self.assertContains(self.client.get(QUEUE), f'data-item="{self.first.pk}"')

    def test_suspending_until_a_day_or_until_it_is_lifted(self):
        self.decide(self.first, "suspend", reason="Insults", days="7")
        self.decide(self.second, "suspend", reason="Insults", days="")
        week, endless = Suspension.objects.order_by("pk")
        self.assertAlmostEqual(week.until, week.created_at + timedelta(days=7), delta=timedelta(seconds=5))
        self.assertIsNone(endless.until)

    def test_staff_cannot_be_suspended(self):
        comment = self.make(author=make_staff(), status="waiting")
        self.assertContains(self.decide(comment, "suspend", reason="x"), "Staff can’t be suspended", status_code=422)

    def test_decisions_are_in_the_log_and_in_the_audit_log(self):
        self.decide(self.first, "remove", reason="Advertising")
        self.assertEqual(Decision.objects.get().by_name, "Mo")
        entry = AuditEntry.objects.about(self.first).get()
        self.assertEqual((entry.message, entry.actor), ("Removed: Advertising", self.moderator))

    def test_invalid_decisions_are_refused(self):
        for kind, data in (
            ("x", {}),
            ("", {}),
            ("remove", {"reason": "x" * 301}),
            ("remove", {"reason": "\x00"}),
            ("suspend", {"reason": "x", "days": "²"}),
            ("approve", {"seen": "9" * 40}),
            ("approve", {"seen": "²"}),
            ("approve", {"edited": "x" * 99}),
        ):
            with self.subTest(kind, **data):
                self.assertEqual(self.decide(self.first, kind, **data).status_code, 422)
        self.assertEqual(self.status(self.first), "waiting")

    def test_get_changes_nothing(self):
        url = reverse("admin:comments_queue_decision", args=[self.first.pk])
        self.assertEqual(self.client.get(url, {"kind": "approve"}).status_code, 405)


class UndoTests(QueueTestCase):
    def test_the_next_page_offers_undo_which_returns_to_the_comment(self):
        self.decide(self.first, "remove", reason="Advertising")
        decision = Decision.objects.get()
        self.assertContains(self.client.get(QUEUE), reverse("admin:comments_queue_undo", args=[decision.pk]))
        self.assertRedirects(self.undo(decision), self.url(self.first))
        self.assertEqual(self.status(self.first), "waiting")
        self.assertNotContains(self.client.get(QUEUE), "data-undo")

    def test_after_ten_seconds_it_is_no_longer_possible(self):
        self.decide(self.first, "approve")
        with time_machine.travel(timezone.now() + timedelta(seconds=11)):
            self.client.force_login(self.moderator)
            self.assertNotContains(self.client.get(QUEUE), "data-undo")
            page = self.undo(Decision.objects.get())
        self.assertContains(page, "can no longer be undone", status_code=409)
        self.assertEqual(self.status(self.first), "visible")

    def test_undoing_twice_is_no_error(self):
        self.decide(self.first, "approve")
        for _ in range(2):
            self.assertEqual(self.undo(Decision.objects.get()).status_code, 302)

    def test_decisions_of_others_are_not_found(self):
        decision = decide(comment=self.first, kind="approve", by=self.other)
        self.assertNotContains(self.client.get(QUEUE), "data-undo")
        self.assertEqual(self.undo(decision).status_code, 404)

    def test_it_is_in_the_audit_log(self):
        self.decide(self.first, "approve")
        self.undo(Decision.objects.get())
        self.assertEqual(AuditEntry.objects.about(self.first).first().message, "Decision undone.")


class TwoModeratorsTests(QueueTestCase):
    def test_the_second_moderator_sees_the_first_decision_and_overwrites_nothing(self):
        decide(comment=self.first, kind="remove", by=self.other, reason="Advertising")
        page = self.decide(self.first, "approve", seen=0)
        self.assertContains(page, "Ada has already decided on this comment on", status_code=409)
        self.assertContains(page, "“Removed”", status_code=409)
        self.assertContains(page, "Advertising", status_code=409)
        self.assertEqual(self.status(self.first), "removed")

    def test_having_seen_it_they_may_decide_otherwise(self):
        decide(comment=self.first, kind="remove", by=self.other, reason="Advertising")
        seen = self.client.get(self.url(self.first)).context["seen"]
        self.decide(self.first, "restore", seen=seen)
        self.assertEqual(self.status(self.first), "visible")

    def test_a_comment_edited_meanwhile_is_not_approved_unread(self):
        edit_comment(comment=self.first, text="Other words.")
        page = self.decide(self.first, "approve")
        self.assertContains(page, "The writer has edited this comment", status_code=409)
        self.assertContains(page, "Other words.", status_code=409)
        self.assertEqual(self.status(self.first), "waiting")
        self.decide(self.first, "approve", edited=page.context["edited"])
        self.assertEqual(self.status(self.first), "visible")

    def test_sending_a_form_twice_decides_once(self):
        for _ in range(2):
            self.assertEqual(self.decide(self.first, "approve").status_code, 302)
        self.assertEqual(Decision.objects.count(), 1)
