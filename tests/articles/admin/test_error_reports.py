"""Reported errors in the newsroom: the list, and answering, dismissing or correcting a report."""

import json

from django.core import mail
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from articles.models import Article, ErrorReport, ReportState
from articles.services import error_reports
from articles.services.publishing import withdraw
from tests.factories import make_article, make_editor, make_error_report, make_member, make_version
from truthlytics.audit.log import AuditEntry

BODY = "<p>The bridge cost 25 crowns, as the council said.</p>"
LIST = reverse("admin:articles_errorreport_changelist")


class ErrorReportTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_member("Editor", display_name="Edith Orr")
        cls.article = make_article(headline="The price", body=BODY)

    def setUp(self):
        self.client.force_login(self.editor)
        self.report = make_error_report(
            self.article,
            quote="cost 25 crowns",
            text="It cost 50.",
            source="The budget",
            email="ola@example.org",
            name="Ola Nordmann",
        )

    def url(self, name="change"):
        return reverse(f"admin:articles_errorreport_{name}", args=[self.report.pk])

    def post(self, name, **data):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.url(name), data)

    def edit(self):
        Article.objects.filter(pk=self.article.pk).update(body=BODY.replace("25", "50"))


class QueueTests(ErrorReportTestCase):
    def test_dashboard_and_list_show_waiting_reports_oldest_first(self):
        make_error_report(self.article, text="Another one.")
        self.assertContains(self.client.get(reverse("admin:index")), "Reported errors")
        page = self.client.get(LIST).content.decode()
        self.assertLess(page.index("It cost 50."), page.index("Another one."))
        self.report.close(ReportState.DISMISSED, by=self.editor, at=self.report.created_at)
        self.assertNotContains(self.client.get(LIST), "It cost 50.")
        self.assertContains(self.client.get(f"{LIST}?state=closed"), "It cost 50.")
        self.assertNotContains(self.client.get(f"{LIST}?state=closed"), "Another one.")
        self.assertContains(self.client.get(f"{LIST}?state=all"), "It cost 50.")

    def test_number_of_queries_does_not_grow(self):
        def count():
            with CaptureQueriesContext(connection) as queries:
                self.client.get(LIST)
                self.client.get(reverse("admin:index"))
            return len(queries)

        count()
        before = count()
        for _ in range(3):
            report = make_error_report(make_article())
            error_reports.draft_correction(report=report, by=self.editor)
        self.assertEqual(count(), before)

    def test_authors_moderators_and_support_see_no_reports(self):
        for role in ("Author", "Moderator", "Support"):
            self.client.force_login(make_member(role))
            with self.subTest(role):
                self.assertEqual(self.client.get(LIST).status_code, 403)
                self.assertEqual(self.client.get(self.url()).status_code, 403)
                self.assertEqual(self.post("dismiss", reason="x").status_code, 403)
                self.assertNotContains(self.client.get(reverse("admin:index")), "Reported errors")

    def test_passage_is_shown_in_the_old_and_the_current_text(self):
        make_version(self.article, body=BODY.replace("25", "40"), kind="correction", note="40.", by=self.editor)
        self.edit()
        page = self.client.get(self.url())
        for crowns in (25, 40, 50):
            with self.subTest(crowns):
                self.assertContains(page, f"<mark>cost {crowns} crowns</mark>")

    def test_missing_passages_are_marked_as_missing(self):
        Article.objects.filter(pk=self.article.pk).update(body="<p>Nothing at all of it is left.</p>")
        self.assertContains(self.client.get(self.url()), "The passage is not there.", 1)


class ClosingTests(ErrorReportTestCase):
    def test_answer_is_sent_and_logged(self):
        self.assertRedirects(self.post("answer", answer="The minutes say 25."), LIST)
        self.assertEqual(mail.outbox[0].to, ["ola@example.org"])
        entry = AuditEntry.objects.get(model="articles.errorreport")
        self.assertEqual((entry.actor, entry.after["state"]), (self.editor, "answered"))
        self.assertNotIn("ola@example.org", json.dumps([entry.before, entry.after], default=str))
        self.assertContains(self.client.get(self.url()), "The minutes say 25.")

    def test_errors_keep_the_text(self):
        self.assertContains(self.post("answer", answer=""), "Write an answer.", status_code=422)
        self.assertContains(self.post("answer", answer="y" * 4001), "y" * 4001, status_code=422)
        self.assertContains(self.post("dismiss", reason=""), "Say why it is dismissed.", status_code=422)
        self.assertTrue(ErrorReport.objects.get().is_waiting)

    def test_second_editor_gets_a_message_and_keeps_the_text(self):
        error_reports.dismiss_report(report=self.report, by=make_editor(display_name="Mo"), reason="Spam.")
        response = self.post("answer", answer="A long answer.")
        self.assertContains(response, "Mo has dismissed it in the meantime.", status_code=409)
        self.assertContains(response, "A long answer.", status_code=409)
        self.assertEqual(self.post("correct").status_code, 409)
        self.assertEqual(mail.outbox, [])

    def test_actions_are_posts(self):
        for name in ("answer", "dismiss", "correct"):
            self.assertEqual(self.client.get(self.url(name)).status_code, 405)

    def test_deletion_does_not_keep_what_the_reader_wrote(self):
        self.client.post(self.url("delete"), {"post": "yes"})
        self.assertFalse(ErrorReport.objects.exists())
        entry = AuditEntry.objects.get(model="articles.errorreport")
        self.assertNotIn("It cost 50", f"{entry.row_name}{entry.before}{entry.after}")


class CorrectionTests(ErrorReportTestCase):
    def publish(self, **data):
        url = reverse("admin:articles_article_publish", args=[self.article.pk])
        data = {
            "when": "now",
            "last": 1,
            "ai_uses": "none",
            "kind": "correction",
            "note": "It cost 50 crowns, not 25.",
            **data,
        }
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(url, data)

    def publish_page(self):
        return self.client.get(reverse("admin:articles_article_publish", args=[self.article.pk]))

    def test_button_opens_the_editor_at_the_remark(self):
        response = self.post("correct")
        self.report.refresh_from_db()
        editor = reverse("admin:articles_article_change", args=[self.article.pk])
        self.assertEqual(response.url, f"{editor}#remark-{self.report.remark_id}")
        self.assertContains(self.client.get(editor), "It cost 50.")
        self.assertContains(self.client.get(self.url()), "Continue in the editor")

    def test_report_correction_and_thanks(self):
        self.post("correct")
        self.edit()
        page = self.publish_page()
        self.assertContains(page, "Reported by Ola Nordmann.")
        self.publish(reports=[self.report.pk], credit="Reported by Ola Nordmann.")
        self.report.refresh_from_db()
        self.assertEqual(self.report.correction.sentence, "It cost 50 crowns, not 25. Reported by Ola Nordmann.")
        self.assertEqual((self.report.state, self.report.closed_by), ("corrected", self.editor))
        self.assertEqual([email.to for email in mail.outbox], [["ola@example.org"]])
        self.assertContains(self.client.get(self.article.get_absolute_url()), "Reported by Ola Nordmann.")
        corrections = self.client.get(reverse("articles:corrections"))
        self.assertContains(corrections, "1 report of an error. The median time to an answer")
        self.assertContains(self.client.get(self.url()), "It cost 50 crowns, not 25.")

    def test_reader_is_named_only_if_the_report_is_closed_and_the_editor_agrees(self):
        self.post("correct")
        self.edit()
        self.publish(credit="Reported by Ola Nordmann.")
        self.assertEqual(self.article.versions.last().note, "It cost 50 crowns, not 25.")
        self.assertEqual(ErrorReport.objects.get().state, "drafted")
        Article.objects.filter(pk=self.article.pk).update(body=BODY.replace("25", "60"))
        self.publish(last=2, reports=[self.report.pk], credit="")
        self.assertEqual(self.article.versions.last().note, "It cost 50 crowns, not 25.")
        self.assertEqual(ErrorReport.objects.get().state, "corrected")

    def test_thanks_that_are_too_long_are_refused_and_kept(self):
        self.post("correct")
        self.edit()
        response = self.publish(note="n" * 480, reports=[self.report.pk], credit="Reported by Ola Nordmann.")
        self.assertContains(response, "use at most 500 characters", status_code=422)
        self.assertContains(response, "Reported by Ola Nordmann.", status_code=422)

    def test_forged_reports_are_refused(self):
        self.post("correct")
        self.edit()
        other = make_error_report(make_article())
        for value in (other.pk, "x", "9" * 40, "²", "1\x00"):
            with self.subTest(value):
                self.assertEqual(self.publish(reports=[value]).status_code, 422)

    def test_publication_without_reports_offers_nothing(self):
        self.edit()
        self.assertNotContains(self.publish_page(), 'name="credit"')

    def test_withdrawn_article_is_not_corrected(self):
        withdraw(item=self.article)
        page = self.client.get(self.url())
        self.assertContains(page, "The article is withdrawn. Restore it before you correct it.")
        self.assertContains(page, "The article is withdrawn, or its text was redacted.")
        self.assertEqual(self.post("correct").status_code, 409)
