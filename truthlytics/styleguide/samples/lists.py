"""What others see of pieces: teasers, dated lists, the front page, authors, the archive, search."""

from types import SimpleNamespace
from typing import Any

from articles.homepage.placement import Front, Row
from articles.models import Author
from articles.presenters.archive import Month
from articles.search.form import SearchForm
from articles.search.snippets import marked
from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import hard
from truthlytics.web.cursor_pagination import Page

HERE = "admin/styles"


def versions() -> list[Any]:
    arabic = {"bylines": hard.bylines(hard.EIGHT[7])}
    return [
        hard.version(hard.LONG, 1, standfirst=hard.STANDFIRST, head={"bylines": hard.bylines(*hard.EIGHT)}),
        hard.version(hard.UNBROKEN, 2, required_level=10),
        hard.version(hard.RIGHT_TO_LEFT, 3, kind="opinion", standfirst="", head=arabic),
        hard.version("Short", 40, standfirst=""),
    ]  # fmt: skip


def pictured(headline: str, number: int, **fields: Any) -> Any:
    return hard.version(headline, number, head={"lead": hard.lead()}, **fields)


def teasers() -> list[Sample]:
    cases: dict[str, dict[str, Any]] = {
        "Lead": {"version": pictured(hard.LONG, 1, standfirst=hard.STANDFIRST), "size": "lead", "show_image": True},
        "With a picture": {"version": pictured("The queue is the price", 2), "show_image": True, "width": "narrow"},
        "Small, 200 characters without a space": {"version": hard.version(hard.UNBROKEN), "size": "small"},
        "Eight authors, comments, gated": {"version": versions()[0], "counts": {-1: 1204}, "width": "narrow"},
        "Opinion, from right to left": {"version": versions()[2], "size": "opinion", "width": "narrow"},
    }
    return [Sample(title, f"{HERE}/teasers.html", {"show_section": True, **one}) for title, one in cases.items()]


def entries() -> list[Sample]:
    page = Page(versions(), "cursor")
    return [
        Sample("Dated lines", f"{HERE}/entries.html", {"versions": versions()}),
        Sample("By month, with the way to older ones", f"{HERE}/list.html", {"page": page, "show_section": True}),
        Sample("Nothing in it", f"{HERE}/list.html", {"page": Page([], "")}),
    ]


def front() -> list[Sample]:
    sections = [hard.section(f"Section {number}", "What it is about, in a sentence.") for number in range(3)]
    rows = [
        Row(section, [pictured(f"{section.name}: {hard.LONG}", 9), *versions()[number:]])
        for number, section in enumerate(sections)
    ]
    for number, section in enumerate(sections):
        section.slug = f"sample-{number}"
    full = Front(
        lead=pictured(hard.LONG, 11, standfirst=hard.STANDFIRST),
        seconds=[pictured("A second piece", 12), pictured(hard.UNBROKEN, 13)],
        latest=versions(),
        voice=hard.version(hard.LONG, 14, kind="opinion", head={"bylines": hard.bylines(hard.EIGHT[0], faces=True)}),
        rows=rows,
    )  # fmt: skip
    return [
        Sample("Three arrangements of rows", "articles/front.html", {"front": full}),
        Sample("On the first day", "articles/front.html", {"front": Front()}),
    ]


def related() -> list[Sample]:
    return [Sample("Read next", "articles/_related.html", {"related": versions()[:3]})]


def person() -> list[Sample]:
    author = Author(
        name=hard.EIGHT[6], slug="sample", role="Climate editor", bio=f"{hard.STANDFIRST}\n\n{hard.RIGHT_TO_LEFT}.",
        expertise=f"Water, the law of what runs underneath, {hard.UNBROKEN[:70]}",
        links="https://example.org/@a-name\nhttps://social.example/a/rather/long/address/that/must/break/somewhere",
    )  # fmt: skip
    return [Sample("Without a portrait", "articles/author.html", {"author": author, "page": Page(versions()[:2], "")})]


def archive() -> list[Sample]:
    months = [(Month(2026, number).first, Month(2026, number) if number % 3 else None) for number in range(1, 13)]
    years = [SimpleNamespace(number=2026, months=months), SimpleNamespace(number=2025, months=months[:5])]
    month = {
        "name": "May 2026",
        "before": Month(2026, 4),
        "following": Month(2026, 6),
        "page": Page(versions()[:1], ""),
    }
    return [
        Sample("Two years", "articles/archive.html", {"years": years}),
        Sample("A month and its neighbours", "articles/month.html", month),
    ]


def search() -> list[Sample]:
    def asked(**typed: str) -> dict[str, Any]:
        form = SearchForm(typed, sections=[hard.section()])
        form.is_valid()
        return {"form": form, "asked": {"sort": "", **typed}}

    text = marked(f"Before a well is dug. {hard.STANDFIRST}", frozenset(["well", "dug"]))
    hits = [SimpleNamespace(version=version, text=text) for version in versions()[:2]]
    words = asked(q="wells dug")
    return [
        Sample("Nothing asked yet", "articles/search.html", {"form": SearchForm(None, sections=[])}),
        Sample("Found", "articles/search.html", {**words, "hits": hits, "page": Page([], "cursor"), "alone": False}),
        Sample("Nothing found", "articles/search.html", {**words, "page": Page([], ""), "suggestion": "well dug"}),
        Sample("Too much asked", "articles/search.html", {"form": asked(q="x" * 300)["form"]}),
    ]


def pages() -> list[Sample]:
    page: Page[Any] = Page([], "cursor")
    sections = [hard.section("Politics", hard.STANDFIRST), hard.section("A section without a sentence")]
    return [
        Sample("What was just done, and the way on", f"{HERE}/messages.html", {
            "messages": [Said("Saved."), Said(hard.STANDFIRST, "error")], "page": page, "masthead_sections": sections,
        }),
        Sample("No page at this address", "404.html", {"masthead_sections": sections}),
    ]  # fmt: skip


class Said(str):
    """A message, as the messages of a request are."""

    level_tag = "info"

    def __new__(cls, text: str, level_tag: str = "info") -> "Said":
        said = super().__new__(cls, text)
        said.level_tag = level_tag
        return said


MAKERS = {
    "teaser": teasers,
    "entries": entries,
    "front": front,
    "related": related,
    "author-profile": person,
    "archive": archive,
    "search": search,
    "pagination": pages,
}
