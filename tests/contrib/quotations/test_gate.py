"""No quotation makes the page or the API show gated text."""

from django.conf import settings
from django.test import tag

from tests.budget import takes_longer
from tests.truthlytics.test_gate import GateCase

# Quotations that begin in free text, or are made of the gated words beside the secret ones.
QUOTATIONS = ["A gated article. The free text. The heading.", "The free text. The heading and the sentence source",
              "the heading of a sentence, a note, a source"]  # fmt: skip


@tag("sqlite")  # None of them queries the database in a way of its own.
class QuotationGateTests(GateCase):
    def checks(self):
        for quotation in QUOTATIONS:
            yield f"check {quotation}", self.client.get("/check/", {"q": quotation})
            if "api" in settings.FEATURES:
                yield f"API: check {quotation}", self.client.get("/api/v1/quotations", {"q": quotation})

    @tag("all_features")
    @takes_longer("An article with every kind of text is made.")
    def test_no_quotation_shows_gated_text(self):
        for reader in ("anonymous", "lapsed"):
            self.assert_no_gated_text(reader, self.checks, least=3)
