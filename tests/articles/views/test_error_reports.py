"""Readers report errors without an account, and the page of corrections shows how many."""

import uuid
from datetime import timedelta

from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from articles.models import ErrorReport
from articles.services.publishing import withdraw
from tests.factories import make_article, make_draft, make_editor, make_error_report, make_version

BODY = "<p>It cost 25 crowns.</p><hr data-gate><p>The zylophantine clause is void.</p>"


class ReportTestCase(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(headline="The price", body=BODY, required_level=10)
        cls.url = reverse("articles:report_error", args=[cls.article.slug])
        cls.sent = reverse("articles:error_reported", args=[cls.article.slug])

    def setUp(self):
        cache.clear()

    def send(self, query="", **fields):
        return self.client.post(f"{self.url}{query}", {"text": "It cost 50.", "quote": "cost 25 crowns", **fields})


class ReportErrorTests(ReportTestCase):
    def test_article_links_to_the_form_for_the_version_that_is_read(self):
        self.assertContains(self.client.get(self.article.get_absolute_url()), f'href="{self.url}?version=1"')
        make_version(self.article, body="<p>It cost 50.</p>", kind="minor", note="A slip.", by=make_editor())
        self.assertContains(self.client.get(self.article.get_absolute_url()), f'href="{self.url}?version=2"')
        old = reverse("articles:article_version", args=[self.article.slug, 1])
        self.assertContains(self.client.get(old), f'href="{self.url}?version=1"')

    def test_report_is_kept_with_all_that_the_reader_wrote(self):
        response = self.send(source="The budget", email="ola@example.org", name=" Ola  Nordmann ")
        self.assertRedirects(response, self.sent)
        report = ErrorReport.objects.get()
        self.assertEqual((report.quote, report.text, report.source), ("cost 25 crowns", "It cost 50.", "The budget"))
        self.assertEqual((report.email, report.name, report.state), ("ola@example.org", "Ola Nordmann", "open"))

    def test_version_that_was_read_is_stored(self):
        make_version(self.article, body="<p>It cost 50.</p>", kind="minor", note="A slip.", by=make_editor())
        for value, number in [("1", 1), ("", 2), ("9", 2), ("²", 2), ("9" * 40, 2)]:
            with self.subTest(value):
                self.assertRedirects(self.send(f"?version={value}"), self.sent)
                self.assertEqual(ErrorReport.objects.latest("pk").version.number, number)

    def test_response_does_not_tell_whether_a_passage_is_behind_the_gate(self):
        responses = [self.send(quote=quote) for quote in ("The zylophantine clause", "The xylophone clause")]
        self.assertEqual(*((response.status_code, response.url) for response in responses))
        for url in (self.url, self.sent):
            self.assertNotContains(self.client.get(url), "zylophantine")

    def test_errors_keep_the_text(self):
        for fields, error in [
            ({"text": ""}, "Tell us what is wrong."),
            ({"email": "no address"}, "Enter a valid email address"),
            ({"text": "x" * 4001}, "Use at most 4000 characters; there are 4001 now."),
            ({"quote": "x" * 1001}, "Use at most 1000 characters; there are 1001 now."),
            ({"source": "x" * 1001}, "Use at most 1000 characters; there are 1001 now."),
            ({"name": "x" * 81}, "Use at most 80 characters; there are 81 now."),
        ]:
            page = self.send(**({"source": "Kept source"} | fields))
            self.assertContains(page, error, status_code=422)
            if "source" not in fields:
                self.assertContains(page, "Kept source", status_code=422)
        self.assertFalse(ErrorReport.objects.exists())

    def test_odd_input_is_cleaned_or_refused(self):
        self.assertRedirects(self.send(text="Wrong\x00.", name="O\x00la", before="\x00", key="no key"), self.sent)
        report = ErrorReport.objects.get()
        self.assertEqual((report.text, report.name), ("Wrong.", "Ola"))
        self.assertEqual(self.send(email="o\x00@example.org").status_code, 422)
        self.assertEqual(self.client.get(f"{self.url}?version=%00").status_code, 200)
        self.assertEqual(self.client.put(self.url).status_code, 405)

    def test_double_click_makes_one_report(self):
        key = uuid.uuid4()
        for _ in range(2):
            self.assertRedirects(self.send(key=key), self.sent)
        self.assertEqual(ErrorReport.objects.count(), 1)

    def test_programs_that_fill_in_every_field_are_ignored(self):
        self.assertRedirects(self.send(website="https://spam.example"), self.sent)
        self.assertFalse(ErrorReport.objects.exists())

    def test_reports_are_limited_per_address_and_the_text_is_kept(self):
        for _ in range(10):
            self.send()
        self.assertContains(self.send(text="One more."), "One more.", status_code=429)
        self.assertEqual(ErrorReport.objects.count(), 10)

    def test_withdrawn_article_is_gone_and_the_text_is_kept(self):
        withdraw(item=self.article)
        self.assertEqual(self.client.get(self.url).status_code, 410)
        self.assertContains(self.send(text="Kept text."), "Kept text.", status_code=410)

    def test_text_is_kept_when_the_browser_sends_no_cookies(self):
        client = Client(enforce_csrf_checks=True)
        response = client.post(self.url, {"text": "Kept text."})
        self.assertContains(response, "Kept text.", status_code=403)
        self.assertContains(response, "cookies may be turned off", status_code=403)
        self.assertFalse(ErrorReport.objects.exists())

    def test_drafts_have_no_form(self):
        draft = make_draft()
        self.assertEqual(self.client.get(reverse("articles:report_error", args=[draft.slug])).status_code, 404)

    def test_form_is_never_cached_or_indexed(self):
        response = self.client.get(self.url)
        self.assertEqual(response.headers["Cache-Control"], "private, no-store")
        self.assertContains(response, '<meta name="robots" content="noindex">')


class FiguresTests(ReportTestCase):
    def test_page_of_corrections_says_how_many_reports_came_and_how_soon_they_were_answered(self):
        now, url = timezone.now(), reverse("articles:corrections")
        self.assertContains(self.client.get(url), "Readers have reported no errors in the last twelve months.")
        report = make_error_report(self.article, created_at=now - timedelta(hours=5))
        make_error_report(self.article, created_at=now - timedelta(days=400))
        page = self.client.get(url)
        self.assertContains(page, "In the last twelve months, readers sent us 1 report of an error.")
        self.assertNotContains(page, "median")
        report.close("answered", by=None, at=now)
        self.assertContains(self.client.get(url), "an answer or a correction was 5 hours (1 settled report).")

    def test_long_times_are_in_days(self):
        now = timezone.now()
        make_error_report(self.article, created_at=now - timedelta(days=3)).close("answered", by=None, at=now)
        self.assertContains(self.client.get(reverse("articles:corrections")), "was 3 days (1 settled report).")
