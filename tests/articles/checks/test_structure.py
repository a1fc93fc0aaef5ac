"""Checks of the structure of a text."""

from articles.checks.structure import EmptyBlock, MisplacedPaywall, SkippedHeadingLevel
from tests.articles.checks.base import FIGURE, CheckTestCase


class SkippedHeadingLevelTests(CheckTestCase):
    check = SkippedHeadingLevel

    def test_reports_skipped_level(self):
        self.assertEqual(self.locations(body="<h3>Small</h3><p>w</p>"), ["body.0.qSmall"])
        self.assertEqual(self.locations(body="<h2>A</h2><p>w</p><h4>B</h4><h2>C</h2><h3>D</h3>"), ["body.2.qB"])
        self.assertIn("is a small heading, but the level above it is missing", self.messages(body="<h3>S</h3>")[0])

    def test_accepts_one_level_down_and_any_level_up(self):
        self.assertEqual(self.locations(body="<h2>A</h2><h3>B</h3><h4>C</h4><h2>D</h2><h3>E</h3>"), [])


class EmptyBlockTests(CheckTestCase):
    check = EmptyBlock

    def test_reports_empty_headings_list_items_and_quotations(self):
        for block in (
            "<h2> </h2>",
            "<ul><li>One</li><li></li></ul>",
            "<blockquote><p></p></blockquote>",
            "<aside> </aside>",
        ):
            with self.subTest(block):
                self.assertEqual(self.locations(body=f"<p>Words.</p>{block}"), ["body.1"])

    def test_accepts_empty_table_cells_captions_and_trailing_paragraphs(self):
        body = (
            f"<p></p>{FIGURE}<table><tbody><tr><td></td></tr></tbody></table><hr><ul><li>a<ul><li>b</li></ul></li></ul>"
        )
        self.assertEqual(self.locations(body=body), [])
        self.assertEqual(self.locations(body='<ul><li><sup data-footnote="x"></sup></li></ul>'), [])


class MisplacedPaywallTests(CheckTestCase):
    check = MisplacedPaywall

    def test_reports_marker_without_effect(self):
        self.assertIn("is ignored", self.messages(body="<p>a</p><hr data-gate><p>b</p>")[0])
        self.assertIn("nothing is free", self.messages(body="<hr data-gate><p>b</p>", required_level=10)[0])
        self.assertIn("all of it is free", self.messages(body="<p>a</p><hr data-gate>", required_level=10)[0])

    def test_accepts_gated_text_with_or_without_marker(self):
        self.assertEqual(self.locations(body="<p>a</p><hr data-gate><p>b</p>", required_level=10), [])
        self.assertEqual(self.locations(body="<p>a</p><hr><p>b</p>", required_level=10), [])
