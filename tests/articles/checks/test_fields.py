"""Checks of an article's fields."""

from dataclasses import replace

from articles.checks.fields import (
    Contradiction,
    LongHeadline,
    MissingAuthor,
    MissingHeadline,
    MissingSection,
    MissingStandfirst,
    MissingText,
    OpenRemarks,
    TemplateText,
)
from tests.articles.checks.base import FIGURE, CheckTestCase, manuscript


class MissingHeadlineTests(CheckTestCase):
    check = MissingHeadline

    def test_reports_blank_headline(self):
        self.assertEqual(self.locations(headline=" \n "), ["headline"])

    def test_accepts_value(self):
        self.assertEqual(self.locations(), [])


class LongHeadlineTests(CheckTestCase):
    check = LongHeadline

    def test_reports_more_than_70_characters(self):
        self.assertEqual(
            self.messages(headline="x" * 71),
            ["The headline has 71 characters. Search engines and phones truncate it after 70."],
        )

    def test_accepts_70_characters_and_collapsed_spaces(self):
        self.assertEqual(self.locations(headline="é" * 70), [])
        self.assertEqual(self.locations(headline="a" + " " * 80 + "b"), [])


class MissingStandfirstTests(CheckTestCase):
    check = MissingStandfirst

    def test_reports_missing_value(self):
        self.assertEqual(self.locations(standfirst=" "), ["standfirst"])

    def test_accepts_value(self):
        self.assertEqual(self.locations(), [])


class MissingSectionTests(CheckTestCase):
    check = MissingSection

    def test_reports_missing_value(self):
        self.assertEqual(self.locations(section=None), ["section"])

    def test_accepts_value(self):
        self.assertEqual(self.locations(), [])


class MissingAuthorTests(CheckTestCase):
    check = MissingAuthor

    def test_reports_missing_value(self):
        self.assertEqual(self.locations(bylines=[]), ["bylines"])

    def test_accepts_value(self):
        self.assertEqual(self.locations(), [])


class MissingTextTests(CheckTestCase):
    check = MissingText

    def test_reports_body_without_words(self):
        for body in ("", "<p> </p>", "<hr>", FIGURE, '<p><sup data-footnote="A note."></sup></p>'):
            with self.subTest(body):
                self.assertEqual(self.locations(body=body), ["body"])

    def test_accepts_a_word_anywhere(self):
        self.assertEqual(self.locations(body="<table><tbody><tr><td>One</td></tr></tbody></table>"), [])


class OpenRemarksTests(CheckTestCase):
    check = OpenRemarks

    def of(self, count):
        found = OpenRemarks().run(replace(manuscript(), open_remarks=count))
        return [(finding.message, str(finding.location)) for finding in found]

    def test_reports_how_many_are_open(self):
        self.assertEqual(self.of(1), [("1 remark is still open.", "remarks")])
        self.assertEqual(self.of(2), [("2 remarks are still open.", "remarks")])

    def test_accepts_none(self):
        self.assertEqual(self.of(0), [])


class ContradictionTests(CheckTestCase):
    check = Contradiction

    def of(self, body):
        return list(self.check().run(replace(manuscript(body=body), contradictions=["You can read until May."])))

    def test_reports_a_sentence_that_settings_no_longer_say(self):
        [finding] = self.of("<p>First.</p><p>You can read until May. Then not.</p>")
        self.assertTrue(finding.blocking)
        self.assertIn("“You can read until May.”", finding.message)
        self.assertEqual(str(finding.location), "body.1.qYou can read until May.")

    def test_accepts_terms_that_follow_settings(self):
        self.assertEqual(list(self.check().run(manuscript(body="<p>You can read until May.</p>"))), [])


class TemplateTextTests(CheckTestCase):
    check = TemplateText

    def of(self, body):
        return list(self.check().run(replace(manuscript(body=body), placeholders=["[Name the host.]", "[Say when.]"])))

    def test_reports_what_the_publisher_has_to_replace(self):
        [finding] = self.of("<p>First.</p><p>Our host: [Name the host.]</p>")
        self.assertTrue(finding.blocking)
        self.assertIn("“[Name the host.]”", finding.message)
        self.assertEqual(str(finding.location), "body.1.q[Name the host.]")

    def test_accepts_other_brackets(self):
        self.assertEqual(self.of("<p>He said [in French] no.</p>"), [])
