"""The title of an issue does not repeat the headline that follows it."""

from django.test import TestCase
from django.utils import timezone
from lxml.html import document_fromstring

from tests.factories import make_article
from tests.html import page_of
from tests.truthlytics.newsletters.factories import make_issue, make_newsletter
from truthlytics.newsletters.models import Issue
from truthlytics.newsletters.rendering import render_variants


class TitleTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter(name="Weekly")
        cls.article = make_article(headline="Ports go electric")

    def digest(self, subject):
        return make_issue(
            self.newsletter, self.article, kind="digest", subject=subject, slug="2026-11-29", prepared_at=timezone.now()
        )

    def headings(self, page):
        return [
            " ".join(heading.text_content().split())
            for heading in page.xpath("//main//h1|//main//h3|//table//h1|//table//h2")
        ]

    def rendered(self, issue):
        [variant] = render_variants(issue, timezone.now())
        return variant

    def test_a_digest_named_after_its_first_article_has_the_name_of_the_newsletter(self):
        issue = self.digest("Ports go electric")
        variant = self.rendered(issue)
        self.assertEqual(self.headings(document_fromstring(variant.html)), ["Weekly", "Ports go electric"])
        self.assertEqual((variant.text.count("Ports go electric"), variant.text.count("Weekly")), (1, 2))
        page = self.client.get(issue.get_absolute_url())
        self.assertEqual(self.headings(page_of(page))[:2], ["Weekly", "Ports go electric"])

    def test_any_other_subject_is_the_title(self):
        issue = self.digest("What you need to know")
        variant = self.rendered(issue)
        expected = ["What you need to know", "Ports go electric"]
        self.assertEqual(self.headings(document_fromstring(variant.html)), expected)
        self.assertIn("\nWhat you need to know\n", variant.text)
        self.assertEqual(self.headings(page_of(self.client.get(issue.get_absolute_url())))[:2], expected)

    def test_a_letter_has_its_subject(self):
        letter = make_issue(self.newsletter, kind="letter", subject="Weekly", body="<p>Dear readers</p>")
        self.assertEqual(self.headings(document_fromstring(self.rendered(letter).html)), ["Weekly"])
        self.assertEqual(Issue(newsletter=self.newsletter, subject="").title_above(""), "")
