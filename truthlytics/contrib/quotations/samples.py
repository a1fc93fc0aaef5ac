"""Samples of the answer for the style guide."""

from django.utils import timezone

from articles.presenters.history import History, PublicVersion
from truthlytics.contrib.quotations.checking import Answer, Match
from truthlytics.contrib.quotations.matching import Passage, find_similar
from truthlytics.web.types import TemplateContext

HEADLINE = "Grundstücksverkehrsgenehmigungszuständigkeitsübertragung: what a very long word does to the answer"


def answers() -> list[tuple[str, str, TemplateContext]]:
    first, last = (PublicVersion(number, number, timezone.now(), "") for number in (1, 2))
    history = History("article", 0, "sample", "/", HEADLINE, "", "", (first, last))
    quoted, text = (Passage.of(f"In the last quarter, {count} ships waited outside the harbour.") for count in (12, 14))
    similar = find_similar(quoted, [text])
    match = Match("similar", history, first, last, text, parts=similar.parts if similar else [])
    return [
        (title, "quotations/_answer.html", {"answer": answer, "match": answer.match, "sentence": title})
        for title, answer in (
            ("Similar, not the same.", Answer(match)),
            ("Not in the headlines, texts, captions and footnotes that are public.", Answer()),
        )
    ]
