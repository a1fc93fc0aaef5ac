"""A writer appeals once against a removal or suspension; somebody else answers, if there is anybody else."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from comments.models import Appeal, Comment, Decision, Suspension, Thread
from comments.models.decisions import UNDO_WINDOW
from comments.services import (
    AlreadyAnswered,
    AlreadyAppealed,
    NotPossible,
    answer,
    appeal_against,
    decide,
    delete_own,
    email_writers,
)
from comments.services.appeals import open_appeals_for
from tests.factories import make_article, make_comment, make_commenter, make_editor, make_member
from tests.threads import at_once
from tests.transactions import TransactionTestCase

TEXT = "I was <quoting> the minister."


class AppealTestCase(TestCase):
    def setUp(self):
        cache.clear()
        self.article = make_article()
        self.writer = make_commenter()
        self.comment = make_comment(article=self.article, author=self.writer, text="Rude & loud words.")
        self.moderator, self.other = make_member("Moderator"), make_member("Moderator")

    def decide(self, kind="remove", **options):
        """Decide long enough ago that it can no longer be undone."""
        with time_machine.travel(timezone.now() - timedelta(minutes=5)):
            return decide(comment=self.comment, kind=kind, by=self.moderator, reason="An insult", **options)

    def appeal(self, decision=None):
        return appeal_against(decision=decision or self.decide(), text=TEXT)

    def answer(self, appeal, by=None, *, upheld=True, reason="Read the rules."):
        with self.captureOnCommitCallbacks(execute=True):
            return answer(appeal=appeal, by=by or self.other, upheld=upheld, reason=reason)

    def count(self):
        return Thread.objects.get(article=self.article).visible_count


class WriterTests(AppealTestCase):
    def url(self, decision):
        return reverse("comments:appeal", args=[decision.pk])

    def post(self, decision, text=TEXT, user=None):
        self.client.force_login(user or self.writer)
        return self.client.post(self.url(decision), {"text": text})

    def test_the_email_leads_to_the_decision_with_reason_and_words(self):
        decision = decide(comment=self.comment, kind="remove", by=self.moderator, reason="An insult")
        with self.captureOnCommitCallbacks(execute=True):
            email_writers(timezone.now() + UNDO_WINDOW)
        [email] = mail.outbox
        for part in ("An insult", "Rude & loud words.", self.url(decision)):
            self.assertIn(part, email.body)
        self.assertIn(self.url(decision), email.alternatives[0][0])
        self.client.force_login(self.writer)
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            page = self.client.get(self.url(decision))
        for part in ("An insult", "Rude &amp; loud words.", self.article.live.headline, 'name="text"'):
            self.assertContains(page, part)

    def test_a_suspension_is_emailed_with_its_end_reason_and_words(self):
        until = timezone.now() + timedelta(days=7)
        decision = self.decide("suspend", until=until)
        with self.captureOnCommitCallbacks(execute=True):
            email_writers(timezone.now())
        body = mail.outbox[0].body
        for part in ("An insult", "Rude & loud words.", f"{timezone.localtime(until):%-d %B %Y}", self.url(decision)):
            self.assertIn(part, body)

    def test_a_request_to_edit_is_emailed_with_a_link_to_the_form(self):
        self.decide("ask")
        with self.captureOnCommitCallbacks(execute=True):
            email_writers(timezone.now())
        for part in ("An insult", "Rude & loud words.", reverse("comments:edit", args=[self.comment.pk])):
            self.assertIn(part, mail.outbox[0].body)

    def test_a_writer_appeals_once(self):
        decision = self.decide()
        self.assertRedirects(self.post(decision), self.url(decision))
        self.assertContains(self.client.get(self.url(decision)), "I was &lt;quoting&gt; the minister.")
        again = self.post(decision, text="Another text.")
        self.assertContains(again, "Another text.", status_code=409)
        self.assertEqual(Appeal.objects.get().text, TEXT)

    def test_after_the_appeal_there_is_no_form(self):
        decision = self.decide()
        self.appeal(decision)
        self.client.force_login(self.writer)
        self.assertNotContains(self.client.get(self.url(decision)), 'name="text"')

    def test_only_the_writer_finds_the_decision(self):
        decision = self.decide()
        for user in (make_commenter(), self.moderator):
            self.assertEqual(self.post(decision, user=user).status_code, 404)
            self.assertEqual(self.client.get(self.url(decision)).status_code, 404)
        self.assertFalse(Appeal.objects.exists())

    def test_decisions_that_can_be_undone_or_that_concern_nobody_are_not_found(self):
        recent = decide(comment=self.comment, kind="remove", by=self.moderator, reason="x")
        for decision in (recent, self.decide("restore")):
            self.assertEqual(self.post(decision).status_code, 404)

    def test_visitors_log_in_first_and_keep_their_text(self):
        decision = self.decide()
        url = self.url(decision)
        self.assertRedirects(self.client.get(url), f"/accounts/login/?next={url}", fetch_redirect_response=False)
        self.assertContains(self.client.post(url, {"text": TEXT}), "&lt;quoting&gt;", status_code=403)

    def test_bad_texts_are_refused_and_kept(self):
        decision = self.decide()
        for text in ("", " \u200e\n", "\x00", "x" * 2001, "\x07"):
            with self.subTest(text[:5]):
                self.assertEqual(self.post(decision, text=text).status_code, 422)
        self.assertContains(self.post(decision, text="<b>" + "x" * 2000), "&lt;b&gt;", status_code=422)

    def test_a_decision_that_is_no_longer_in_force_cannot_be_appealed(self):
        decision = self.decide()
        decide(comment=self.comment, kind="restore", by=self.other)
        self.assertContains(self.post(decision), "no longer in force", status_code=409)

    def test_the_answer_is_on_the_page(self):
        decision = self.decide()
        self.answer(self.appeal(decision), reason="It was <no> quotation.")
        self.client.force_login(self.writer)
        page = self.client.get(self.url(decision))
        self.assertContains(page, "The decision stands.")
        self.assertContains(page, "It was &lt;no&gt; quotation.")

    def test_a_suspended_writer_may_appeal(self):
        decision = self.decide("suspend")
        self.assertEqual(self.post(decision).status_code, 302)
        self.assertTrue(Appeal.objects.filter(decision=decision).exists())


class AnswerTests(AppealTestCase):
    def test_a_decision_that_stands_changes_nothing_and_is_emailed(self):
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

    def test_a_comment_that_its_writer_deleted_stays_deleted(self):
        appeal = self.appeal()
        decide(comment=self.comment, kind="restore", by=self.other)
        delete_own(comment=self.comment)
        self.answer(appeal, upheld=False)
        self.assertTrue(Comment.objects.get(pk=self.comment.pk).is_deleted_by_author)

    def test_whoever_decided_cannot_answer_while_there_is_somebody_else(self):
        with self.assertRaises(NotPossible):
            self.answer(self.appeal(), by=self.moderator)
        self.assertEqual(mail.outbox, [])

    def test_the_only_moderator_answers_and_it_is_marked(self):
        self.other.delete()
        self.assertTrue(self.answer(self.appeal(), by=self.moderator).is_own_decision)

    def test_an_answer_needs_a_reason_and_a_moderator(self):
        appeal = self.appeal()
        for by, reason in ((self.other, " "), (self.other, "x" * 301), (self.writer, "Yes"),
                             (make_member("Support"), "Yes")):  # fmt: skip
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


class ShownToTests(AppealTestCase):
    def shown(self, *users):
        return [open_appeals_for(user) for user in users]

    def test_another_moderator_is_shown_the_appeal_but_no_publisher(self):
        publisher = make_member("Publisher")
        self.appeal()
        self.assertEqual(self.shown(self.other, self.moderator, publisher), [1, 0, 0])

    def test_without_another_moderator_a_publisher_is_shown_it(self):
        publisher, editor = make_member("Publisher"), make_editor()
        self.other.delete()
        self.appeal()
        self.assertEqual(self.shown(self.moderator, publisher, editor), [0, 1, 1])

    def test_without_anybody_else_it_is_shown_to_whoever_decided(self):
        self.other.delete()
        self.appeal()
        self.assertEqual(self.shown(self.moderator), [1])

    def test_inactive_moderators_do_not_count(self):
        self.other.is_active = False
        self.other.save()
        self.appeal()
        self.assertEqual(self.shown(self.moderator), [1])

    def test_answered_appeals_are_not_counted(self):
        self.answer(self.appeal())
        self.assertEqual(self.shown(self.other), [0])

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

    def test_whoever_decided_reads_it_without_a_form(self):
        appeal = self.appeal()
        self.client.force_login(self.moderator)
        self.assertNotContains(self.client.get(self.url(appeal)), "Send the answer")
        self.assertEqual(self.send(appeal, self.moderator).status_code, 403)
        self.assertEqual(self.count(), 0)

    def test_the_only_moderator_is_told_that_it_is_marked(self):
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

    def test_the_second_moderator_is_told_of_the_first(self):
        appeal = self.appeal()
        self.answer(appeal)
        response = self.send(appeal, make_member("Moderator"))
        self.assertContains(response, "has already answered", status_code=409)

    def test_support_and_authors_see_no_appeals(self):
        appeal = self.appeal()
        for role in ("Support", "Author", "Editor"):
            self.assertEqual(self.send(appeal, make_member(role)).status_code, 403)


class RaceTests(TransactionTestCase):
    def decision(self):
        with time_machine.travel(timezone.now() - timedelta(minutes=5)):
            return decide(comment=make_comment(), kind="remove", by=make_editor(), reason="An insult")

    def test_of_twenty_appeals_at_once_one_is_kept(self):
        decision = self.decision()
        results = at_once(lambda: appeal_against(decision=decision, text=TEXT), 20)
        self.assertEqual(sum(isinstance(result, AlreadyAppealed) for result in results), 19)
        self.assertEqual(Appeal.objects.count(), 1)

    def test_of_twenty_answers_at_once_one_is_given(self):
        appeal = appeal_against(decision=self.decision(), text=TEXT)
        editor = make_editor()
        results = at_once(lambda: answer(appeal=appeal, by=editor, upheld=False, reason="Yes."), 20)
        self.assertEqual(sum(isinstance(result, AlreadyAnswered) for result in results), 19)
        self.assertEqual(Thread.objects.get().visible_count, 1)
