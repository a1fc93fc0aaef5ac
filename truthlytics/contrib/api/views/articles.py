"""Articles: lists, one of them, its versions, what changed between two, its corrections and sources."""

from dataclasses import asdict
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone

from articles.access import ReaderRequest, decide
from articles.models import Article, Author, Section, Series, Topic
from articles.presenters.history import ArticleKind, History, PublicVersion, history_of
from articles.presenters.machine_texts import machine_text
from articles.presenters.old_versions import comparison_context
from articles.seo.meta import absolute_url
from articles.views.lists import LISTED
from truthlytics.api.endpoints import endpoint
from truthlytics.api.pages import answer_page, items
from truthlytics.api.parameters import AFTER, LIMIT, slug
from truthlytics.api.problems import Problem, invalid, not_found
from truthlytics.contrib.api import schemas
from truthlytics.contrib.api.presenters import articles_in_lists
from truthlytics.web.canonical_json import format_time
from truthlytics.web.cursor_pagination import Page, page, page_ascending
from truthlytics.web.fragments import add_tags
from truthlytics.web.types import JsonObject

ARTICLES = ArticleKind()
PLACES = {"section": Section, "topic": Topic, "author": Author, "series": Series}
FILTERS = [
    slug("section", "Only articles of the section with this slug."),
    slug("topic", "Only articles about the topic with this slug."),
    slug("author", "Only articles by the author with this slug."),
    slug("series", "Only articles of the series with this slug, in its order."),
]


@endpoint("List articles, newest first", schemas.ARTICLE_IN_LISTS, *FILTERS, AFTER, LIMIT, many=True, depends_on=LISTED)
def articles(request: ReaderRequest, *, after: str, limit: int, **places: str) -> JsonObject:
    now, chosen = timezone.now(), {name: value for name, value in places.items() if value}
    if len(chosen) > 1:
        raise invalid(f"Give only one of {', '.join(PLACES)}.")
    if not chosen:
        columns = ("published_at", "live", "upcoming", "upcoming_at")
        found = page(
            Article.objects.all(), after=after, size=limit, time="published_at", tie="id",
            then=lambda rows: rows.published(now).only(*columns),
        )  # fmt: skip
        return answer_page(request, articles_in_lists(row.served_id(now) for row in found.items), found.after)
    ((name, value),) = chosen.items()
    entries = _entries(name, value, after, limit)
    return answer_page(request, articles_in_lists(row.version_id for row in entries.items), entries.after)


def _entries(name: str, value: str, after: str, limit: int) -> Page[Any]:
    """Return the page of entries of a section, topic, author or series. Raises Problem if there is none."""
    now, place = timezone.now(), PLACES[name].objects.filter(slug=value).first()  # type: ignore[attr-defined]
    if place is None:
        raise invalid(f"There is no {name} with the slug “{value}”.")
    if isinstance(place, Topic):
        place = place.survivor
    if name == "series":
        return page_ascending(place.entries.served(now), after=after, size=limit, number="part", tie="article_id")
    return page(
        place.entries.all(), after=after, size=limit, time="published_at", tie="article_id",
        then=lambda rows: rows.served(now),
    )  # fmt: skip


@endpoint("Read an article", schemas.ARTICLE, depends_on=ARTICLES.tags, may_be_gone=True)
def article(request: ReaderRequest, *, article: str) -> JsonObject:
    history = find_history(article)
    return _text(request, history, history.current)


@endpoint("Read a version of an article", schemas.ARTICLE, depends_on=ARTICLES.tags, may_be_gone=True)
def version(request: ReaderRequest, *, article: str, number: int) -> JsonObject:
    history = find_history(article)
    return _text(request, history, history.get(number))


@endpoint(
    "List the versions of an article, oldest first", schemas.VERSION, many=True,
    depends_on=ARTICLES.tags, may_be_gone=True,
)  # fmt: skip
def versions(request: ReaderRequest, *, article: str) -> JsonObject:
    history = find_history(article)
    return items(version_in_lists(history, version) for version in history.versions)


@endpoint("Compare two versions of an article", schemas.DIFFERENCE, depends_on=ARTICLES.tags, may_be_gone=True)
def difference(request: ReaderRequest, *, article: str, old: int, new: int) -> JsonObject:
    history = find_history(article)
    if old >= new:
        raise not_found("comparison")
    first, second = history.get(old), history.get(new)
    complete = decide(history.strictest(first, second), request.access).allowed
    context = comparison_context(ARTICLES, history, first, second, complete=complete, now=timezone.now())
    comparison = context.get("comparison")
    parts = comparison.rows if comparison else ()
    return {
        "old": old,
        "new": new,
        "url": absolute_url(history.comparison_url(old, new)),
        "is_complete": context.get("complete", False),
        "removed": [version.number for version in context.get("removed", ())],
        "facts": [
            {"name": str(fact.label), "old": str(fact.old), "new": str(fact.new)}
            for fact in (comparison.facts if comparison else ())
        ],
        "parts": [{"kind": row.kind, "words": [asdict(part) for part in row.parts]} for row in parts],
    }


@endpoint(
    "List the corrections of an article, oldest first", schemas.CORRECTION, many=True,
    depends_on=ARTICLES.tags, may_be_gone=True,
)  # fmt: skip
def corrections(request: ReaderRequest, *, article: str) -> JsonObject:
    history = find_history(article)
    return items(_text(request, history, history.current)["corrections"])


@endpoint("List the sources of an article", schemas.SOURCE, many=True, depends_on=ARTICLES.tags, may_be_gone=True)
def sources(request: ReaderRequest, *, article: str) -> JsonObject:
    history = find_history(article)
    return items(_text(request, history, history.current).get("sources", []))


def version_in_lists(history: History, version: PublicVersion) -> JsonObject:
    return {
        "version": version.number,
        "url": absolute_url(history.url if version == history.current else history.version_url(version.number)),
        "public_from": format_time(version.public_from),
        "recorded": format_time(version.created_at or version.public_from),
        "kind": version.kind,
        "note": version.note,
        "removed": version.removal_reason,
        "is_current": version == history.current,
    }


def find_history(key: str) -> History:
    """Return the history of the article with this slug or id. Raises Problem if there is none."""
    try:
        slug = Article.objects.filter(uuid=UUID(key)).values_list("slug", flat=True).first() or key
    except ValueError:
        slug = key
    try:
        return history_of(ARTICLES, slug, timezone.now())
    except Http404 as error:
        gone = Article.objects.gone().filter(slug=slug).first()
        if gone is None:
            raise not_found("article") from error
        add_tags(ARTICLES.tag(gone.pk))
        detail = f"The article was withdrawn. {gone.withdrawn_note}".strip()
        raise Problem(HTTPStatus.GONE, detail) from error


def _text(request: ReaderRequest, history: History, version: PublicVersion) -> JsonObject:
    add_tags("pictures")
    return machine_text(history, version, request.access).as_json()
