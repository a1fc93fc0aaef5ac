"""Checks of footnotes."""

from articles.checks.structure import EmptyFootnote, PastedCitation
from tests.articles.checks.base import CheckTestCase


class EmptyFootnoteTests(CheckTestCase):
    check = EmptyFootnote

    def test_reports_footnotes_without_words(self):
        marks = [f'<sup data-footnote="{note}"></sup>' for note in ("Source.", "…", "_ ?")]
        body = "<p>A{} b{}</p><p>c{}</p>".format(*marks)
        self.assertEqual(self.locations(body=body), ["body.0.n2", "body.1.n3"])
        self.assertEqual(self.messages(body=body)[0], "Footnote 2 is empty.")

    def test_accepts_footnotes_in_any_script(self):
        body = "".join(f'<p>x<sup data-footnote="{note}"></sup></p>' for note in ("S. 3", "出典", "مصدر", "7"))
        body += "<p>m<sup>2</sup> and x<sup>?</sup></p>"
        self.assertEqual(self.locations(body=body), [])


class PastedCitationTests(CheckTestCase):
    check = PastedCitation

    def test_reports_pasted_citations(self):
        self.assertEqual(self.locations(body="<p>It was so. [3] Then</p>"), ["body.0.q[3]"])
        self.assertEqual(self.locations(body="<p>It was [Citation needed]</p>"), ["body.0.q[Citation needed]"])

    def test_accepts_other_brackets(self):
        self.assertEqual(self.locations(body="<p>a[3], [sic], [2024], [12a] and <code>x [3]</code></p>"), [])
