"""Preparing and submitting an issue: everyone gets one email, and what they may read."""

import smtplib
from datetime import timedelta
from unittest import mock

from django.core import mail
from django.test import TestCase, override_settings
from django.utils import timezone

from subscriptions.models import Grant
from tests.factories import make_article, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Delivery, Issue
from truthlytics.newsletters.services import leases, scheduling, sending
from truthlytics.newsletters.services.preparing import prepare
from truthlytics.newsletters.services.scheduling import work_on
from truthlytics.web.mail_errors import ConnectionLost, MailServerError, TemporarilyRefused

HOUR = timedelta(hours=1)


def take(issue):
    issue.refresh_from_db()
    assert leases.take(issue, timezone.now())
    return issue


def prepared(issue):
    Issue.objects.filter(pk=issue.pk).update(state="preparing")
    prepare(take(issue))
    leases.release(issue)
    return issue


class SendingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        cls.article = make_article(required_level=10, body="<p>Free words.</p><hr data-gate><p>Gated words.</p>")

    def subscriber(self, *, ends_in=HOUR):
        user = make_user()
        now = timezone.now()
        Grant.objects.create(user=user, level=10, starts_at=now - HOUR, ends_at=now + ends_in)
        return make_address(self.newsletter, email=user.email, user=user)

    def send(self, issue):
        for _ in range(10):
            work_on.call(issue_id=issue.pk)
        issue.refresh_from_db()
        return issue

    def bodies(self):
        return {message.to[0]: message.body + message.alternatives[0].content for message in mail.outbox}

    def test_everyone_gets_one_email_with_what_they_may_read(self):
        reader, subscriber = make_address(self.newsletter), self.subscriber()
        make_address(make_newsletter())
        issue = self.send(make_issue(self.newsletter, self.article))
        self.assertEqual((issue.state, len(mail.outbox)), ("sent", 2))
        bodies = self.bodies()
        self.assertIn("Free words.", bodies[reader.email])
        self.assertNotIn("Gated words.", bodies[reader.email])
        self.assertIn("Gated words.", bodies[subscriber.email])
        self.assertEqual(issue.articles.get().version, self.article.served())

    def test_access_that_ends_after_preparing_counts(self):
        subscriber = self.subscriber()
        issue = prepared(make_issue(self.newsletter, self.article))
        self.assertEqual(Delivery.objects.get().level, 10)
        Grant.objects.update(ends_at=timezone.now())
        self.send(issue)
        self.assertNotIn("Gated words.", self.bodies()[subscriber.email])

    def test_those_who_leave_after_preparing_get_nothing(self):
        address = make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        address.sign_ups.update(ended_at=timezone.now())
        self.send(issue)
        self.assertEqual((mail.outbox, Delivery.objects.get().state), ([], "skipped"))

    def test_an_interrupted_preparation_starts_afresh(self):
        make_address(self.newsletter)
        issue = make_issue(self.newsletter, self.article)
        with mock.patch("truthlytics.newsletters.services.preparing.free_slug", side_effect=OSError):
            self.assertRaises(OSError, prepared, issue)
        leases.release(Issue.objects.get())
        Issue.objects.update(sender=None)
        make_address(self.newsletter)
        self.assertEqual(self.send(issue).state, "sent")
        self.assertEqual(len(mail.outbox), 2)

    def test_an_email_that_was_being_submitted_is_uncertain_and_not_sent_again(self):
        first, second = make_address(self.newsletter), make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        with mock.patch.object(sending, "_store", side_effect=OSError("disk full")):
            self.assertRaises(OSError, sending.submit, take(issue), seconds=5)
        self.assertEqual(len(mail.outbox), 1)
        Issue.objects.update(sender_until=timezone.now())
        self.send(issue)
        states = dict(Delivery.objects.values_list("address", "state"))
        self.assertEqual(states, {first.pk: "uncertain", second.pk: "submitted"})
        self.assertEqual([message.to for message in mail.outbox], [[first.email], [second.email]])

    def test_an_issue_is_stopped_in_the_middle(self):
        for _ in range(3):
            make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        send = sending.MailConnection.send

        def stop_after_one(connection, message):
            answer = send(connection, message)
            sending.stop(issue)
            return answer

        with mock.patch.object(sending.MailConnection, "send", stop_after_one):
            self.send(issue)
        self.assertEqual((issue.state, len(mail.outbox)), ("stopped", 1))
        self.assertEqual(Delivery.objects.counts(), {"submitted": 1, "skipped": 2})

    def test_a_refused_address_is_rejected_and_one_refused_for_now_is_tried_again(self):
        make_address(self.newsletter), make_address(self.newsletter), make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        errors = [smtplib.SMTPRecipientsRefused({"a@example.org": (code, b"no")}) for code in (550, 452)]
        with mock.patch("django.core.mail.backends.locmem.EmailBackend.send_messages", side_effect=[*errors, 1]):
            self.send(issue)
        self.assertEqual(Delivery.objects.counts(), {"rejected": 1, "queued": 1, "submitted": 1})
        self.assertEqual(issue.state, "sending")
        Delivery.objects.filter(state="queued").update(retry_at=timezone.now())
        self.assertEqual(self.send(issue).state, "sent")

    def test_a_mail_server_that_is_away_loses_nothing(self):
        make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        with mock.patch("django.core.mail.backends.locmem.EmailBackend.open", side_effect=ConnectionRefusedError):
            self.send(issue)
        self.assertIsNotNone(issue.wait_until)
        self.assertEqual(scheduling.start_due(timezone.now()), 0)
        self.assertEqual(scheduling.start_due(timezone.now() + HOUR), 1)
        Issue.objects.update(wait_until=None)
        self.assertEqual(self.send(issue).state, "sent")
        self.assertEqual(len(mail.outbox), 1)

    def test_only_answers_to_an_email_count_as_its_attempts(self):
        make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        away, full = MailServerError("away"), TemporarilyRefused("452 mailbox full")
        with mock.patch.object(sending.MailConnection, "send", side_effect=[*[away] * 6, *[full] * 5]):
            for number in range(11):
                Issue.objects.update(wait_until=None)
                self.assertEqual(Delivery.objects.get().attempts, max(0, number - 6))
                work_on.call(issue_id=issue.pk)
                Delivery.objects.update(retry_at=None)
        self.assertEqual(Delivery.objects.get().state, "rejected")

    def test_many_rejected_emails_pause_it(self):
        for _ in range(4):
            make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        error = smtplib.SMTPRecipientsRefused({"a@example.org": (550, b"no")})
        with (
            mock.patch.multiple(sending, FIRST=2, CLAIM_SIZE=2),
            mock.patch("django.core.mail.backends.locmem.EmailBackend.send_messages", side_effect=[error, 1, 1, 1]),
        ):
            self.send(issue)
            self.assertEqual(
                (issue.state, Delivery.objects.counts()), ("paused", {"rejected": 1, "submitted": 1, "queued": 2})
            )
            # What was accepted with that decision does not pause it again.
            sending.resume(issue)
            self.assertEqual(self.send(issue).state, "sent")

    def test_after_a_closed_or_lost_connection_other_emails_wait_for_a_minute(self):
        lost = ConnectionLost("lost")
        closing = TemporarilyRefused("421 4.3.2 Slow down")
        closing.is_closed = True
        for error, state in [(closing, "queued"), (lost, "uncertain")]:
            with self.subTest(state), mock.patch.object(sending.MailConnection, "send", side_effect=error) as send:
                newsletter = make_newsletter()
                make_address(newsletter), make_address(newsletter)
                issue = self.send(make_issue(newsletter))
                self.assertEqual((issue.state, send.call_count), ("sending", 1))
                self.assertGreater(issue.wait_until, timezone.now() + timedelta(seconds=50))
                self.assertEqual(issue.deliveries.order_by("pk")[0].state, state)

    def test_a_slow_server_does_not_outlast_the_turn(self):
        make_address(self.newsletter), make_address(self.newsletter)
        issue, clock = prepared(make_issue(self.newsletter, self.article)), mock.Mock(return_value=0)
        send = sending.MailConnection.send

        def slow(connection, message):
            clock.return_value += 30
            return send(connection, message)

        with mock.patch.object(sending.MailConnection, "send", slow):
            self.assertTrue(sending.submit(take(issue), seconds=20, clock=clock))
        self.assertEqual(len(mail.outbox), 1)
        leases.release(issue)
        self.assertEqual(self.send(issue).state, "sent")
        self.assertEqual(len(mail.outbox), 2)

    def test_an_interruption_of_seconds_is_waited_for(self):
        make_address(self.newsletter), make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        busy = MailServerError("429 slow down")
        busy.retry_after = 2
        with (
            mock.patch.object(sending.MailConnection, "send", side_effect=["ok", busy, "ok"]),
            mock.patch.object(
                sending.time, "sleep", side_effect=lambda _: Issue.objects.update(wait_until=None)
            ) as sleep,
        ):
            work_on.call(issue_id=issue.pk)
        self.assertEqual((Issue.objects.get().state, sleep.call_count), ("sent", 1))
        self.assertAlmostEqual(sleep.call_args[0][0], 2, delta=1)

    @override_settings(NEWSLETTER_PER_DAY=1)
    def test_the_limit_of_a_day_is_kept(self):
        make_address(self.newsletter), make_address(self.newsletter)
        issue = prepared(make_issue(self.newsletter, self.article))
        with mock.patch.object(sending, "CLAIM_SIZE", 1):
            self.send(issue)
        self.assertEqual((issue.state, len(mail.outbox)), ("sending", 1))

    def test_a_correction_goes_to_those_who_got_the_mistake(self):
        address = make_address(self.newsletter)
        issue = self.send(make_issue(self.newsletter, self.article))
        make_address(self.newsletter)
        address.sign_ups.update(ended_at=timezone.now())
        correction = make_issue(self.newsletter, kind="letter", corrects=issue, subject="Correction")
        mail.outbox.clear()
        self.send(correction)
        self.assertEqual([message.to for message in mail.outbox], [[address.email]])
