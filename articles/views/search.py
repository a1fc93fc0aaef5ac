"""The search page."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from http import HTTPStatus

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.html import format_html, format_html_join, strip_tags
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from articles import search as search_index
from articles.access import Access, ReaderRequest, decide
from articles.models import Section, Version
from articles.search.form import SearchForm
from articles.search.snippets import highlight, snippet
from truthlytics.web.pages import good_until, public_page
from truthlytics.web.types import Content, TemplateContext

MAX_AUTHORS = 8
# Publishing purges cached results at once. Few visitors repeat a query, so they are not kept for long.
CACHED_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class SearchHit:
    version: Version
    text: SafeString

    @property
    def plain_text(self) -> str:
        return unescape(strip_tags(self.text))


@public_page(tags=["listing", "sections"])
@require_safe
def search(request: ReaderRequest) -> HttpResponse:
    sections = list(Section.objects.in_masthead())
    form = SearchForm(request.GET, sections=sections)
    in_menu = [section for section in sections if section.in_menu]
    context: TemplateContext = {"form": form, "masthead_sections": in_menu, "current_section": "search"}
    if not form.is_valid():
        return render(request, "articles/search.html", context, status=HTTPStatus.BAD_REQUEST)
    if form.cleaned_data["q"]:
        try:
            context |= results_context(request, form.cleaned_data)
        except search_index.SearchTimeout:
            context["timed_out"] = True
            return render(request, "articles/search.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return good_until(render(request, "articles/search.html", context), timezone.now() + CACHED_FOR)


def results_context(request: ReaderRequest, query: Content) -> TemplateContext:
    """Return the template context of the results of `query`, the form's cleaned data.

    Raises Http404 and SearchTimeout, as `find` does.
    """
    now, level, text = timezone.now(), request.access.level, query["q"]
    filters = search_index.SearchFilters(query["section"], query["author"], query["kind"], query["year"])
    after, best = request.GET.get("after", ""), query["sort"] != "newest"
    results = search_index.find(text, level=level, filters=filters, best=best, after=after, now=now)
    hits = search_hits(results, request.access)
    authors = {
        byline["slug"]: byline["name"] for hit in hits for byline in hit.version.head["bylines"] if byline["slug"]
    }
    return {
        "query": query,
        "page": results,
        "hits": hits,
        "single_page": not after and not results.after,
        "authors": [] if filters.author else list(authors.items())[:MAX_AUTHORS],
        "author_name": authors.get(filters.author, filters.author),
        "suggestion": "" if hits or after else search_index.suggest(text, results.unknown, now=now),
    }


def search_hits(results: search_index.SearchResults, access: Access) -> list[SearchHit]:
    """Return the hits in order, each with a snippet of the text that a reader with `access` may read."""
    if not results.versions:
        return []
    versions = Version.objects.listed(results.versions, "plain_free")
    gated = _gated_texts(
        version for version in versions.values() if version.required_level and decide(version, access).allowed
    )
    return [
        SearchHit(version, _snippet(version, gated.get(pk, version.plain_free), results.terms))
        for pk in results.versions
        if (version := versions.get(pk)) is not None
    ]


def _gated_texts(versions: Iterable[Version]) -> dict[int, str]:
    """Return the full texts of `versions`, which the reader must be allowed to read, by id. One query."""
    allowed = [version.pk for version in versions]
    rows = Version.objects.filter(pk__in=allowed).values_list("pk", "plain_all") if allowed else []
    return dict(rows)


def _snippet(version: Version, text: str, terms: Iterable[str]) -> SafeString:
    """Return the passage with the terms, else the standfirst followed by the topics that matched."""
    wanted = frozenset(terms)
    if passage := snippet(text, wanted):
        return passage
    standfirst = highlight(version.standfirst, wanted)
    topics = [highlight(topic["name"], wanted) for topic in version.head["topics"]]
    matching = [topic for topic in topics if "<mark>" in topic]
    if "<mark>" in standfirst or not matching:
        return standfirst
    return format_html("{} {}", standfirst, format_html_join(", ", "{}", ((topic,) for topic in matching)))
