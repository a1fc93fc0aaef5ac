"""Error reports: storing, answering and dismissing them, and closing them with corrections."""

from datetime import timedelta
from io import StringIO
from uuid import uuid4

from django.core import mail
from django.core.management import call_command
from django.test import TestCase
from django.utils import timezone

from articles.models import Article, ErrorReport, Remark, ReportState
from articles.services import error_reports
from articles.services.error_reports import HandlingError
from articles.services.publishing import unschedule
from tests.factories import make_article, make_error_report, make_member, make_version
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from truthlytics.audit.log import AuditEntry

BODY = "<p>First words.</p><p>The bridge cost 25 crowns, as the council said at the time.</p>"


class ErrorReportTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.editor = make_member("Editor", display_name="Edith Orr")
        cls.article = make_article(body=BODY)

    def report(self, **fields):
        return make_error_report(self.article, **({"quote": "cost 25 crowns"} | fields))

    def drafted(self, **fields):
        return error_reports.draft_correction(report=self.report(**fields), by=self.editor)

    def correct(self, report, at=None, **changes):
        version = make_version(
            self.article,
            body=BODY.replace("25", "50"),
            kind="correction",
            note="It cost 50.",
            by=self.editor,
            at=at,
            **changes,
        )
        with self.captureOnCommitCallbacks(execute=True):
            error_reports.settle_with(version=version, reports=[report.pk])
        report.refresh_from_db()
        return version


class ReceivingTests(ErrorReportTestCase):
    def test_place_of_the_passage_in_the_version_is_stored(self):
        report = self.report()
        self.assertEqual(report.suffix, ", as the council said at the time.")
        self.assertTrue(report.prefix.endswith("First words.\nThe bridge "))

    def test_passage_that_is_not_there_is_kept_as_it_was_typed(self):
        report = self.report(quote="Nothing like it")
        self.assertEqual((report.quote, report.prefix, report.position), ("Nothing like it", "", 0))

    def test_form_that_is_submitted_twice_makes_one_report(self):
        report = self.report()
        self.report(key=report.key)
        self.assertEqual(ErrorReport.objects.count(), 1)


class ClosingTests(ErrorReportTestCase):
    def test_answer_is_emailed_and_stored_with_who_and_when(self):
        report = self.report(email="ola@example.org")
        with self.captureOnCommitCallbacks(execute=True):
            error_reports.answer_report(report=report, by=self.editor, text="The minutes say 25.")
        report.refresh_from_db()
        self.assertEqual((report.state, report.closed_by), ("answered", self.editor))
        self.assertEqual(mail.outbox[0].to, ["ola@example.org"])
        self.assertIn("The minutes say 25.", mail.outbox[0].body)

    def test_without_an_address_nothing_is_sent(self):
        with self.captureOnCommitCallbacks(execute=True):
            error_reports.answer_report(report=self.report(), by=self.editor, text="The minutes say 25.")
        self.assertEqual(mail.outbox, [])

    def test_dismissal_sends_nothing_and_keeps_the_reason(self):
        report = self.report(email="ola@example.org")
        with self.captureOnCommitCallbacks(execute=True):
            error_reports.dismiss_report(report=report, by=self.editor, reason="Advertising.")
        report.refresh_from_db()
        self.assertEqual((report.state, report.answer, mail.outbox), ("dismissed", "Advertising.", []))

    def test_second_editor_sees_who_was_faster(self):
        report = self.report()
        error_reports.dismiss_report(report=report, by=self.editor, reason="Advertising.")
        for action in (
            lambda: error_reports.answer_report(report=report, by=self.editor, text="No."),
            lambda: error_reports.dismiss_report(report=report, by=self.editor, reason="Again."),
            lambda: error_reports.draft_correction(report=report, by=self.editor),
        ):
            with self.assertRaisesMessage(HandlingError, "Edith Orr has dismissed it in the meantime."):
                action()

    def test_names_and_addresses_are_deleted_after_a_year(self):
        old = self.report(name="Ola", email="ola@example.org", created_at=timezone.now() - timedelta(days=366))
        new = self.report(name="Kari", email="kari@example.org", created_at=timezone.now() - timedelta(days=364))
        self.assertEqual(error_reports.delete_personal_data(timezone.now()), 1)
        self.assertEqual(error_reports.delete_personal_data(timezone.now()), 0)
        for report in (old, new):
            report.refresh_from_db()
        self.assertEqual((old.name, old.email, new.name, new.email), ("", "", "Kari", "kari@example.org"))


class CorrectingTests(ErrorReportTestCase):
    def test_report_becomes_a_remark_on_the_passage_of_the_draft(self):
        Article.objects.filter(pk=self.article.pk).update(body=BODY.replace("First words.", "Other words."))
        report = self.drafted(text="It cost 50.", source="The budget.", email="ola@example.org")
        self.assertEqual((report.state, report.drafted_by), ("drafted", self.editor))
        self.assertEqual((report.remark.quote, report.remark.text), ("cost 25 crowns", "It cost 50.\n\nThe budget."))
        self.assertTrue(report.remark.prefix.endswith("The bridge "))

    def test_reports_cannot_email_colleagues_by_mentioning_them(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.drafted(text="Ask @Edith Orr.")
        self.assertEqual(mail.outbox, [])

    def test_second_editor_does_not_make_a_second_remark(self):
        report = self.drafted()
        with self.assertRaisesMessage(HandlingError, "Edith Orr has made it a correction in the meantime."):
            error_reports.draft_correction(report=report, by=self.editor)
        self.assertEqual(Remark.objects.count(), 1)

    def test_correction_closes_the_report_and_thanks_the_reader(self):
        report = self.drafted(email="ola@example.org")
        version = self.correct(report)
        self.assertEqual((report.state, report.correction), ("corrected", version.correction))
        self.assertEqual(report.closed_by, self.editor)
        self.assertEqual(mail.outbox[0].to, ["ola@example.org"])
        self.assertIn("It cost 50.", mail.outbox[0].body)
        self.assertIsNotNone(Remark.objects.get().resolved_at)
        entry = AuditEntry.objects.get(message="Closed with a correction.")
        self.assertEqual((entry.actor, entry.after["state"]), (self.editor, "corrected"))

    def test_scheduled_correction_closes_it_when_it_is_public(self):
        report = self.drafted(email="ola@example.org")
        self.correct(report, at=timezone.now() + timedelta(hours=2))
        self.assertEqual((report.state, mail.outbox), ("drafted", []))
        with self.captureOnCommitCallbacks(execute=True):
            self.assertEqual(error_reports.close_settled(timezone.now() + timedelta(hours=3)), 1)
        self.assertEqual(error_reports.close_settled(timezone.now() + timedelta(hours=3)), 0)
        self.assertEqual(len(mail.outbox), 1)

    def test_unscheduled_correction_leaves_it_open(self):
        report = self.drafted()
        self.correct(report, at=timezone.now() + timedelta(hours=2))
        unschedule(item=self.article)
        self.assertEqual(error_reports.close_settled(timezone.now() + timedelta(hours=3)), 0)

    def test_reports_that_were_not_chosen_stay_open(self):
        report, other = self.drafted(), self.drafted()
        self.correct(report)
        other.refresh_from_db()
        self.assertEqual(other.state, ReportState.DRAFTED)

    def test_tick_closes_reports(self):
        report = self.drafted()
        self.correct(report, at=timezone.now() + timedelta(seconds=-5))
        ErrorReport.objects.update(state="drafted", correction=None, closed_at=None)
        call_command("tick", stdout=StringIO())
        self.assertFalse(ErrorReport.objects.filter(closed_at=None).exists())

    def test_readers_who_want_to_are_named_once(self):
        reports = [self.report(name=name) for name in ("Ola", "", "Kari", "Ola", "Per")]
        self.assertEqual(error_reports.credit_for(reports, ""), "Reported by Ola, Kari and Per.")
        self.assertEqual(error_reports.credit_for(reports[:2], "de"), "Gemeldet von Ola.")
        self.assertEqual(error_reports.credit_for(reports[1:2], ""), "")


class RaceTests(TransactionTestCase):
    def setUp(self):
        self.article, self.editor = make_article(body=BODY), make_member("Editor")

    def test_one_of_two_editors_answers(self):
        report = make_error_report(self.article, email="ola@example.org")
        results = at_once(lambda: error_reports.answer_report(report=report, by=self.editor, text="No."), 2)
        self.assertEqual({type(result).__name__ for result in results}, {"HandlingError", "NoneType"})

    def test_one_remark_is_made(self):
        report = make_error_report(self.article)
        at_once(lambda: error_reports.draft_correction(report=report, by=self.editor), 2)
        self.assertEqual(Remark.objects.count(), 1)

    def test_form_sent_twice_at_once_makes_one_report(self):
        key = uuid4()
        results = at_once(lambda: make_error_report(self.article, key=key), 2)
        self.assertFalse([result for result in results if isinstance(result, Exception)])
        self.assertEqual(ErrorReport.objects.count(), 1)

    def test_reader_is_thanked_once(self):
        report = make_error_report(self.article, email="ola@example.org")
        error_reports.draft_correction(report=report, by=self.editor)
        make_version(self.article, body="<p>It cost 50.</p>", kind="minor", note="A slip.", by=self.editor)
        ErrorReport.objects.update(settled_from=2)
        self.assertEqual(sorted(at_once(lambda: error_reports.close_settled(timezone.now()), 2)), [0, 1])
        self.assertEqual(len(mail.outbox), 1)


class MedianTests(ErrorReportTestCase):
    def test_median_counts_answers_and_corrections_only(self):
        self.assertIsNone(ErrorReport.objects.median_time())
        now = timezone.now()
        for hours, state in [(2, "answered"), (4, "answered"), (50, "answered"), (1, "dismissed")]:
            self.report(created_at=now - timedelta(hours=hours)).close(state, by=self.editor, at=now)
        self.report()
        self.assertEqual(ErrorReport.objects.median_time(), (timedelta(hours=4), 3))
        self.report(created_at=now - timedelta(hours=8)).close("answered", by=self.editor, at=now)
        self.assertEqual(ErrorReport.objects.median_time(), (timedelta(hours=6), 4))
