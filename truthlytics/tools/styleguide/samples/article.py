"""Samples of an article: header, every element of the body, and what follows the text."""

from datetime import timedelta

from django.utils.safestring import mark_safe

from articles.media.html import ResponsiveImage
from articles.models import Version
from articles.models.corrections import ChangeKind
from articles.models.version_log import VersionLog, VersionLogEntry
from articles.presenters.dossiers import ArticleLink, DossierTeaser, TimelineEntry, summary_of
from articles.presenters.related import SeriesPart
from articles.presenters.responsibility import responsibility
from articles.presenters.sources import shown_sources
from articles.richtext.rendering import RenderedBody, render
from articles.richtext.short_text import clean_short_text
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content
from truthlytics.web.types import JsonObject

HERE = "admin/styles"
NOTE = '<sup data-footnote="Register of the network operator, quarter {0}, table 7, read on 4 May 2026."></sup>'
IMAGE = "00000000-0000-4000-8000-000000000001"
COLUMNS, ROWS = 9, 14


def footnotes(count: int) -> str:
    return "".join(f"<p>Sentence {number} has a source.{NOTE.format(number)}</p>" for number in range(1, count + 1))


def table(rows: int = ROWS) -> str:
    head = "".join(f"<th>Quarter {number}</th>" for number in range(1, COLUMNS))
    row = "".join(f"<td>{number},234,567</td>" for number in range(1, COLUMNS))
    return f"<table><tr><th>Place</th>{head}</tr>" + f"<tr><th>Upper Marrow</th>{row}</tr>" * rows + "</table>"


def quote(by: str = "") -> str:
    return f"<aside class='pullquote' data-by='{by}'>Those who wait longest pay most.</aside>"


def callout() -> str:
    return (
        f"<aside class='callout'><p><strong>How we counted</strong></p><p>{content.STANDFIRST}</p>"
        f"<ul><li>Every berth, twice.</li><li>{content.UNBROKEN_TEXT[:120]}</li></ul></aside>"
    )


def image(size: str = "") -> str:
    return f"<figure data-image='{IMAGE}' data-size='{size}'><figcaption>A caption of its own.</figcaption></figure>"


def gallery(count: int) -> str:
    return f"<div data-gallery>{image() * count}</div>"


def embed(title: str = "", *, image: str = "", url: str = "https://www.youtube.com/watch?v=sample") -> str:
    return f"<div data-embed='{url}' data-title='{title}' data-image='{image}'></div>"


def embeds() -> list[Sample]:
    url_only = embed(url=f"https://example.org/{content.UNBROKEN_TEXT[:150]}")
    return text(
        With_a_title_and_an_image=embed(content.LONG_HEADLINE, image=IMAGE),
        With_a_title=embed("The harbour by night"),
        With_the_URL_only=url_only,
    )


def body() -> str:
    """Return a body with every element that the editor supports and twelve footnotes."""
    return (
        "<p>The first paragraph starts with a drop cap and <strong>has</strong> <em>everything</em>: "
        f"<a href='https://example.org/'>a link</a> and <code>code</code>, "
        "CO<sub>2</sub> in m<sup>3</sup>, <s>struck out</s>.</p>"
        f"<p>A word like {content.UNBROKEN_TEXT[:120]} must break.</p>"
        "<h2>A second-level heading that is long enough to wrap onto two lines on a phone</h2>"
        "<p>Text.</p><h3>A third-level heading</h3><p>Text.</p><h4>A fourth-level heading</h4>"
        "<ul><li>A list<ul><li>with a nested list<ol><li>with a numbered list</li></ol></li></ul></li>"
        "<li>A second item that is long enough to wrap onto a second line</li></ul>"
        "<blockquote><p>A block quotation.</p></blockquote>"
        f"{quote('Tomasz Wieczorek, politics editor')}{table(2)}"
        f"{embed('Film: the queue')}{callout()}"
        f"{image('aside')}<p>{content.STANDFIRST} {content.STANDFIRST}</p>{image('wide')}"
        "<pre><code>sum(place.price for place in queue if place.sold_twice)  # too long for a phone</code></pre>"
        f"<figure data-image='{IMAGE}'><figcaption>A caption of its own.</figcaption></figure><hr>{footnotes(12)}"
        f"<p dir='auto'>{content.RTL_HEADLINE}</p>"
    )


def rendered(body: str) -> RenderedBody:
    texts = {IMAGE: {"alt": "Shelves of files", "caption": "", "credit": "Drawing: T. Est"}}
    files = {IMAGE: ResponsiveImage.from_json(content.lead())}
    return render({"body": body, "required_level": 0, "pictures": texts}, files)


def text(**bodies: str) -> list[Sample]:
    """Return a sample per body, with the argument name as the title."""
    return [
        Sample(name.replace("_", " "), f"{HERE}/text.html", {"html": mark_safe(rendered(html).free_html)})  # noqa: S308
        for name, html in bodies.items()
    ]


def headers() -> list[Sample]:
    many_authors = {"bylines": content.bylines(*content.AUTHOR_NAMES, portraits=True)}
    cases = {
        "A long headline, eight authors, no image": content.version(
            content.LONG_HEADLINE, standfirst=content.STANDFIRST, head=many_authors
        ),
        "200 characters without a space": content.version(content.UNBROKEN_TEXT),
        "Right to left": content.version(
            content.RTL_HEADLINE,
            kind="opinion",
            standfirst="",
            head={"bylines": content.bylines("ليلى الحداد", portraits=True)},
        ),
    }
    return [
        Sample(title, f"{HERE}/head.html", {"version": version, "long_headline": len(version.headline) > 90})
        for title, version in cases.items()
    ]


def version_logs() -> list[Sample]:
    return _changes_in("articles/_version_log.html")


def changes() -> list[Sample]:
    return _changes_in("articles/_changes.html")[1:]


def _changes_in(template: str) -> list[Sample]:
    first = [VersionLogEntry(1, content.PUBLISHED, "")]
    kinds = ["", *ChangeKind.values]
    many = first + [
        VersionLogEntry(
            number,
            content.PUBLISHED + timedelta(days=number),
            f"We counted again. {content.STANDFIRST}",
            kinds[number % len(kinds)],
            content.PUBLISHED + timedelta(days=20) if number == 8 else None,
        )
        for number in range(2, 12)
    ]
    samples = []
    for title, entries in {"Unchanged": first, "Ten changes, one of them superseded": many}.items():
        version = content.version(published=content.PUBLISHED)
        version.number, version.changed_at = len(entries), entries[-1].public_from
        context = {"version": version, "article": version.article, "version_log": VersionLog(tuple(entries))}
        samples.append(Sample(title, template, context))
    return samples


def figures() -> list[Sample]:
    lead = content.lead()
    long = {**lead, "caption": content.STANDFIRST, "credit": "Photograph: Maximiliane von Hohenfels-Oberstaufenbach"}
    return [
        Sample(title, f"{HERE}/figure.html", {"lead": ResponsiveImage.from_json(image), "words": image})
        for title, image in {"A lead image": lead, "With a long caption": long}.items()
    ]


def endnotes() -> list[Sample]:
    return [Sample("Twelve footnotes", f"{HERE}/notes.html", {"html": mark_safe(rendered(footnotes(12)).free_notes)})]  # noqa: S308


def sources() -> list[Sample]:
    url = "https://example.org/a"
    shown: list[JsonObject] = [
        {"title": "Berths and queues 2025", "url": url, "publisher": "Port authority", "published_on": "2026-03",
         "kind": "data", "archived_url": url, "accessed_on": "2026-05-03"},
        {"title": content.STANDFIRST, "author": "A. B.", "kind": "interview", "archived_url": ""},
        {"title": content.UNBROKEN_TEXT, "url": url, "kind": "law", "archived_url": url, "is_gone": True},
        {"title": content.RTL_HEADLINE, "url": url, "kind": "other", "archived_url": "", "is_gone": True},
    ]  # fmt: skip
    entries = [{"is_gone": False, **source, "number": number} for number, source in enumerate(shown, start=1)]
    return [Sample("All kinds", "articles/_sources.html", {"sources": shown_sources(entries), "language": ""})]


def how_we_know() -> list[Sample]:
    names = ("why_written", "how_known", "not_known", "interests", "ai_use")
    full = dict.fromkeys(names, content.STANDFIRST) | {"interests": content.UNBROKEN_TEXT}
    one = {"not_known": content.RTL_HEADLINE}
    review = {"at": "2026-05-03T09:00:00Z", "checked": ["facts", "sources"], "role": "Editor", "reviewer": 482913}
    reviews = [
        review | {"name": content.AUTHOR_NAMES[0], "responsible": content.AUTHOR_NAMES[0], "of_this_text": True},
        review | {"name": "", "responsible": "Nordsund Media", "of_this_text": False},
    ]
    stated = responsibility({"ai_uses": ["translation", "pictures"], "reviews": reviews})
    return [
        Sample(title, "articles/_how_we_know.html", {"answers": answers, "language": "", "stated": said})
        for title, answers, said in [("Five answers, two reviews", full, stated), ("One answer", one, None)]
    ]


def ai_labels() -> list[Sample]:
    version = content.version(head={"ai_uses": ["translation", "parts", "pictures", "sound"]})
    return [Sample("Four labels", f"{HERE}/head.html", {"version": version, "long_headline": False})]


def topics() -> list[Sample]:
    names = ["Water", "The law of what runs underneath", content.UNBROKEN_TEXT[:80], "المياه"]
    version = content.version(head={"topics": [{"name": name, "slug": "sample"} for name in names]})
    return [Sample("Four topics", "articles/_topics.html", {"version": version})]


def series() -> list[Sample]:
    def part(number: int, headline: str) -> Version:
        head = {"series": {"name": "The long queue, its price and its people", "slug": "sample", "part": number}}
        return content.version(headline, number, head=head)

    middle = part(2, "In the middle")
    cases = {
        "Between two parts": SeriesPart(2, 3, part(1, content.LONG_HEADLINE), part(3, content.UNBROKEN_TEXT)),
        "The last part": SeriesPart(3, 3, part(2, "The part before"), None),
    }
    return [
        Sample(title, "articles/_series_nav.html", {"version": middle, "part": part}) for title, part in cases.items()
    ]


def timeline() -> list[TimelineEntry]:
    link = ArticleLink("", content.LONG_HEADLINE, "/articles/sample/")
    return [
        TimelineEntry("2007", "An usher writes an index, for the years until a national system arrives.", None, ""),
        TimelineEntry("2026-02", content.STANDFIRST, link, "https://www.example.org/a/page"),
        TimelineEntry("2026-04-09", "The power fails for four minutes.", link, ""),
    ]


def dossiers() -> list[Sample]:
    html = "<p>A court’s index, a hospital’s <a href='https://example.org/'>rota</a>:</p><ul><li>one evening</li>"
    summary = summary_of({"summary": clean_short_text(html)})
    before, after = (
        ArticleLink("", "The hospital that stopped buying software", "/"),
        ArticleLink("", content.UNBROKEN_TEXT, "/"),
    )
    story = DossierTeaser("Software that one person understands", "sample", summary, timeline(), before, after)
    changes = [
        {"number": number, "public_from": content.PUBLISHED + timedelta(days=number), "note": note}
        for number, note in ((3, content.STANDFIRST), (2, ""), (1, ""))
    ]
    page = {
        "title": "Software that one person understands",
        "head": {"ai_uses": ["draft"]},
        "summary": summary,
        "entries": timeline(),
        "changes": changes,
        "pieces": [
            content.version(content.LONG_HEADLINE, 1, standfirst=content.STANDFIRST),
            content.version(number=2, required_level=10),
        ],
    }
    return [
        Sample("Dossier page", "articles/dossier.html", page),
        Sample("Below an article", "articles/_dossier_teaser.html", {"dossier": story}),
    ]


def page_histories() -> list[Sample]:
    changes = [
        {"number": number, "public_from": content.PUBLISHED + timedelta(days=number), "note": note}
        for number, note in ((3, content.STANDFIRST), (2, content.UNBROKEN_TEXT), (1, ""))
    ]
    return [
        Sample("Changed twice", "articles/_page_history.html", {"changes": changes}),
        Sample("Unchanged", "articles/_page_history.html", {"changes": changes[-1:]}),
    ]


def recordings() -> list[Sample]:
    version = content.version(required_level=10, head={"audio": {"seconds": 5025, "format": "mp3"}})
    context = {"version": version, "article": version.article}
    return [
        Sample("With full access", "articles/_audio_player.html", {**context, "full_access": True}),
        Sample("Without access", "articles/_audio_player.html", {**context, "full_access": False}),
    ]


SAMPLES = {
    "audio-player": recordings,
    "article": headers,
    "version-log": version_logs,
    "corrections": version_logs,
    "changes": changes,
    "prose": lambda: text(All_elements=body()),
    "sidenote": lambda: text(In_the_margin_on_wide_screens=f"<p>{content.STANDFIRST}</p>{footnotes(3)}"),
    "table": lambda: text(A_wide_table_scrolls=table()),
    "pullquote": lambda: text(With_a_name=quote("Tomasz Wieczorek, politics editor"), Without_a_name=quote()),
    "figure": figures,
    "gallery": lambda: text(**{f"{count}_images": gallery(count) for count in (2, 3, 4, 5, 6)}),
    "embed": embeds,
    "callout": lambda: text(In_the_text=f"<p>{content.STANDFIRST}</p>{callout()}<p>Text after it.</p>"),
    "endnotes": endnotes,
    "sources": sources,
    "ai-label": ai_labels,
    "how-we-know": how_we_know,
    "topics": topics,
    "series": series,
    "dossier": dossiers,
    "page-history": page_histories,
}
