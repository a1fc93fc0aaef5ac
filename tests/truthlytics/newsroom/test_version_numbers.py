"""The number of a version is the same on every page: the one that readers see."""

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.services.publishing import publish, unschedule
from articles.services.redaction import redact
from tests.factories import make_draft, make_editor, make_member
from tests.truthlytics.newsletters.factories import make_issue
from truthlytics.audit.log import AuditEntry


class VersionNumberTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        editor = make_editor()
        cls.article = make_draft(headline="Tides")
        publish(item=cls.article, by=editor, at=timezone.now() + timedelta(days=1))
        unschedule(item=cls.article, by=editor)
        # In the record it is the second.
        publish(item=cls.article, by=editor)

    def setUp(self):
        self.client.force_login(make_member("Publisher"))

    def test_the_dashboard_and_the_report_of_an_email_count_as_readers_do(self):
        issue = make_issue(article=self.article, state="sent", prepared_at=timezone.now(), slug="2026-11-29")
        issue.articles.update(version=self.article.served())
        for url in (reverse("admin:index"), reverse("admin:newsletters_issue_sending", args=[issue.pk])):
            page = self.client.get(url)
            with self.subTest(url):
                self.assertContains(page, "version 1")
                self.assertNotContains(page, "version 2")

    def test_the_log_of_a_removal_counts_as_readers_do(self):
        version = self.article.served()
        self.article.headline = "Ebb"
        self.article.save()
        publish(item=self.article, by=None, kind="minor")
        redact(item=self.article, version=version, reason="A name.")
        message = AuditEntry.objects.order_by("-pk").values_list("message", flat=True)[0]
        self.assertIn("version 1", message)
