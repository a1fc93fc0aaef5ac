"""A manuscript without findings, and a test case for checks that change one thing of it."""

from django.test import SimpleTestCase

from articles.checks import Check, ImageDetails, Manuscript
from articles.richtext.vocabulary import clean

TEXT = {
    "headline": "A headline",
    "standfirst": "A standfirst.",
    "body": "<p>Words.</p>",
    "section": {"uuid": "1", "name": "Climate"},
    "bylines": [{"uuid": "2", "name": "Ines Calloway"}],
    "required_level": 0,
    "lead": None,
    "lead_caption": "",
    "seo_title": "",
    "seo_description": "",
}
IMAGE = "11111111-2222-4333-8444-555555555555"
FIGURE = f'<figure data-image="{IMAGE}"><figcaption></figcaption></figure>'


def manuscript(*, images=None, link_targets=None, corrected=None, **text):
    text = TEXT | text
    text["body"] = clean(text["body"])
    return Manuscript(text, images or {}, link_targets or {}, corrected=corrected or {})


def image(**details):
    defaults = {"pk": 7, "name": "The docks", "alt": "Docks", "credit": "Photo: N. N."}
    return {IMAGE: ImageDetails(**defaults | details)}


class CheckTestCase(SimpleTestCase):
    """Tests `check`. Every check needs a test that it reports (`test_reports_…`) and one that it accepts."""

    check: type[Check]

    def messages(self, **text):
        return [finding.message for finding in self.findings(**text)]

    def locations(self, **text):
        return [str(finding.location) for finding in self.findings(**text)]

    def findings(self, **text):
        return list(self.check().run(manuscript(**text)))
