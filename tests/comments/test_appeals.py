"""A writer can appeal once against a removal or suspension."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from comments.models import Appeal, Thread
from comments.models.decisions import UNDO_WINDOW
from comments.services import (
    AlreadyAnswered,
    AlreadyAppealed,
    answer_appeal,
    appeal_against,
    decide,
    email_writers,
)
from tests.budget import takes_longer
from tests.comments.appealing import TEXT, AppealTestCase
from tests.factories import make_comment, make_commenter, make_editor
from tests.threads import at_once
from tests.transactions import TransactionTestCase


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

    def test_decisions_that_can_be_undone_or_have_no_writer_are_not_found(self):
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


class RaceTests(TransactionTestCase):
    def decision(self):
        with time_machine.travel(timezone.now() - timedelta(minutes=5)):
            return decide(comment=make_comment(), kind="remove", by=make_editor(), reason="An insult")

    @takes_longer("Many threads use the database at once.")
    def test_twenty_concurrent_appeals_create_one(self):
        decision = self.decision()
        results = at_once(lambda: appeal_against(decision=decision, text=TEXT), 20)
        self.assertEqual(sum(isinstance(result, AlreadyAppealed) for result in results), 19)
        self.assertEqual(Appeal.objects.count(), 1)

    @takes_longer("Many threads use the database at once.")
    def test_only_one_of_twenty_concurrent_answers_is_stored(self):
        appeal = appeal_against(decision=self.decision(), text=TEXT)
        editor = make_editor()
        results = at_once(lambda: answer_appeal(appeal=appeal, by=editor, upheld=False, reason="Yes."), 20)
        self.assertEqual(sum(isinstance(result, AlreadyAnswered) for result in results), 19)
        self.assertEqual(Thread.objects.get().visible_count, 1)
