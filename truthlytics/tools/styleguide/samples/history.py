"""Samples of the public history: lists and comparisons of versions, and the record of a month."""

from datetime import timedelta

from articles.presenters.comparison import compare
from articles.presenters.history import History, HistoryEntry, PublicVersion
from articles.presenters.homepage import MonthRecord
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content
from truthlytics.tools.styleguide.samples.article import body


def histories() -> list[Sample]:
    first, second = (
        PublicVersion(
            number,
            number,
            content.PUBLISHED + timedelta(days=number),
            note,
            "A court ordered it." if number == 1 else "",
            created_at=content.PUBLISHED + timedelta(days=400),
            kind="minor" if note else "correction",
            changed_facts="figure,name" if note else "",
        )
        for number, note in ((1, ""), (2, f"{content.STANDFIRST} {content.UNBROKEN_TEXT}"))
    )
    history = History("article", 0, "sample", "/", content.LONG_HEADLINE, "", "", (first, second))
    change = compare(_text("The queue moves."), _text("The queue stands still. It did not move."))
    entries = [
        HistoryEntry(
            second, "Tomasz Wieczorek", removed=False, change=change, url="/", verification_url="/", comparison_url="/"
        ),
        HistoryEntry(first, content.UNBROKEN_TEXT, removed=True, change=None, url="/", verification_url="/"),
    ]
    context = {"history": history, "outdated": first, "since_url": "/", "removed": True}
    return [
        Sample("Two versions, one without its text", "articles/history.html", context | {"entries": entries}),
        Sample("Above an old version", "articles/_version_banner.html", context),
    ]


def comparisons() -> list[Sample]:
    before, after = _text(body()), _text(body().replace("Text.", "New text.").replace("nested", "nestled"))
    sides = [PublicVersion(number, number, content.PUBLISHED, "") for number in (1, 2)]
    context = {"comparison": compare(before, after), "sides": sides}
    return [Sample("Every element of the body", "articles/_comparison.html", context)]


def _text(html: str) -> dict[str, object]:
    return {"headline": content.LONG_HEADLINE, "standfirst": html[:60], "body": html, "pictures": {}}


def month_records() -> list[Sample]:
    figures = {"A quiet month": (0, 0, 1), "A busy month": (12, 1234, 123_456)}
    return [
        Sample(title, "articles/_month_record.html", {"record": MonthRecord(content.PUBLISHED.date(), *counts)})
        for title, counts in figures.items()
    ]


def verifications() -> list[Sample]:
    return [
        Sample("Nothing was signed yet", "transparency/_state.html", {"state": None}),
        Sample("What the log proves", "transparency/_limits.html", {}),
        Sample("How to check it", "transparency/_outside.html", {"site_url": "https://example.org"}),
    ]


SAMPLES = {
    "comparison": comparisons,
    "history": histories,
    "record": month_records,
    "verification": verifications,
}
