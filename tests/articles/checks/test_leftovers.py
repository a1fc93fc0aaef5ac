"""Figures and names that were corrected in one place only."""

from articles.checks.wording import MAX_PLACES, Leftover
from articles.corrections.detector import corrected_terms
from articles.corrections.wording import Wording
from tests.articles.checks.base import CheckTestCase


class LeftoverTests(CheckTestCase):
    check = Leftover

    def places(self, body, corrected, **fields):
        return self.locations(body=body, corrected=corrected, **fields)

    def test_reports_every_place_of_a_corrected_figure(self):
        body = (
            '<p>It cost 421,000.</p><p>The 412,000 were paid.<sup data-footnote="Of 412,000."></sup></p>'
            "<table><tbody><tr><td>412000</td><td>1412,000</td></tr></tbody></table>"
        )
        places = self.places(body, {"412000": "421,000"}, headline="A bill of 412,000")
        self.assertEqual(places, ["headline", "body.1.qThe 412,000 were paid.", "body.2.q412000", "body.1.n1"])

    def test_reports_a_corrected_name(self):
        message = "“Reil’s” became “Rail” and still stands in “Reil’s house”."
        self.assertEqual(self.messages(body="<p>Reil’s house.</p>", corrected={"Reil": "Rail"})[:1], [message])

    def test_reports_so_many_places(self):
        body = "<p>It cost 412,000.</p>" * 50
        self.assertEqual(len(self.places(body, {"412000": "421,000"})), MAX_PLACES)

    def test_accepts_other_figures_and_code(self):
        self.assertEqual(self.places("<p>It cost 41.</p><pre>412000</pre>", {"412000": "421,000"}), [])
        self.assertEqual(self.places("<p>It cost 412,000.</p>", {}), [])

    def test_terms_that_a_sentence_replaced(self):
        for old, new, expected in (
            ("It cost 412,000.", "It cost 421,000.", {"412000": "421,000"}),
            ("Ann Reil paid 40 in 1998.", "Ann Rail paid 50 in 1999.", {"Reil": "Rail", "40": "50", "1998": "1999"}),
            ("It took 4 days.", "It took 5 days.", {}),
            ("It cost 412,000.", "It cost nothing.", {}),
            ("Rents rose in May.", "Prices rose in May.", {}),
        ):
            with self.subTest(new):
                wordings = (Wording("Dam", "", (), (text,)) for text in (old, new))
                self.assertEqual(corrected_terms(*wordings), expected)
