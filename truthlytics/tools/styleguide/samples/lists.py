"""Samples of teasers, article lists, front page, author page, archive and search."""

from types import SimpleNamespace

from articles.homepage.placement import Homepage, SectionRow
from articles.models import Author, Version
from articles.presenters.archive import ArchiveMonth
from articles.presenters.directories import DirectoryItem
from articles.presenters.teasers import teaser
from articles.search.form import SearchForm
from articles.search.snippets import highlight
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content
from truthlytics.web.cursor_pagination import Page
from truthlytics.web.types import JsonObject

HERE = "admin/styles"


def versions() -> list[Version]:
    arabic = {"bylines": content.bylines(content.AUTHOR_NAMES[7])}
    return [
        content.version(
            content.LONG_HEADLINE,
            1,
            standfirst=content.STANDFIRST,
            head={"bylines": content.bylines(*content.AUTHOR_NAMES)},
        ),
        content.version(content.UNBROKEN_TEXT, 2, required_level=10),
        content.version(content.RTL_HEADLINE, 3, kind="opinion", standfirst="", head=arabic),
        content.version("Short", 40, standfirst=""),
    ]


def with_image(headline: str, number: int, **fields: object) -> Version:
    return content.version(headline, number, head={"lead": content.lead()}, **fields)


def teasers() -> list[Sample]:
    cases: dict[str, dict[str, object]] = {
        "Lead": {
            "version": with_image(content.LONG_HEADLINE, 1, standfirst=content.STANDFIRST),
            "size": "lead",
            "show_image": True,
        },
        "With an image": {"version": with_image("The queue is the price", 2), "show_image": True, "width": "narrow"},
        "Small, 200 characters without a space": {"version": content.version(content.UNBROKEN_TEXT), "size": "small"},
        "Eight authors, comments, gated": {"version": versions()[0], "counts": {-1: 1204}, "width": "narrow"},
        "Opinion, right to left": {"version": versions()[2], "size": "opinion", "width": "narrow"},
    }
    return [
        Sample(title, f"{HERE}/teasers.html", {"show_section": True, **context}) for title, context in cases.items()
    ]


def entries() -> list[Sample]:
    page = Page(versions(), "cursor")
    return [
        Sample("List entries", f"{HERE}/entries.html", {"versions": versions()}),
        Sample(
            "Grouped by month, with a link to older articles", f"{HERE}/list.html", {"page": page, "show_section": True}
        ),
        Sample("Empty list", f"{HERE}/list.html", {"page": Page([], "")}),
    ]


def front() -> list[Sample]:
    sections = [content.section(f"Section {number}", "One sentence about the section.") for number in range(3)]
    rows = [
        SectionRow(section, [with_image(f"{section.name}: {content.LONG_HEADLINE}", 9), *versions()[number:]])
        for number, section in enumerate(sections)
    ]
    rows += [
        SectionRow(content.section("One article"), [with_image("Short", 9)]),
        SectionRow(content.section("Two, without a picture"), versions()[:2]),
        SectionRow(content.section("Four, without a picture"), versions()),
    ]
    for number, row in enumerate(rows):
        row.section.slug = f"sample-{number}"
    full = Homepage(
        lead=with_image(content.LONG_HEADLINE, 11, standfirst=content.STANDFIRST),
        secondary=[with_image("A second article", 12), with_image(content.UNBROKEN_TEXT, 13)],
        latest=versions(),
        opinion=content.version(
            content.LONG_HEADLINE,
            14,
            kind="opinion",
            head={"bylines": content.bylines(content.AUTHOR_NAMES[0], portraits=True)},
        ),
        rows=rows,
    )
    return [
        Sample("Sections of one to five articles", "articles/front.html", {"front": full}),
        Sample("Before the first article", "articles/front.html", {"front": Homepage()}),
    ]


def related() -> list[Sample]:
    cards = [teaser(version, size="card", show_image=True, show_section=True) for version in versions()[:3]]
    return [Sample("Read next", "articles/_related.html", {"related": cards})]


def author_boxes() -> list[Sample]:
    names = content.bylines(content.AUTHOR_NAMES[0], content.AUTHOR_NAMES[6], content.AUTHOR_NAMES[7], portraits=True)
    authors = [byline | {"url": "/", "bio": content.STANDFIRST} for byline in names]
    return [Sample("Three authors", "articles/_author_box.html", {"authors": authors})]


def author() -> list[Sample]:
    profile = Author(
        name=content.AUTHOR_NAMES[6],
        slug="sample",
        role="Climate editor",
        bio=f"{content.STANDFIRST}\n\n{content.RTL_HEADLINE}.",
        expertise=f"Water, the law of what runs underneath, {content.UNBROKEN_TEXT[:70]}",
        links="https://example.org/@a-name\nhttps://social.example/a/rather/long/url/that/must/break/somewhere",
    )
    return [Sample("Without a portrait", "articles/author.html", {"author": profile, "page": Page(versions()[:2], "")})]


def archive() -> list[Sample]:
    months = [
        (ArchiveMonth(2026, number).first_day, ArchiveMonth(2026, number) if number % 3 else None)
        for number in range(1, 13)
    ]
    years = [SimpleNamespace(number=2026, months=months), SimpleNamespace(number=2025, months=months[:5])]
    month = {
        "name": "May 2026",
        "before": ArchiveMonth(2026, 4),
        "following": ArchiveMonth(2026, 6),
        "page": Page(versions()[:1], ""),
    }
    return [
        Sample("Two years", "articles/archive.html", {"years": years}),
        Sample("A month and its neighbours", "articles/month.html", month),
    ]


def directory() -> list[Sample]:
    items = [DirectoryItem(name, "#", content.STANDFIRST) for name in content.AUTHOR_NAMES[:5]]
    return [Sample("Authors", "articles/directory.html", {"title": "Authors", "items": items})]


def search() -> list[Sample]:
    def query(**typed: str) -> JsonObject:
        form = SearchForm(typed, sections=[content.section()])
        form.is_valid()
        return {"form": form, "query": {"sort": "", **typed}}

    text = highlight(f"Before a well is dug. {content.STANDFIRST}", frozenset(["well", "dug"]))
    hits = [SimpleNamespace(version=version, text=text) for version in versions()[:2]]
    context = query(q="wells dug")
    return [
        Sample("No query", "articles/search.html", {"form": SearchForm(None, sections=[])}),
        Sample(
            "Results",
            "articles/search.html",
            {**context, "hits": hits, "page": Page([], "cursor"), "single_page": False},
        ),
        Sample("No results", "articles/search.html", {**context, "page": Page([], ""), "suggestion": "well dug"}),
        Sample("Query too long", "articles/search.html", {"form": query(q="x" * 300)["form"]}),
    ]


def pages() -> list[Sample]:
    page: Page[object] = Page([], "cursor")
    sections = [content.section("Politics", content.STANDFIRST), content.section("A section without an introduction")]
    return [
        Sample(
            "Messages and pagination",
            f"{HERE}/messages.html",
            {
                "messages": [SampleMessage("Saved."), SampleMessage(content.STANDFIRST, "error")],
                "page": page,
                "masthead_sections": sections,
            },
        ),
        Sample("Page not found", "404.html", {"masthead_sections": sections}),
    ]


class SampleMessage(str):
    """A substitute for a message of django.contrib.messages."""

    level_tag = "info"

    def __new__(cls, text: str, level_tag: str = "info") -> "SampleMessage":
        message = super().__new__(cls, text)
        message.level_tag = level_tag
        return message


SAMPLES = {
    "teaser": teasers,
    "entries": entries,
    "front": front,
    "related": related,
    "author-box": author_boxes,
    "author-profile": author,
    "archive": archive,
    "directory": directory,
    "search": search,
    "pagination": pages,
}
