"""Decisions of moderators about comments: one at a time, recorded, and emailed to the writers."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.utils import timezone

from comments.models import Comment, Decision, Suspension, Thread
from comments.models.decisions import UNDO_WINDOW
from comments.services import (
    AlreadyDecided,
    NotPossible,
    approve,
    decide,
    delete_own,
    edit_comment,
    email_writers,
    release_comments,
    remove,
    undo_decision,
)
from tests.budget import takes_longer
from tests.comments.deciding import DecisionTestCase
from tests.comments.test_moderating import AtMost
from tests.factories import make_comment, make_commenter, make_editor, make_member
from tests.threads import at_once
from tests.transactions import TransactionTestCase

LOG = "/admin/comments/decision/"


class DecidingTests(DecisionTestCase):
    def test_a_decision_keeps_the_words_the_reason_and_the_names(self):
        comment = self.comment(text="Rude words.")
        decision = self.decide(comment, "remove", " an  insult ")
        self.assertEqual((decision.words, decision.reason), ("Rude words.", "an insult"))
        self.assertEqual((decision.writer_name, decision.by_name), (comment.author.display_name, "Edith"))

    def test_approving_shows_and_removing_hides_a_comment(self):
        comment = self.comment(status="waiting", hold="first")
        self.decide(comment, "approve")
        self.assertEqual(self.count(), 1)
        self.decide(comment, "remove", "an insult")
        self.assertEqual(self.count(), 0)
        self.decide(comment, "restore")
        self.assertEqual(self.count(), 1)
        self.assertEqual([row.kind for row in Decision.objects.order_by("pk")], ["approve", "remove", "restore"])

    def test_a_comment_to_be_edited_is_hidden_until_it_was_edited_and_approved(self):
        comment = self.comment()
        self.decide(comment, "ask", "Leave out the address.")
        self.assertEqual(self.count(), 0)
        with time_machine.travel(timezone.now() + timedelta(days=1)):
            edited = edit_comment(comment=comment, text="Without it.")
        self.assertEqual((edited.status, edited.hold, edited.edit_request), ("waiting", "edited", ""))

    def test_suspending_removes_the_comment_for_the_same_reason(self):
        comment, until = self.comment(), timezone.now() + timedelta(days=7)
        decision = self.decide(comment, "suspend", "insults", until=until)
        self.assertEqual(Comment.objects.get(pk=comment.pk).removed_reason, "insults")
        suspension = Suspension.objects.in_force().get()
        self.assertEqual((suspension.user, suspension.until), (comment.author, until))
        self.assertEqual(decision.suspension, suspension)

    def test_a_second_suspension_replaces_the_first(self):
        comment = self.comment()
        for until in (None, None, timezone.now() + timedelta(days=1)):
            last = self.decide(comment, "suspend", "insults", until=until)
        self.assertEqual(Suspension.objects.in_force().get(), last.suspension)

    def test_impossible_decisions_are_refused(self):
        removed, own = self.comment(), self.comment()
        self.decide(removed, "remove", "an insult")
        delete_own(comment=own)
        past = timezone.now() - timedelta(days=1)
        for comment, kind, reason, until in (
            (self.comment(), "remove", " ", None),
            (self.comment(), "ask", "", None),
            (self.comment(), "remove", "x" * 301, None),
            (self.comment(), "publish", "x", None),
            (removed, "remove", "again", None),
            (removed, "ask", "x", None),
            (own, "approve", "", None),
            (self.comment(author=None), "ask", "x", None),
            (self.comment(author=None), "suspend", "x", None),
            (self.comment(author=self.editor), "suspend", "x", None),
            (self.comment(), "suspend", "x", past),
        ):
            with self.subTest(kind=kind, reason=reason), self.assertRaises(NotPossible):
                self.decide(comment, kind, reason, until=until)

    def test_the_second_of_two_moderators_gets_an_error(self):
        comment = self.comment(status="waiting")
        first = self.decide(comment, "approve", seen=0)
        with self.assertRaises(AlreadyDecided) as caught:
            self.decide(comment, "remove", "an insult", by=self.other, seen=0)
        self.assertEqual(caught.exception.decision, first)
        self.assertEqual(self.decide(comment, "remove", "x", by=self.other, seen=first.pk).kind, "remove")

    def test_the_same_decision_twice_is_recorded_once(self):
        comment = self.comment(status="waiting")
        self.assertEqual(self.decide(comment, "approve", seen=0), self.decide(comment, "approve", seen=0))
        self.assertEqual(Decision.objects.count(), 1)

    def test_newest_decisions_are_those_that_were_not_undone(self):
        comment = self.comment(status="waiting")
        first = self.decide(comment, "approve")
        undo_decision(decision=self.decide(comment, "remove", "x"), by=self.editor)
        self.assertEqual(Decision.objects.newest_ids([comment.pk, 0]), {comment.pk: first.pk})

    def test_lists_record_a_decision_for_each_comment(self):
        comments = [self.comment(status="waiting") for _ in range(2)]
        approve(comments=comments, by=self.editor)
        remove(comments=comments, by=self.editor, reason="advertising")
        self.assertEqual([row.kind for row in Decision.objects.order_by("pk")], ["approve"] * 2 + ["remove"] * 2)

    def test_a_comment_whose_text_was_deleted_with_the_account_cannot_be_restored(self):
        comment = self.comment()
        self.decide(comment, "remove", "an insult")
        release_comments(author=comment.author, keep_text=False)
        with self.assertRaises(NotPossible):
            self.decide(comment, "restore")
        self.assertEqual((approve(comments=[comment], by=self.editor).changed, self.count()), (0, 0))


class WriterEmailTests(DecisionTestCase):
    def test_writers_are_emailed_once_and_after_the_undo_window(self):
        self.decide(self.comment(), "remove", "an insult")
        self.assertEqual(email_writers(timezone.now()), 0)
        self.assertEqual([self.email_writers(), self.email_writers()], [1, 0])
        self.assertEqual(len(mail.outbox), 1)

    def test_what_was_restored_before_the_email_is_not_sent(self):
        comment = self.comment()
        self.decide(comment, "remove", "an insult")
        self.decide(comment, "restore", by=self.other)
        self.assertEqual(self.email_writers(), 0)
        self.assertEqual(Decision.objects.to_email(timezone.now() + timedelta(days=1)).count(), 0)

    def test_nobody_is_asked_to_edit_a_comment_that_they_have_deleted(self):
        comment = self.comment()
        self.decide(comment, "ask", "Leave out the address.")
        delete_own(comment=comment)
        self.assertEqual(self.email_writers(), 0)


class RaceTests(TransactionTestCase):
    def race(self, kind, reason=""):
        """Twenty moderators decide at once on a comment that they saw waiting."""
        moderators = iter([make_editor() for _ in range(20)])
        comment = make_comment(status="waiting")
        results = at_once(lambda: decide(comment=comment, kind=kind, by=next(moderators), reason=reason, seen=0), 20)
        return comment, results

    @takes_longer("Many threads use the database at once.")
    def test_only_one_of_twenty_concurrent_approvals_is_recorded(self):
        comment, results = self.race("approve")
        self.assertEqual(sum(isinstance(result, AlreadyDecided) for result in results), 19)
        self.assertEqual((Decision.objects.count(), Thread.objects.get().visible_count), (1, 1))
        self.assertTrue(Comment.objects.get(pk=comment.pk).is_visible)

    @takes_longer("Many threads use the database at once.")
    def test_only_one_of_twenty_concurrent_suspensions_is_in_force(self):
        _comment, results = self.race("suspend", "insults")
        self.assertEqual(sum(isinstance(result, AlreadyDecided) for result in results), 19)
        self.assertEqual(Suspension.objects.count(), 1)

    @takes_longer("Many threads use the database at once.")
    def test_suspensions_for_several_comments_at_once_leave_one_in_force(self):
        author, editor = make_commenter(), make_editor()
        comments = iter([make_comment(author=author) for _ in range(20)])
        results = at_once(lambda: decide(comment=next(comments), kind="suspend", by=editor, reason="x"), 20)
        self.assertEqual([type(result) for result in results], [Decision] * 20)
        self.assertEqual(Suspension.objects.in_force().count(), 1)

    @takes_longer("Many threads use the database at once.")
    def test_only_one_of_twenty_concurrent_undos_succeeds(self):
        comment, editor = make_comment(status="waiting"), make_editor()
        decision = decide(comment=comment, kind="approve", by=editor)
        results = at_once(lambda: undo_decision(decision=decision, by=editor), 20)
        self.assertEqual(sorted(results), [False] * 19 + [True])
        self.assertEqual(Thread.objects.get().visible_count, 0)

    @takes_longer("Many threads use the database at once.")
    def test_twenty_concurrent_ticks_email_the_writer_once(self):
        decide(comment=make_comment(), kind="remove", by=make_editor(), reason="an insult")
        later = timezone.now() + UNDO_WINDOW
        results = at_once(lambda: email_writers(later), 20)
        self.assertEqual(sorted(results), [0] * 19 + [1])


class LogTests(DecisionTestCase):
    def setUp(self):
        super().setUp()
        self.removed = self.decide(self.comment(text="Rude <words>."), "remove", "an insult")
        self.decide(self.comment(status="waiting"), "approve", by=self.other)
        self.client.force_login(make_member("Moderator"))

    def test_the_log_is_filtered_and_searched(self):
        for query, found in (
            ({}, 2),
            ({"kind__exact": "remove"}, 1),
            ({"by_name": "Otto"}, 1),
            ({"q": "rude"}, 1),
            ({"q": "Edith"}, 1),
            ({"created_at__gte": "2000-01-01T00:00:00Z"}, 2),
            ({"q": "nothing"}, 0),
        ):
            with self.subTest(query):
                self.assertEqual(len(self.client.get(LOG, query).context["cl"].result_list), found)

    def test_a_decision_is_shown_and_cannot_be_changed(self):
        url = f"{LOG}{self.removed.pk}/change/"
        self.assertContains(self.client.get(url), "Rude &lt;words&gt;.")
        self.assertEqual(self.client.post(url, {"reason": "None."}).status_code, 403)
        self.assertEqual(self.client.post(f"{LOG}{self.removed.pk}/delete/", {"post": "yes"}).status_code, 403)

    def test_names_of_moderators_are_kept_when_their_accounts_go(self):
        self.editor.delete()
        self.assertContains(self.client.get(LOG), "Edith")

    def test_the_list_takes_at_most_twelve_queries_for_any_number(self):
        for _ in range(30):
            self.decide(self.comment(), "remove", "an insult")
        with self.assertNumQueries(AtMost(12)):
            self.client.get(LOG)

    def test_support_and_authors_see_no_log(self):
        for role in ("Support", "Author"):
            self.client.force_login(make_member(role))
            self.assertEqual(self.client.get(LOG).status_code, 403)
