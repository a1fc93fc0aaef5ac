"""A sound text, and how a test changes one thing of it and looks what a check finds."""

from django.test import SimpleTestCase

from articles.checks import Check, Manuscript, Shown
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


PICTURE = "11111111-2222-4333-8444-555555555555"


FIGURE = f'<figure data-image="{PICTURE}"><figcaption></figcaption></figure>'


def manuscript(*, pictures=None, leads=None, **text):
    text = TEXT | text
    return Manuscript(text | {"body": clean(text["body"])}, pictures or {}, leads or {})


def shown(**facts):
    return {PICTURE: Shown(**{"pk": 7, "name": "The docks", "alt": "Docks", "credit": "Photo: N. N."} | facts)}


class CheckTestCase(SimpleTestCase):
    """`check` is the one that is tested."""

    check: type[Check]

    def sentences(self, **text):
        return [finding.sentence for finding in self.findings(**text)]

    def places(self, **text):
        return [str(finding.place) for finding in self.findings(**text)]

    def findings(self, **text):
        return list(self.check().look(manuscript(**text)))
