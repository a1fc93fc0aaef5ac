"""What readers are told of corrections: on the account page, and by email if they want it."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase
from django.utils import timezone

from articles.models import SavedArticle
from articles.services.corrections import supersede
from articles.services.publishing import restore, withdraw
from subscriptions.models import EmailOptIn, SentEmail
from tests.articles.gift_links import make_gift_link
from tests.budget import takes_longer
from tests.factories import make_article, make_comment, make_editor, make_user, make_version
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from tests.truthlytics.web.smtp_server import smtp_server
from truthlytics.contrib.correction_notices.services import send_due, token_of
from truthlytics.privacy.deletion import delete_account
from truthlytics.privacy.export import export_data

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ACCOUNT, CHOICES, CORRECTIONS = "/account/", "/account/emails/", "/account/corrections/"


class NoticeCase:
    def setUp(self):
        cache.clear()
        self.now = timezone.now().replace(microsecond=0)
        self.editor, self.reader = make_editor(), make_user(display_name="Nadia Lund")
        self.article = make_article(headline="The price", body="<p>It cost 1 crown.</p>", at=self.now - 9 * DAY)
        self.client.force_login(self.reader)

    def save(self, *, user=None, at=None):
        SavedArticle.objects.create(user=user or self.reader, article=self.article, saved_at=at or self.now - 8 * DAY)

    def want_emails(self, user=None, since=None):
        EmailOptIn.objects.create(user=user or self.reader, kind="corrections", since=since or self.now - 7 * DAY)

    def change(self, kind="correction", **fields):
        body = f"<p>It cost {self.article.versions.count() + 2} crowns.</p>"
        fields = {"body": body, "kind": kind, "note": "It was wrong.", "by": self.editor} | fields
        return make_version(self.article, **fields)


class AccountPageTests(NoticeCase, TestCase):
    def test_line_counts_articles_that_were_saved_given_or_commented_on(self):
        self.assertNotContains(self.client.get(ACCOUNT), "was corrected or withdrawn since")
        for know in (
            self.save,
            lambda: make_gift_link(self.article, self.reader, at=self.now - 8 * DAY),
            lambda: make_comment(article=self.article, author=self.reader, created_at=self.now - 8 * DAY),
        ):
            self.article = make_article(body="<p>It cost 1 crown.</p>", at=self.now - 9 * DAY)
            know()
            self.change()
            self.change("retraction")
        page = self.client.get(ACCOUNT)
        self.assertContains(page, "3 articles that you saved, gave to others or commented on were corrected")
        self.assertContains(page, f'href="{CORRECTIONS}"')
        self.assertContains(self.client.get(CORRECTIONS), "It was wrong.", 6)

    def test_what_was_known_later_and_other_changes_are_not_told(self):
        self.change("correction", at=self.now - 8 * DAY)
        self.save(at=self.now - 7 * DAY)
        make_comment(article=make_article(), author=self.reader)
        for kind in ("update", "note", "minor"):
            self.change(kind)
        self.save(user=make_user())
        self.assertNotContains(self.client.get(ACCOUNT), "corrected or withdrawn")
        self.assertContains(self.client.get(CORRECTIONS), "None of them was corrected.")

    def test_withdrawal_is_told_without_the_text(self):
        self.save()
        withdraw(item=self.article, note="The source was forged.")
        self.assertContains(self.client.get(ACCOUNT), "One article that you saved")
        page = self.client.get(CORRECTIONS)
        self.assertContains(page, "The source was forged.")
        self.assertNotContains(page, "It cost 1 crown.")
        with time_machine.travel(self.now + 31 * DAY, tick=False):
            self.client.force_login(self.reader)
            self.assertNotContains(self.client.get(ACCOUNT), "corrected or withdrawn")

    def test_list_needs_a_login(self):
        self.client.logout()
        self.assertRedirects(
            self.client.get(CORRECTIONS), f"/accounts/login/?next={CORRECTIONS}", fetch_redirect_response=False
        )


class EmailTests(NoticeCase, TestCase):
    def send(self, now=None):
        with self.captureOnCommitCallbacks(execute=True):
            return send_due(now or timezone.now())

    def test_off_by_default_and_turned_on_by_a_checkbox(self):
        self.save()
        self.change()
        self.assertEqual(self.send(), 0)
        self.assertNotContains(self.client.get(CHOICES), 'value="corrections" checked')
        self.client.post(CHOICES, {"comments": ["reply", "mention", "followed"], "corrections": ["corrections"]})
        self.assertEqual(EmailOptIn.objects.get().user, self.reader)
        self.assertRegex(self.client.get(CHOICES).content.decode(), r'value="corrections"[^>]*checked')
        self.assertEqual(self.send(), 0)  # it was before
        with time_machine.travel(self.now + HOUR, tick=False):
            self.change()
            self.assertEqual(self.send(), 1)
        self.client.post(CHOICES, {"comments": ["reply", "mention", "followed"]})
        self.assertFalse(EmailOptIn.objects.exists())

    def test_one_email_for_each_correction_and_withdrawal(self):
        self.save()
        self.want_emails()
        for kind in ("minor", "update", "note"):
            self.change(kind)
        self.assertEqual(self.send(), 0)
        for kind in ("correction", "clarification", "retraction"):
            self.change(kind, note=f"Because of {kind}.")
        self.assertEqual((self.send(), self.send()), (3, 0))
        withdraw(item=self.article, note="The source was forged.")
        self.assertEqual((self.send(), self.send()), (1, 0))
        subjects = [email.subject for email in mail.outbox]
        kinds = ("Clarification", "Correction", "Retraction", "Withdrawal")
        self.assertEqual(sorted(subjects), [f"{kind}: The price" for kind in kinds])
        for email in mail.outbox:
            self.assertEqual(email.to, [self.reader.email])
            self.assertNotIn("crowns", email.body)
        self.assertIn("We withdrew “The price” on", mail.outbox[-1].body)
        self.assertIn("The source was forged.", mail.outbox[-1].body)

    def test_scheduled_correction_is_told_once_it_is_public(self):
        self.save()
        self.want_emails()
        self.change(at=self.now + HOUR)
        self.assertEqual(self.send(), 0)
        with time_machine.travel(self.now + 2 * HOUR, tick=False):
            self.assertEqual(self.send(), 1)

    def test_no_email_about_what_is_over(self):
        self.save()
        self.want_emails()
        wrong = self.change()
        supersede(correction=wrong.correction, kind="update", sentence="It was news.", by=self.editor)
        withdraw(item=self.article)
        restore(item=self.article)
        self.assertEqual(self.send(), 0)
        self.change()
        self.assertEqual(self.send(self.now + 4 * DAY), 0)

    def test_readers_who_cannot_or_did_not_know_get_none(self):
        unverified, inactive, stranger = make_user(verified=False), make_user(is_active=False), make_user()
        for user in (unverified, inactive, stranger):
            self.want_emails(user)
        for user in (unverified, inactive):
            self.save(user=user)
        self.change()
        self.assertEqual(self.send(), 0)

    def test_link_in_the_email_turns_them_off_without_a_login(self):
        self.save()
        self.want_emails()
        self.change()
        self.send()
        (email,) = mail.outbox
        self.assertEqual(email.extra_headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        address = email.extra_headers["List-Unsubscribe"].strip("<>").partition("localhost")[2].partition("/")[2]
        path = f"/{address}"
        anyone = Client(enforce_csrf_checks=True)
        self.assertRedirects(anyone.get(path), path.removesuffix("one-click/"))
        self.assertTrue(EmailOptIn.objects.exists())
        self.assertContains(anyone.post(path, {"List-Unsubscribe": "One-Click"}), "You no longer get these emails.")
        self.assertFalse(EmailOptIn.objects.exists())
        self.assertContains(anyone.get(path.removesuffix("one-click/")), "You don’t get emails about corrections.")
        self.assertEqual(anyone.post(f"{CORRECTIONS}emails/forged/one-click/").status_code, 404)

    def test_unsubscribe_header_reaches_the_mail_server_as_it_is(self):
        self.save()
        self.want_emails()
        self.change()
        with smtp_server() as received:
            self.send()
        head = received[0].partition(b"\r\n\r\n")[0].decode("ascii")
        self.assertRegex(head, r"\r\nList-Unsubscribe: <https?://[^<> ]+/one-click/>\r\n")

    def test_page_of_the_link_asks_first(self):
        self.want_emails()
        path = f"{CORRECTIONS}emails/{token_of(self.reader)}/"
        self.client.logout()
        self.assertContains(self.client.get(path), "Turn these emails off")
        self.assertTrue(EmailOptIn.objects.exists())
        self.assertContains(self.client.post(path, follow=True), "You don’t get emails about corrections.")
        self.assertFalse(EmailOptIn.objects.exists())

    def test_export_and_deletion_cover_it(self):
        self.save()
        self.want_emails()
        self.change()
        self.send()
        data = export_data(self.reader)
        self.assertEqual(data["account"]["emails_turned_on"][0]["kind"], "corrections")
        self.assertEqual(data["emails_sent"][0]["subject"], "Correction: The price")
        delete_account(user=self.reader, keep_comments=True)
        self.assertFalse(EmailOptIn.objects.exists() or SentEmail.objects.filter(user=self.reader).exists())


class ConcurrencyTests(NoticeCase, TransactionTestCase):
    @takes_longer("Many threads use the database at once.")
    def test_never_two_emails(self):
        self.save()
        self.want_emails()
        self.change()
        self.assertEqual(sorted(at_once(lambda: send_due(timezone.now()), 4)), [0, 0, 0, 1])
        self.assertEqual(len(mail.outbox), 1)
