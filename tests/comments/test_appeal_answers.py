"""Answers to appeals, and the moderators who may give them."""

from django.core import mail
from django.urls import reverse

from comments.models import Appeal, Comment, Decision, Suspension
from comments.services import (
    AlreadyAnswered,
    NotPossible,
    decide,
    delete_own,
)
from comments.services.appeals import open_appeals_for
from tests.comments.appealing import AppealTestCase
from tests.factories import make_comment, make_editor, make_member


class AnswerTests(AppealTestCase):
    def test_an_upheld_decision_changes_nothing_and_is_emailed(self):
        self.answer(self.appeal())
        self.assertEqual(self.count(), 0)
        [email] = mail.outbox
        self.assertEqual(email.to, [self.writer.email])
        for part in ("The decision stands.", "Read the rules."):
            self.assertIn(part, email.body)

    def test_a_reversed_removal_restores_the_comment(self):
        self.answer(self.appeal(), upheld=False)
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_visible)
        self.assertEqual(self.count(), 1)
        self.assertIn("Your comment is shown again.", mail.outbox[0].body)

    def test_a_reversed_suspension_is_lifted_and_its_comment_restored(self):
        self.answer(self.appeal(self.decide("suspend")), upheld=False)
        self.assertFalse(Suspension.objects.in_force().exists())
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_visible)

    def test_a_comment_that_was_removed_for_another_reason_stays_removed(self):
        self.decide()
        suspension = self.decide("suspend")
        self.answer(self.appeal(suspension), upheld=False)
        self.assertFalse(Suspension.objects.in_force().exists())
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_removed)

    def test_a_comment_removed_again_stays_removed(self):
        appeal = self.appeal()
        decide(comment=self.comment, kind="restore", by=self.other)
        decide(comment=self.comment, kind="remove", by=self.other, reason="Something else")
        self.answer(appeal, upheld=False)
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_removed)
        self.client.force_login(self.writer)
        page = self.client.get(reverse("comments:appeal", args=[appeal.decision_id])).text
        for told in (page, mail.outbox[0].body, mail.outbox[0].alternatives[0].content):
            self.assertIn("The decision was reversed.", told)
            self.assertNotIn("comment is shown again", told)

    def test_a_comment_that_its_writer_deleted_stays_deleted(self):
        appeal = self.appeal()
        decide(comment=self.comment, kind="restore", by=self.other)
        delete_own(comment=self.comment)
        self.answer(appeal, upheld=False)
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_deleted_by_author)

    def test_the_moderator_who_decided_cannot_answer_if_there_are_others(self):
        with self.assertRaises(NotPossible):
            self.answer(self.appeal(), by=self.moderator)
        self.assertEqual(mail.outbox, [])

    def test_moderators_cannot_answer_their_own_appeal(self):
        Decision.objects.filter(pk=(appeal := self.appeal()).decision_id).update(writer=self.other)
        with self.assertRaises(NotPossible):
            self.answer(appeal, upheld=False)
        self.client.force_login(self.other)
        url = reverse("admin:comments_appeal_change", args=[appeal.pk])
        self.assertEqual(self.client.get(url).status_code, 404)
        # Nobody else can answer.
        self.assertTrue(self.answer(appeal, by=self.moderator).is_own_decision)

    def test_an_answer_by_the_only_moderator_is_marked(self):
        self.other.delete()
        self.assertTrue(self.answer(self.appeal(), by=self.moderator).is_own_decision)

    def test_an_answer_needs_a_reason_and_a_moderator(self):
        appeal = self.appeal()
        for by, reason in (
            (self.other, " "),
            (self.other, "x" * 301),
            (self.writer, "Yes"),
            (make_member("Support"), "Yes"),
        ):
            with self.subTest(reason), self.assertRaises(NotPossible):
                self.answer(appeal, by=by, reason=reason)

    def test_the_second_answer_is_refused(self):
        appeal = self.appeal()
        self.answer(appeal)
        with self.assertRaises(AlreadyAnswered):
            self.answer(appeal, upheld=False)
        self.assertEqual((len(mail.outbox), self.count()), (1, 0))

    def test_a_writer_with_a_deleted_account_is_not_emailed(self):
        appeal = self.appeal()
        Decision.objects.update(writer=None)
        self.answer(appeal)
        self.assertEqual(mail.outbox, [])


class OpenAppealsTests(AppealTestCase):
    def counts(self, *users):
        return [open_appeals_for(user) for user in users]

    def test_appeals_are_for_the_other_moderators(self):
        publisher = make_member("Publisher")
        self.appeal()
        self.assertEqual(self.counts(self.other, self.moderator, publisher), [1, 0, 0])

    def test_moderators_are_not_asked_to_answer_their_own_appeal(self):
        self.appeal()
        Decision.objects.update(writer=self.other)
        self.assertEqual(self.counts(self.other, self.moderator), [0, 1])

    def test_publishers_get_appeals_if_there_is_no_other_moderator(self):
        publisher, editor = make_member("Publisher"), make_editor()
        self.other.delete()
        self.appeal()
        self.assertEqual(self.counts(self.moderator, publisher, editor), [0, 1, 1])

    def test_the_only_moderator_gets_appeals_against_their_own_decisions(self):
        self.other.delete()
        self.appeal()
        self.assertEqual(self.counts(self.moderator), [1])

    def test_inactive_moderators_are_ignored(self):
        self.other.is_active = False
        self.other.save()
        self.appeal()
        self.assertEqual(self.counts(self.moderator), [1])

    def test_answered_appeals_are_not_counted(self):
        self.answer(self.appeal())
        self.assertEqual(self.counts(self.other), [0])

    def test_the_dashboard_counts_them_with_two_queries(self):
        for _ in range(3):
            self.comment = make_comment(article=self.article, author=self.writer)
            self.appeal()
        with self.assertNumQueries(2):
            self.assertEqual(open_appeals_for(self.other), 3)
        self.client.force_login(self.other)
        self.assertContains(self.client.get("/admin/"), "3 appeals to answer")


class AdminTests(AppealTestCase):
    def url(self, appeal):
        return reverse("admin:comments_appeal_change", args=[appeal.pk])

    def send(self, appeal, user, **data):
        self.client.force_login(user)
        return self.client.post(self.url(appeal), {"result": "reversed", "reason": "You are right.", **data})

    def test_a_moderator_reads_and_answers(self):
        appeal = self.appeal()
        self.client.force_login(self.other)
        page = self.client.get(self.url(appeal))
        for part in ("I was &lt;quoting&gt;", "Rude &amp; loud words.", "An insult", "Send the answer"):
            self.assertContains(page, part)
        self.assertRedirects(self.send(appeal, self.other), reverse("admin:comments_appeal_changelist"))
        self.assertEqual(self.count(), 1)
        self.assertContains(self.client.get(self.url(appeal)), "The decision was reversed.")

    def test_the_moderator_who_decided_sees_no_form(self):
        appeal = self.appeal()
        self.client.force_login(self.moderator)
        self.assertNotContains(self.client.get(self.url(appeal)), "Send the answer")
        self.assertEqual(self.send(appeal, self.moderator).status_code, 403)
        self.assertEqual(self.count(), 0)

    def test_the_only_moderator_sees_that_the_answer_will_be_marked(self):
        self.other.delete()
        appeal = self.appeal()
        self.client.force_login(self.moderator)
        self.assertContains(self.client.get(self.url(appeal)), "marked as answered by yourself")

    def test_an_answer_without_a_reason_is_shown_again(self):
        appeal = self.appeal()
        for data in ({"reason": ""}, {"result": ""}, {"result": "x"}, {"reason": "\x00"}, {"reason": "x" * 301}):
            with self.subTest(data):
                self.assertEqual(self.send(appeal, self.other, **data).status_code, 422)
        self.assertFalse(Appeal.objects.filter(answered_at__isnull=False).exists())

    def test_the_second_moderator_sees_that_it_was_answered(self):
        appeal = self.appeal()
        self.answer(appeal)
        response = self.send(appeal, make_member("Moderator"))
        self.assertContains(response, "has already answered", status_code=409)

    def test_support_and_authors_see_no_appeals(self):
        appeal = self.appeal()
        for role in ("Support", "Author", "Editor"):
            self.assertEqual(self.send(appeal, make_member(role)).status_code, 403)
