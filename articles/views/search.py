"""Search: what this reader may find, drawn from what is served now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from articles import search as index
from articles.access import ReaderRequest, decide
from articles.models import Section, Version
from articles.search.form import SearchForm
from articles.search.snippets import marked, snippet
from truthlytics.web.pages import good_until, public_page

MOST_AUTHORS = 8
# Whatever is published ends a kept page at once; nobody asks the same for long.
FRESH = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Hit:
    version: Version
    text: SafeString


@public_page(tags=["listing", "sections"])
@require_safe
def search(request: ReaderRequest) -> HttpResponse:
    sections = list(Section.objects.in_masthead())
    form = SearchForm(request.GET, sections=sections)
    context: dict[str, Any] = {"form": form, "masthead_sections": sections, "current_section": "search"}
    if not form.is_valid():
        return render(request, "articles/search.html", context, status=HTTPStatus.BAD_REQUEST)
    if form.cleaned_data["q"]:
        try:
            context |= found(request, form.cleaned_data)
        except index.TooLong:
            context["too_long"] = True
            return render(request, "articles/search.html", context, status=HTTPStatus.SERVICE_UNAVAILABLE)
    return good_until(render(request, "articles/search.html", context), timezone.now() + FRESH)


def found(request: ReaderRequest, asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the page draws of the answer to `asked`, the form's clean data. Raises Http404 and TooLong as `find`."""
    now, level, text = timezone.now(), request.access.level, asked["q"]
    filters = index.Filters(asked["section"], asked["author"], asked["kind"], asked["year"])
    after = request.GET.get("after", "")
    answer = index.find(text, level=level, filters=filters, best=asked["sort"] == "best", after=after, now=now)
    hits = _hits(request, answer)
    authors = {one["slug"]: one["name"] for hit in hits for one in hit.version.head["bylines"] if one["slug"]}
    return {
        "asked": asked,
        "page": answer,
        "hits": hits,
        "alone": not after and not answer.after,
        "authors": [] if filters.author else list(authors.items())[:MOST_AUTHORS],
        "author_name": authors.get(filters.author, filters.author),
        "suggestion": "" if hits or after else index.suggest(text, answer.unknown, now=now),
    }


def _hits(request: ReaderRequest, answer: index.Found) -> list[Hit]:
    """In order, each with the words around what was found, from the text that this reader may read."""
    if not answer.versions:
        return []
    versions = Version.objects.listed(answer.versions, "plain_free")
    whole = _whole(version for version in versions.values() if version.required_level and _may(request, version))
    return [
        Hit(version, _text(version, whole.get(pk, version.plain_free), answer.terms))
        for pk in answer.versions
        if (version := versions.get(pk)) is not None
    ]


def _whole(versions: Iterable[Version]) -> dict[int, str]:
    """The gated texts too, in a query of their own, of what the reader was allowed."""
    allowed = [version.pk for version in versions]
    found = Version.objects.filter(pk__in=allowed).values_list("pk", "plain_all") if allowed else []
    return dict(found)


def _may(request: ReaderRequest, version: Version) -> bool:
    return decide(version, request.access).allowed


def _text(version: Version, text: str, terms: Iterable[str]) -> SafeString:
    wanted = frozenset(terms)
    return snippet(text, wanted) or marked(version.standfirst, wanted)
