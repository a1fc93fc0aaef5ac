"""Newsletters and their readers in the newsroom."""

import csv
from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_member, make_section
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.audit.log import AuditEntry
from truthlytics.newsletters.models import Newsletter

READERS, CSV = reverse("admin:newsletters_address_changelist"), reverse("admin:newsletters_address_csv")


class NewsletterAdminTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.publisher = make_member("Publisher")

    def setUp(self):
        self.client.force_login(self.publisher)

    def save(self, newsletter=None, **fields):
        view = ("change", [newsletter.pk]) if newsletter else ("add", [])
        data = {"name": "Weekly", "description": "Once a week.", "required_level": 0, "schedule": "", "position": 0}
        return self.client.post(reverse(f"admin:newsletters_newsletter_{view[0]}", args=view[1]), data | fields)

    def test_a_newsletter_is_set_up(self):
        section = make_section()
        self.save(schedule="weekly", weekday="4", time="08:00", sections=[section.pk], sender_address="a@example.org")
        newsletter = Newsletter.objects.get()
        self.assertEqual((newsletter.slug, newsletter.weekday, newsletter.sections.get()), ("weekly", 4, section))
        self.assertContains(self.client.get(reverse("admin:newsletters_newsletter_changelist")), "Friday at 08:00")

    def test_bad_input_is_explained(self):
        for fields, sentence in (
            ({"schedule": "daily"}, "Choose at what time the digest is sent."),
            ({"schedule": "weekly", "time": "08:00"}, "Choose the day on which the digest is sent."),
            ({"slug": "choices"}, "This address is used by the site itself."),
            ({"sender_address": "nobody"}, "Enter a valid email address"),
            ({"sections": ["x"]}, "not a valid value"),
            ({"description": ""}, "This field is required."),
        ):
            with self.subTest(fields):
                self.assertContains(self.save(**fields), sentence)
        self.assertFalse(Newsletter.objects.exists())

    def test_a_changed_schedule_begins_now(self):
        newsletter = make_newsletter(scheduled_since=timezone.now() - timedelta(days=9))
        before = newsletter.scheduled_since
        self.save(newsletter, slug=newsletter.slug, description="Other words.")
        newsletter.refresh_from_db()
        self.assertEqual(newsletter.scheduled_since, before)
        self.save(newsletter, slug=newsletter.slug, schedule="daily", time="08:00")
        newsletter.refresh_from_db()
        self.assertGreater(newsletter.scheduled_since, before)

    def test_one_that_was_sent_is_not_deleted(self):
        kept, deleted = make_newsletter(), make_newsletter()
        make_issue(kept, kind="letter", state="sent", prepared_at=timezone.now())
        for newsletter in (kept, deleted):
            self.client.post(reverse("admin:newsletters_newsletter_delete", args=[newsletter.pk]), {"post": "yes"})
        self.assertEqual(Newsletter.objects.get(), kept)


class ReadersTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.support, cls.publisher = make_member("Support"), make_member("Publisher")
        cls.weekly, cls.daily = make_newsletter(name="Weekly"), make_newsletter(name="=Daily")
        cls.nadia = make_address(cls.weekly, email="nadia@example.org")
        cls.omar = make_address(
            cls.daily,
            email="omar@example.org",
            suppression="bounce",
            suppressed_at=timezone.now(),
            suppression_detail="Unknown user.",
        )

    def setUp(self):
        self.client.force_login(self.support)

    def found(self, **query):
        return {address.email for address in self.client.get(READERS, query).context["cl"].result_list}

    def test_only_the_whole_address_is_found(self):
        self.assertEqual(self.found(q=" NADIA@example.org "), {"nadia@example.org"})
        for q in ("nadia", "example.org", "%", "\x01"):
            self.assertLessEqual(
                self.found(q=q) & {"nadia@example.org"}, {"nadia@example.org"} if q == "\x01" else set()
            )

    def test_filters(self):
        both = {"nadia@example.org", "omar@example.org"}
        for query, expected in (
            ({}, both),
            ({"newsletter": self.weekly.pk}, {"nadia@example.org"}),
            ({"newsletter": "x"}, set()),
            ({"state": "suppressed"}, {"omar@example.org"}),
            ({"state": "active"}, {"nadia@example.org"}),
            ({"state": "left"}, set()),
            ({"state": "paused"}, set()),
            ({"state": "x"}, both),
        ):
            with self.subTest(query):
                self.assertEqual(self.found(**query), expected)

    def test_the_page_shows_consent_and_why_emails_are_off(self):
        page = self.client.get(reverse("admin:newsletters_address_change", args=[self.omar.pk]))
        for words in ("Unknown user.", "Emails could not be delivered", "=Daily", "Page of newsletters"):
            self.assertContains(page, words)

    def test_emails_are_turned_on_again_by_post(self):
        url = reverse("admin:newsletters_address_resume", args=[self.omar.pk])
        self.assertContains(self.client.get(url), "Turn on again")
        self.omar.refresh_from_db()
        self.assertIsNotNone(self.omar.suppressed_at)
        self.client.post(url)
        self.omar.refresh_from_db()
        self.assertEqual((self.omar.suppression, self.omar.suppressed_at), ("", None))
        self.assertTrue(AuditEntry.objects.about(self.omar).exists())
        self.client.post(url)

    def test_the_file_is_for_publishers_and_runs_no_formulas(self):
        self.assertEqual(self.client.get(CSV).status_code, 403)
        self.client.force_login(self.publisher)
        rows = list(csv.reader(self.client.get(CSV).getvalue().decode().splitlines()))
        self.assertEqual(
            [row[:3] for row in rows[1:]],
            [["nadia@example.org", "Weekly", "page"], ["omar@example.org", "'=Daily", "page"]],
        )
        self.assertEqual(rows[2][-2], "bounce")
        filtered = list(
            csv.reader(self.client.get(CSV, {"newsletter": self.weekly.pk}).getvalue().decode().splitlines())
        )
        self.assertEqual(len(filtered), 2)
        self.assertTrue(AuditEntry.objects.filter(message__startswith="Exported readers").exists())

    def test_the_list_needs_the_same_queries_for_any_number_of_rows(self):
        self.client.get(READERS)
        with self.assertNumQueries(8):
            self.client.get(READERS)
        for _ in range(5):
            make_address(self.weekly, self.daily)
        with self.assertNumQueries(8):
            self.client.get(READERS)
