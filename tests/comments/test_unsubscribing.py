"""Turning off emails about comments with a link in the email, without a login."""

import re

import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from comments.models import Mute, Notification
from comments.services.muting import KINDS, Emails
from subscriptions.models import EmailOptOut
from tests.comments.notifying import NotifyingTestCase
from tests.factories import make_comment, make_user
from tests.subscriptions.test_races import race
from tests.transactions import TransactionTestCase
from tests.truthlytics.web.smtp_server import smtp_server
from truthlytics.privacy.deletion import delete_account


def path_of(url):
    return re.sub(r"^https?://[^/]+", "", url)


class UnsubscribingTestCase(NotifyingTestCase):
    def url(self, *kinds, article=None, end=""):
        emails = Emails(self.reader.pk, kinds, article.pk if article else None)
        return f"/comments/emails/{emails.token}/{end}"

    def off(self, user=None):
        return set(EmailOptOut.objects.filter(user=user or self.reader).values_list("kind", flat=True))


class EmailTests(UnsubscribingTestCase):
    def test_the_header_turns_off_all_emails_with_one_request(self):
        self.answer()
        (email,) = self.send()
        self.assertEqual(email.extra_headers["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
        url = email.extra_headers["List-Unsubscribe"]
        self.assertRegex(url, r"^<https?://[^<>]+/one-click/>$")
        response = Client(enforce_csrf_checks=True).post(path_of(url[1:-1]), {"List-Unsubscribe": "One-Click"})
        self.assertEqual((response.status_code, response.cookies), (200, {}))
        self.assertEqual(self.off(), set(KINDS))
        self.answer("Another.")
        self.assertEqual(self.kinds(), ["reply"])

    def test_the_header_reaches_the_mail_server_as_it_is(self):
        self.answer()
        with smtp_server() as received:
            self.send()
        head = received[0].partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
        (url,) = [line for line in head if line.startswith("List-Unsubscribe:")]
        self.assertRegex(url, r"^List-Unsubscribe: <https?://[^<> ]{70,}/one-click/>$")
        self.assertIn("List-Unsubscribe-Post: List-Unsubscribe=One-Click", head)
        self.client.post(path_of(url.removeprefix("List-Unsubscribe: <")[:-1]))
        self.assertEqual(self.off(), set(KINDS))

    def test_both_parts_have_a_link_for_each_kind_the_article_and_everything(self):
        self.answer()
        self.comment("@Nadia Lund")
        (email,) = self.send()
        for part in (email.body, self.html(email)):
            links = {path_of(link) for link in re.findall(r"https?://[^\s\"]+/comments/emails/[^\s\"]+", part)}
            names = [re.sub(r":[^:]+:[^:]+/$", "", link) for link in links]
            expected = [self.url("reply"), self.url("mention"), self.url(article=self.article), self.url(*KINDS)]
            self.assertCountEqual(names, [re.sub(r":[^:]+:[^:]+/$", "", link) for link in expected])

    def test_the_headers_are_added_to_those_of_every_email(self):
        self.answer()
        (email,) = self.send()
        every = {"Message-ID", "Auto-Submitted"}
        self.assertEqual(email.extra_headers.keys(), every | {"List-Unsubscribe", "List-Unsubscribe-Post"})


class MutePageTests(UnsubscribingTestCase):
    def test_opening_the_link_changes_nothing(self):
        page = self.client.get(self.url("reply"))
        self.assertContains(page, "Turn these emails off?")
        self.assertContains(page, "Replies to your comments")
        self.assertEqual(page.headers["Cache-Control"], "private, no-store")
        for end in ("", "one-click/"):
            self.client.head(self.url("reply", end=end))
            self.client.get(self.url("reply", end=end))
        self.assertEqual(self.off(), set())

    def test_a_mail_program_that_opens_the_one_click_link_gets_the_page(self):
        # Once: the address says in which second it was made.
        url = self.url("reply")
        self.assertRedirects(self.client.get(f"{url}one-click/"), url)

    def test_the_button_turns_off_this_kind_and_can_be_undone(self):
        page = self.client.post(self.url("reply"), follow=True)
        self.assertContains(page, "You no longer get these emails")
        self.assertEqual(self.off(), {"reply"})
        undo = re.search(r'action="([^"]+/undoing/)"', page.content.decode())[1]
        self.assertContains(self.client.post(undo, follow=True), "You get these emails again.")
        self.assertEqual(self.off(), set())

    def test_undoing_leaves_off_what_was_off_before(self):
        EmailOptOut.objects.create(user=self.reader, kind="reply")
        page = self.client.post(self.url(*KINDS), follow=True)
        self.assertEqual(self.off(), set(KINDS))
        self.client.post(re.search(r'action="([^"]+/undoing/)"', page.content.decode())[1])
        self.assertEqual(self.off(), {"reply"})

    def test_an_article_is_muted_and_unmuted(self):
        url = self.url(article=self.article)
        self.assertContains(self.client.get(url), "The harbour")
        self.assertContains(self.client.post(url, follow=True), "You no longer get these emails")
        self.answer()
        self.assertEqual((Mute.objects.count(), self.send()), (1, []))
        self.client.post(f"{url}undoing/")
        self.assertFalse(Mute.objects.exists())

    def test_repeated_requests_are_fine(self):
        for end in ("", "", "one-click/", "one-click/"):
            self.assertLess(self.client.post(self.url(*KINDS, end=end)).status_code, 400)
        self.assertEqual(EmailOptOut.objects.count(), len(KINDS))

    def test_links_do_not_expire(self):
        url = self.url("reply")
        with time_machine.travel(timezone.now() + timezone.timedelta(days=3650)):
            self.assertEqual(self.client.get(url).status_code, 200)

    def test_invalid_links_are_not_found(self):
        deleted = make_user()
        token = Emails(deleted.pk, ("reply",)).token
        delete_account(user=deleted, keep_comments=True)
        valid = Emails(self.reader.pk, ("reply",)).token
        for bad in (token, "x", f"{valid}x", valid[1:], "a:b:c", "%00", "%ED%B0%80", "²", "x" * 5000, f"{valid}%00"):
            for end in ("", "one-click/", "undoing/"):
                with self.subTest(bad[:40], end=end):
                    self.assertEqual(self.client.post(f"/comments/emails/{bad}/{end}").status_code, 404)
        self.assertEqual(self.off(), set())

    def test_only_the_one_click_link_works_without_the_csrf_token(self):
        client = Client(enforce_csrf_checks=True)
        self.assertEqual(client.post(self.url("reply")).status_code, 403)
        self.assertEqual(client.post(self.url("reply", end="undoing/")).status_code, 403)
        self.assertEqual(self.off(), set())

    def test_someone_else_who_is_logged_in_keeps_their_emails(self):
        other = make_user()
        self.client.force_login(other)
        self.client.post(self.url("reply"))
        self.assertEqual((self.off(other), self.off()), (set(), {"reply"}))

    def test_changes_are_rate_limited(self):
        cache.clear()
        url = self.url("reply", end="one-click/")
        statuses = {self.client.post(url).status_code for _ in range(61)}
        self.assertEqual(statuses, {200, 429})
        self.assertContains(self.client.post(self.url("reply")), "Please try again later.", status_code=429)


class MuteTests(NotifyingTestCase):
    def test_nothing_is_sent_about_a_muted_article(self):
        self.answer()
        Mute.objects.create(user=self.reader, article=self.article)
        self.assertEqual(self.send(), [])

    def test_what_was_turned_off_before_the_email_is_not_sent(self):
        for kind in ("reply", "mention", "followed"):
            with self.subTest(kind):
                Notification.objects.all().delete()
                comment = make_comment(article=self.article)
                Notification.objects.create(user=self.reader, comment=comment, kind=kind)
                EmailOptOut.objects.create(user=self.reader, kind=kind)
                self.assertEqual(self.send(), [])


class RaceTests(TransactionTestCase):
    def test_requests_at_the_same_time_are_fine(self):
        cache.clear()
        url = f"/comments/emails/{Emails(make_user().pk, KINDS).token}/one-click/"
        self.assertEqual(race(lambda _: self.client_class().post(url).status_code, count=4), [200] * 4)
        self.assertEqual(EmailOptOut.objects.count(), len(KINDS))
