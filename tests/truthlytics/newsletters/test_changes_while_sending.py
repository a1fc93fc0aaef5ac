"""What happens to articles, readers and processes while an issue is being prepared and sent."""

import smtplib
from unittest import mock

from django.core import mail
from django.test import TestCase, override_settings
from django.utils import timezone

from articles.services.publishing import publish, withdraw
from tests.factories import make_article, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Address, Delivery, Issue
from truthlytics.newsletters.services import leases, preparing, sending
from truthlytics.newsletters.services.accounts import _merge
from truthlytics.newsletters.services.preparing import Interrupted, prepare
from truthlytics.newsletters.services.scheduling import work_on


class ChangeTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        cls.article = make_article(headline="The talks", body="<p>Free words.</p><hr data-gate><p>Later gated.</p>")
        cls.readers = [make_address(cls.newsletter) for _ in range(4)]

    def make(self, **fields):
        return make_issue(self.newsletter, self.article, state="preparing", **fields)

    def send(self, issue):
        for _ in range(3):
            work_on.call(issue_id=issue.pk)
        issue.refresh_from_db()
        return issue

    def send_and_after_two(self, change):
        """Send an issue in claims of two emails, and call `change` after the first two."""
        issue, send = self.make(), sending.MailConnection.send

        def change_after_two(connection, message):
            answer = send(connection, message)
            if len(mail.outbox) == 2:
                change()
            return answer

        with (
            mock.patch.object(sending, "CLAIM_SIZE", 2),
            mock.patch.object(sending.MailConnection, "send", change_after_two),
        ):
            return self.send(issue)


class ArticleTests(ChangeTestCase):
    def test_an_article_that_is_withdrawn_is_sent_to_nobody_else(self):
        issue = self.send_and_after_two(lambda: withdraw(item=self.article))
        self.assertEqual((issue.state, len(mail.outbox)), ("paused", 2))
        self.assertEqual(issue.pause_reason, "“The talks” is no longer public.")

    def test_an_article_that_becomes_paid_is_sent_whole_to_nobody_else(self):
        def charge():
            self.article.required_level = 10
            self.article.save()
            publish(item=self.article, by=make_user())

        issue = self.send_and_after_two(charge)
        self.assertEqual((issue.state, len(mail.outbox)), ("paused", 2))
        self.assertIn("“The talks” is now for fewer readers", issue.pause_reason)

    def test_other_changes_do_not_interrupt_it(self):
        def edit():
            self.article.body = "<p>Other words.</p>"
            self.article.save()
            publish(item=self.article, by=make_user())

        self.assertEqual(self.send_and_after_two(edit).state, "sent")
        self.assertEqual(len(mail.outbox), 4)


class ProcessTests(ChangeTestCase):
    def test_addresses_that_are_merged_meanwhile_cost_no_other_reader_the_issue(self):
        first, *_others, last = self.readers
        issue, store = self.make(), preparing._store_batch

        def merge_after_one(*args, **kwargs):
            result = store(*args, **kwargs)
            if Address.objects.filter(pk=first.pk).exists():
                last.sign_ups.all().delete()
                _merge(first, into=last)
            return result

        with (
            mock.patch.object(preparing, "BATCH_SIZE", 1),
            mock.patch.object(preparing, "_store_batch", merge_after_one),
        ):
            for _ in range(3):
                Issue.objects.update(sender_until=timezone.now())
                self.send(issue)
        self.assertEqual(
            sorted(message.to[0] for message in mail.outbox), sorted(row.email for row in self.readers[1:])
        )

    def test_a_process_that_was_considered_dead_deletes_nothing_that_was_sent(self):
        issue = self.make()
        slow = Issue.objects.get(pk=issue.pk)
        leases.take(slow, timezone.now())
        Issue.objects.update(sender_until=timezone.now())
        self.send(issue)
        self.assertEqual(len(mail.outbox), 4)
        self.assertRaises(Interrupted, prepare, slow)
        self.assertEqual(Delivery.objects.counts(), {"submitted": 4})

    def test_a_process_that_was_considered_dead_adds_no_recipients(self):
        issue = self.make()
        slow = Issue.objects.get(pk=issue.pk)
        leases.take(slow, timezone.now())
        render = preparing.render_variants

        def take_over(*args):
            with mock.patch.object(preparing, "render_variants", render):
                Issue.objects.update(sender_until=timezone.now())
                self.send(issue)
            make_address(self.newsletter)
            return render(*args)

        with mock.patch.object(preparing, "render_variants", take_over):
            self.assertRaises(Interrupted, prepare, slow)
        self.assertEqual(Delivery.objects.counts(), {"submitted": 4})


class EmailTests(ChangeTestCase):
    @override_settings(NEWSLETTER_PER_DAY=3)
    def test_the_limit_of_a_day_is_exact(self):
        self.send(self.make())
        self.assertEqual(len(mail.outbox), 3)

    def test_an_email_that_cannot_be_made_is_rejected_and_the_others_are_sent(self):
        Address.objects.filter(pk=self.readers[0].pk).update(email="x@" + "ü" * 62 + ".de")
        issue = self.send(self.make())
        self.assertEqual((issue.state, len(mail.outbox)), ("sent", 3))
        self.assertEqual(Delivery.objects.counts(), {"rejected": 1, "submitted": 3})

    def test_the_answer_never_has_the_address(self):
        codes = dict(zip([row.email for row in self.readers], (452, 550, 452, 550), strict=True))

        def refuse(backend, messages):
            (email,) = messages[0].to
            raise smtplib.SMTPRecipientsRefused({email: (codes[email], f"<{email}> no".encode())})

        with mock.patch("django.core.mail.backends.locmem.EmailBackend.send_messages", refuse):
            self.send(self.make())
        answers = set(Delivery.objects.values_list("answer", flat=True))
        self.assertEqual(answers, {f"The address is refused: {code} <…> no" for code in (452, 550)})
