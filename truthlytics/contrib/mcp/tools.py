"""The tools: what an assistant can look up. Each returns what a reader with the given access may read."""

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.http import Http404
from django.urls import reverse
from django.utils import timezone

from articles import search as search_index
from articles.access import Access
from articles.models import Purpose
from articles.presenters.corrections import newest_entries
from articles.presenters.machine_texts import machine_text
from articles.presenters.menus import legal_links
from articles.seo.meta import absolute_url, article_slug
from articles.views.search import SearchHit, search_hits
from truthlytics.api.presenters import level_name
from truthlytics.api.problems import Problem, invalid
from truthlytics.contrib.api.presenters import logged_correction
from truthlytics.contrib.api.views.articles import find_history
from truthlytics.contrib.mcp import schemas
from truthlytics.contrib.quotations.api import checked
from truthlytics.publication import get_publication
from truthlytics.web.canonical_json import format_time
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import Content, JsonObject


class Answer(NamedTuple):
    """`data` has everything, because some programs read only that. `text` is what others read."""

    data: JsonObject
    text: str


class Tool(NamedTuple):
    """`function` takes the access of the reader, and the arguments that `takes` describes."""

    title: str
    description: str
    takes: JsonObject
    returns: JsonObject
    function: Callable[..., Answer]

    def describe(self, name: str) -> JsonObject:
        return {
            "name": name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.takes,
            "outputSchema": self.returns,
            "annotations": {
                "title": self.title,
                "readOnlyHint": True,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }


def call(name: str, arguments: Content, access: Access) -> JsonObject:
    """Return the result of the tool `name`, which exists: its answer, or why it has none."""
    tool = TOOLS[name]
    try:
        if mistake := schemas.problem_with(arguments, tool.takes):
            raise invalid(mistake)
        answer = tool.function(access, **schemas.with_defaults(arguments, tool.takes))
    except Problem as problem:
        return {"content": [_text(problem.detail)], "isError": True}
    return {"content": [_text(answer.text)], "structuredContent": answer.data, "isError": False}


def _text(text: str) -> JsonObject:
    return {"type": "text", "text": text}


def search(access: Access, *, query: str, page: int) -> Answer:
    now, words = timezone.now(), strip_control_characters(query)
    after = f"{(page - 1) * search_index.SIZE:x}" if page > 1 else ""
    try:
        found = search_index.find(words, level=access.level, best=True, after=after, now=now)
        suggestion = "" if found.versions else search_index.suggest(words, found.unknown, now=now)
    except search_index.SearchTimeout as error:
        raise invalid("The search took too long. Use rarer words.") from error
    data: JsonObject = {
        "results": [_found(hit) for hit in search_hits(found, access)],
        "page": page,
        "has_more": bool(found.after),
        "suggestion": suggestion,
    }
    return Answer(data, json.dumps(data, ensure_ascii=False))


def _found(hit: SearchHit) -> JsonObject:
    version, article = hit.version, hit.version.article
    published: Any = article.published_at
    return {
        "slug": article.slug,
        "url": absolute_url(article.get_absolute_url()),
        "headline": version.headline,
        "standfirst": version.standfirst,
        "passage": hit.plain_text,
        "authors": [byline["name"] for byline in version.head["bylines"]],
        "published": format_time(published),
        "access": level_name(version.required_level),
    }


def read_article(access: Access, *, article: str, number: int = 0) -> Answer:
    """Return version `number`, or the current one, of an article that is known by its slug or address."""
    address = article if "/" in article else f"{settings.SITE_URL}/articles/{article}/"
    history = find_history(article_slug(address))
    try:
        version = history.get(number) if number else history.current
    except Http404 as error:
        raise invalid(f"There is no version {number}. The current one is version {history.current.number}.") from error
    text = machine_text(history, version, access)
    publication = get_publication()
    data = text.data | {
        "text": text.body_as_markdown(),
        "publication": publication.name,
        "publisher": publication.publisher or publication.name,
        "terms_url": "".join(absolute_url(path) for _label, path in legal_links((Purpose.TERMS,))),
    }
    return Answer(data, text.as_markdown())


def list_corrections(access: Access, *, limit: int) -> Answer:
    data: JsonObject = {
        "corrections": [logged_correction(entry) for entry in newest_entries(timezone.now(), limit)[:limit]],
        "page_url": absolute_url(reverse("articles:corrections")),
    }
    return Answer(data, json.dumps(data, ensure_ascii=False))


def check_quotation(access: Access, *, quotation: str) -> Answer:
    data = checked(quotation, access)
    return Answer(data, json.dumps(data, ensure_ascii=False))


TOOLS = {
    "search": Tool(
        "Search articles",
        "Find published articles that contain all words of the query. Use it before you answer from memory.",
        schemas.SEARCH_INPUT,
        schemas.SEARCH_OUTPUT,
        search,
    ),
    "read_article": Tool(
        "Read an article",
        "Read the current version of an article as Markdown, with its corrections and sources. Name the publication "
        "and link to `version_url` where you use it.",
        schemas.READ_INPUT,
        schemas.VERSION_OUTPUT,
        read_article,
    ),
    "read_version": Tool(
        "Read an earlier version",
        "Read an article as it was in an earlier version, to see what a correction has changed.",
        schemas.READ_VERSION_INPUT,
        schemas.VERSION_OUTPUT,
        read_article,
    ),
    "list_corrections": Tool(
        "List corrections",
        "List the newest corrections and withdrawals of all articles, newest first.",
        schemas.CORRECTIONS_INPUT,
        schemas.CORRECTIONS_OUTPUT,
        list_corrections,
    ),
    "check_quotation": Tool(
        "Check a quotation",
        "Check whether a sentence was published word for word, in which versions of a text, and what changed since. "
        "Use it before you quote.",
        schemas.CHECK_INPUT,
        schemas.CHECK_OUTPUT,
        check_quotation,
    ),
}
