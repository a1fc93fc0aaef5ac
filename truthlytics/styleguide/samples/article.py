"""A piece: its head, its text with everything that the editor offers, and what stands after it."""

from datetime import timedelta
from typing import Any

from django.utils.safestring import mark_safe

from articles.media.html import Picture
from articles.models.version_log import VersionLog, VersionLogEntry
from articles.presenters.dossiers import Dated, Link, Story, summary_of
from articles.presenters.related import Part
from articles.richtext.rendering import render
from articles.richtext.short_text import shorten
from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import hard

HERE = "admin/styles"
NOTE = '<sup data-footnote="Register of the network operator, quarter {0}, table 7, read on 4 May 2026."></sup>'
PICTURE = "00000000-0000-4000-8000-000000000001"
COLUMNS, ROWS = 9, 14


def notes_in(count: int) -> str:
    return "".join(f"<p>Sentence {number} has a source.{NOTE.format(number)}</p>" for number in range(1, count + 1))


def table(rows: int = ROWS) -> str:
    head = "".join(f"<th>Quarter {number}</th>" for number in range(1, COLUMNS))
    row = "".join(f"<td>{number},234,567</td>" for number in range(1, COLUMNS))
    return f"<table><tr><th>Place</th>{head}</tr>" + f"<tr><th>Upper Marrow</th>{row}</tr>" * rows + "</table>"


def quote(by: str = "") -> str:
    return f"<aside class='pullquote' data-by='{by}'>Whoever waits longest pays most, and nobody counts them.</aside>"


def elsewhere(said: str = "", *, picture: str = "", to: str = "https://www.youtube.com/watch?v=sample") -> str:
    return f"<div data-embed='{to}' data-title='{said}' data-image='{picture}'></div>"


def embeds() -> list[Sample]:
    long = elsewhere(to=f"https://example.org/{hard.UNBROKEN[:150]}")
    return text(
        With_a_title_and_a_picture=elsewhere(hard.LONG, picture=PICTURE),
        With_a_title=elsewhere("The harbour by night"),
        With_its_address_alone=long,
    )


def body() -> str:
    """Every word of the editor's vocabulary, with twelve notes."""
    return (
        "<p>The first paragraph begins with a large letter and <strong>has</strong> <em>everything</em>: "
        f"<a href='https://example.org/'>a link</a> and <code>code</code>, "
        "CO<sub>2</sub> in m<sup>3</sup>, <s>struck out</s>.</p>"
        f"<p>A word such as {hard.UNBROKEN[:120]} must break.</p>"
        "<h2>A heading of the second rank that is long enough to run over two lines on a telephone</h2>"
        "<p>Text.</p><h3>A heading of the third rank</h3><p>Text.</p><h4>And of the fourth</h4>"
        "<ul><li>A list<ul><li>in a list<ol><li>in which one counts</li><li>to two</li></ol></li></ul></li>"
        "<li>and its second point, which is long enough to need a second line in the measure of the page</li></ul>"
        "<blockquote><p>A quotation in a paragraph of its own.</p></blockquote>"
        f"{quote('Tomasz Wieczorek, politics editor')}{table(2)}"
        f"{elsewhere('Film: the queue')}"
        "<pre><code>sum(place.price for place in queue if place.sold_twice)  # too long for a telephone</code></pre>"
        f"<figure data-image='{PICTURE}'><figcaption>A caption of its own.</figcaption></figure><hr>{notes_in(12)}"
        f"<p dir='auto'>{hard.RIGHT_TO_LEFT}</p>"
    )


def rendered(body: str) -> Any:
    words = {PICTURE: {"alt": "Shelves of files", "caption": "", "credit": "Drawing: T. Est"}}
    files = {PICTURE: Picture.from_json(hard.lead())}
    return render({"body": body, "required_level": 0, "pictures": words}, files)


def text(**bodies: str) -> list[Sample]:
    """Each body as it stands on a page, called as its name says."""
    return [
        Sample(name.replace("_", " "), f"{HERE}/text.html", {"html": mark_safe(rendered(html).free_html)})  # noqa: S308
        for name, html in bodies.items()
    ]


def heads() -> list[Sample]:
    eight = {"bylines": hard.bylines(*hard.EIGHT, faces=True)}
    cases = {
        "A long headline, eight authors, no picture": hard.version(hard.LONG, standfirst=hard.STANDFIRST, head=eight),
        "200 characters without a space": hard.version(hard.UNBROKEN),
        "From right to left": hard.version(
            hard.RIGHT_TO_LEFT, kind="opinion", standfirst="", head={"bylines": hard.bylines("ليلى الحداد", faces=True)}
        ),
    }
    return [
        Sample(title, f"{HERE}/head.html", {"version": version, "long_headline": len(version.headline) > 90})
        for title, version in cases.items()
    ]


def records() -> list[Sample]:
    changes = [VersionLogEntry(1, hard.PUBLISHED, "")]
    many = changes + [
        VersionLogEntry(number, hard.PUBLISHED + timedelta(days=number), f"We counted again. {hard.STANDFIRST}")
        for number in range(2, 9)
    ]  # fmt: skip
    found = []
    for title, seen in {"Unchanged": changes, "Seven changes": many}.items():
        version = hard.version(published=hard.PUBLISHED)
        version.number = len(seen)
        context = {"version": version, "article": version.article, "record": VersionLog(tuple(seen))}
        found.append(Sample(title, "articles/_version_log.html", context))
    return found


def figures() -> list[Sample]:
    lead = hard.lead()
    long = {**lead, "caption": hard.STANDFIRST, "credit": "Photograph: Maximiliane von Hohenfels-Oberstaufenbach"}
    return [
        Sample(title, f"{HERE}/figure.html", {"lead": Picture.from_json(one), "words": one})
        for title, one in {"A lead picture": lead, "With a long caption": long}.items()
    ]


def notes() -> list[Sample]:
    return [Sample("Twelve notes", f"{HERE}/notes.html", {"html": mark_safe(rendered(notes_in(12)).free_notes)})]  # noqa: S308


def topics() -> list[Sample]:
    names = ["Water", "The law of what runs underneath", hard.UNBROKEN[:80], "المياه"]
    version = hard.version(head={"topics": [{"name": name, "slug": "sample"} for name in names]})
    return [Sample("Four topics", "articles/_topics.html", {"version": version})]


def series() -> list[Sample]:
    def part(number: int, headline: str) -> Any:
        named = {"series": {"name": "The long queue, its price and its people", "slug": "sample", "part": number}}
        return hard.version(headline, number, head=named)

    middle = part(2, "In the middle")
    cases = {
        "With a part on both sides": Part(2, 3, part(1, hard.LONG), part(3, hard.UNBROKEN)),
        "The last part": Part(3, 3, part(2, "The part before"), None),
    }
    return [Sample(title, "articles/_series_nav.html", {"version": middle, "part": one}) for title, one in cases.items()]


def entries() -> list[Dated]:
    link = Link("", hard.LONG, "/articles/sample/")
    return [
        Dated("2007", "An usher writes an index, for the years until a national system arrives.", None, ""),
        Dated("2026-02", hard.STANDFIRST, link, "https://www.example.org/a/page"),
        Dated("2026-04-09", "The power fails for four minutes.", link, ""),
    ]


def dossiers() -> list[Sample]:
    words = (
        "<p>A court’s index, a hospital’s <a href='https://example.org/'>rota</a>:</p><ul><li>made in an evening</li>"
    )
    summary = summary_of({"summary": shorten(words)})
    before, after = Link("", "The hospital that stopped buying software", "/"), Link("", hard.UNBROKEN, "/")
    story = Story("Software that one person understands", "sample", summary, entries(), before, after)
    changes = [
        {"number": number, "public_from": hard.PUBLISHED + timedelta(days=number), "note": note}
        for number, note in ((3, hard.STANDFIRST), (2, ""), (1, ""))
    ]
    page = {
        "title": "Software that one person understands", "summary": summary, "entries": entries(), "changes": changes,
        "pieces": [hard.version(hard.LONG, 1, standfirst=hard.STANDFIRST), hard.version(number=2, required_level=10)],
    }  # fmt: skip
    return [
        Sample("A page of its own", "articles/dossier.html", page),
        Sample("Under a piece", "articles/_dossier_teaser.html", {"story": story}),
    ]


def page_records() -> list[Sample]:
    changes = [
        {"number": number, "public_from": hard.PUBLISHED + timedelta(days=number), "note": note}
        for number, note in ((3, hard.STANDFIRST), (2, hard.UNBROKEN), (1, ""))
    ]
    return [
        Sample("Changed since", "articles/_page_history.html", {"changes": changes}),
        Sample("As it was", "articles/_page_history.html", {"changes": changes[-1:]}),
    ]


def recordings() -> list[Sample]:
    version = hard.version(required_level=10, head={"audio": {"seconds": 5025, "format": "mp3"}})
    context = {"version": version, "article": version.article}
    return [
        Sample("For who may read all of it", "articles/_audio_player.html", {**context, "whole": True}),
        Sample("For who may not", "articles/_audio_player.html", {**context, "whole": False}),
    ]


MAKERS = {
    "audio-player": recordings,
    "article": heads,
    "version-log": records,
    "changes": records,
    "prose": lambda: text(Everything_that_the_editor_offers=body()),
    "sidenote": lambda: text(In_the_margin_where_there_is_one=f"<p>{hard.STANDFIRST}</p>{notes_in(3)}"),
    "table": lambda: text(A_long_and_wide_one_scrolls_in_itself=table()),
    "pullquote": lambda: text(With_a_name=quote("Tomasz Wieczorek, politics editor"), Without=quote()),
    "figure": figures,
    "embed": embeds,
    "endnotes": notes,
    "topics": topics,
    "series": series,
    "dossier": dossiers,
    "page-history": page_records,
}
