"""The email with the statistics of a week."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import time_machine
from django.conf import settings
from django.core import mail
from django.test import Client, TestCase, override_settings
from django.utils import timezone

from subscriptions.models import EmailOptIn, SentEmail
from tests.factories import make_article, make_editor, make_member, make_user
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from tests.truthlytics.newsroom.readership.cases import add, add_all
from truthlytics.newsroom.readership.weekly_email import send_due, token_of

CHOICES = "/account/emails/"
DAY = timedelta(days=1)
MONDAY = datetime(2026, 12, 7, 9, tzinfo=ZoneInfo("UTC"))
LAST_WEEK = (MONDAY - 6 * DAY).date()


def want(user, since=MONDAY - 10 * DAY):
    EmailOptIn.objects.create(user=user, kind="statistics", since=since)


class WeeklyEmailTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_editor(display_name="Edith Orr")
        cls.article = make_article(headline="The harbour", at=MONDAY - 60 * DAY)

    def send(self, now=MONDAY):
        with time_machine.travel(now, tick=False), self.captureOnCommitCallbacks(execute=True):
            return send_due(now)

    def stop_url(self):
        return f"/account/emails/statistics/{token_of(self.editor)}/"

    def test_off_by_default_and_turned_on_by_those_who_see_statistics(self):
        self.assertEqual(self.send(), 0)
        for user, offered in [(make_member("Author"), False), (make_user(), False), (self.editor, True)]:
            self.client.force_login(user)
            assertion = self.assertContains if offered else self.assertNotContains
            assertion(self.client.get(CHOICES), 'name="statistics"')
            self.client.post(CHOICES, {"comments": [], "newsroom": [], "statistics": ["statistics"]})
        self.assertEqual(EmailOptIn.objects.get().user, self.editor)

    def test_it_has_the_figures_of_the_week_and_is_sent_once(self):
        want(self.editor)
        add_all(self.article, LAST_WEEK)
        for number in (1, 2, 3):
            add(self.article, LAST_WEEK - 7 * number * DAY, 20)
        add(self.article, MONDAY.date(), 900)
        self.assertEqual((self.send(), self.send(), self.send(MONDAY + 3 * DAY)), (1, 0, 0))
        email = mail.outbox[0]
        self.assertEqual(email.subject, "Week 49, 30 Nov to 6 Dec 2026: 40 people")
        for text in ("The harbour · 40", "100% more than in a usual week.", "25%", "news.example: 30"):
            self.assertIn(text, email.body)
        self.assertIn("/admin/statistics/?period=week&on=2026-11-30", email.body)
        self.assertEqual(self.send(MONDAY + 7 * DAY), 1)

    def test_it_is_not_sent_on_monday_night_and_not_about_a_week_before_it_was_wanted(self):
        want(self.editor)
        self.assertEqual(self.send(MONDAY.replace(hour=6)), 0)
        EmailOptIn.objects.update(since=MONDAY)
        self.assertEqual(self.send(MONDAY + DAY), 0)
        self.assertEqual(self.send(MONDAY + 7 * DAY), 1)

    def test_monday_begins_in_the_publications_time_zone(self):
        want(self.editor)
        with override_settings(TIME_ZONE="Pacific/Auckland"), timezone.override("Pacific/Auckland"):
            self.assertEqual(self.send(MONDAY.replace(day=6, hour=19)), 1)
        self.assertIn("Week 49", mail.outbox[0].subject)

    def test_those_who_may_no_longer_see_statistics_get_none(self):
        for user in (self.editor, make_editor(is_active=False)):
            want(user)
        type(self.editor).objects.update(is_superuser=False)
        self.assertEqual(self.send(), 0)
        self.assertFalse(SentEmail.objects.exists())

    def test_it_is_in_the_language_of_the_newsroom_user(self):
        type(self.editor).objects.filter(pk=self.editor.pk).update(newsroom_language="de")
        want(self.editor)
        add_all(self.article, LAST_WEEK)
        self.send()
        email = mail.outbox[0]
        self.assertIn("Woche 49, 30. Nov. bis 6. Dez. 2026: 40 Personen", email.subject)
        self.assertIn("Bis zur Hälfte gelesen: 25\N{NO-BREAK SPACE}%", email.body)
        self.assertNotIn("People", email.body)

    def test_link_asks_before_it_turns_the_email_off(self):
        want(self.editor)
        self.assertContains(self.client.get(self.stop_url()), "Turn these emails off")
        self.assertTrue(EmailOptIn.objects.exists())
        self.assertContains(self.client.post(self.stop_url(), follow=True), "You don’t get this email.")
        self.assertFalse(EmailOptIn.objects.exists())

    def test_mail_programs_turn_it_off_with_one_post(self):
        want(self.editor)
        add_all(self.article, LAST_WEEK)
        self.send()
        url = mail.outbox[0].extra_headers["List-Unsubscribe"].strip("<>").removeprefix(settings.SITE_URL)
        self.assertTrue(url.endswith("/one-click/"), url)
        outside = Client(enforce_csrf_checks=True)
        self.assertEqual(outside.get(url).status_code, 302)
        self.assertTrue(EmailOptIn.objects.exists())
        self.assertContains(outside.post(url, {"List-Unsubscribe": "One-Click"}), "You no longer get these emails.")
        self.assertFalse(EmailOptIn.objects.exists())

    def test_links_of_others_and_forged_ones_are_not_found(self):
        want(self.editor)
        for token in ("x", f"{token_of(self.editor)}x", "1:abc"):
            for method in (self.client.get, self.client.post):
                self.assertEqual(method(f"/account/emails/statistics/{token}/").status_code, 404)
        self.assertTrue(EmailOptIn.objects.exists())


class ConcurrentTests(TransactionTestCase):
    def test_two_processes_send_one_email(self):
        want(make_editor())
        self.assertEqual(sorted(at_once(lambda: send_due(MONDAY), 3)), [0, 0, 1])
        self.assertEqual(SentEmail.objects.count(), 1)
