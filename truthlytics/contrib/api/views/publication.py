"""The publication, its front page, its sections and other lists, corrections and the search."""

import json
from dataclasses import replace
from http import HTTPStatus
from typing import Any

from django.utils import timezone

from articles import search as search_index
from articles.access import ReaderRequest
from articles.homepage.placement import arrange, fetch_candidates
from articles.models import Dossier, DossierVersion, Page, PageVersion, Section, Version, layout_served
from articles.presenters import directories
from articles.presenters.corrections import log_page
from articles.presenters.directories import DirectoryItem
from articles.seo.meta import absolute_url
from articles.views.directories import TAGS as DIRECTORY
from articles.views.lists import CHOSEN, LISTED
from articles.views.search import search_hits
from truthlytics.api.endpoints import endpoint
from truthlytics.api.pages import answer_page, items
from truthlytics.api.parameters import AFTER, LIMIT, QUERY, one_of, slug
from truthlytics.api.presenters import named
from truthlytics.api.problems import Problem, not_found
from truthlytics.contrib.api import schemas
from truthlytics.contrib.api.presenters import (
    article_in_lists,
    articles_in_lists,
    dossier_text,
    logged_correction,
    page_text,
)
from truthlytics.publication import get_publication
from truthlytics.web.types import JsonObject


@endpoint("Read who publishes", schemas.PUBLICATION, depends_on=["sections"])
def publication(request: ReaderRequest) -> JsonObject:
    row = get_publication()
    return {
        "name": row.name,
        "tagline": row.tagline,
        "description": row.description,
        "publisher": row.publisher or row.name,
        "language": row.language,
        "url": absolute_url("/"),
        "record_url": absolute_url("/record/"),
        "feed_url": absolute_url("/feeds/atom.xml"),
    }


@endpoint("Read the front page", schemas.FRONT_PAGE, depends_on=(*CHOSEN, "pictures"))
def front_page(request: ReaderRequest) -> JsonObject:
    now = timezone.now()
    layout = layout_served(now)
    front = arrange(fetch_candidates(layout, now), layout)
    ids = [version.pk for version in front.versions]
    complete = Version.objects.listed(ids, "changed_at", "digest", "article__uuid")

    def shown(versions: list[Version]) -> list[JsonObject]:
        return [article_in_lists(complete[version.pk]) for version in versions]

    return {
        "lead": article_in_lists(complete[front.lead.pk]) if front.lead else None,
        "secondary": shown(front.secondary),
        "opinion": article_in_lists(complete[front.opinion.pk]) if front.opinion else None,
        "latest": shown(front.latest),
        "sections": [
            {"section": {"name": row.section.name, "slug": row.section.slug}, "articles": shown(row.versions)}
            for row in front.rows
        ],
    }


@endpoint("List the sections", schemas.SECTION, many=True, depends_on=DIRECTORY)
def sections(request: ReaderRequest) -> JsonObject:
    rows = Section.objects.in_masthead()
    return items(named(row, text=row.intro) | {"in_menu": row.in_menu} for row in rows)


@endpoint("List the topics by name", schemas.TOPIC, many=True, depends_on=DIRECTORY)
def topics(request: ReaderRequest) -> JsonObject:
    return _directory(directories.topics(timezone.now()))


@endpoint("List the authors by name", schemas.AUTHOR, many=True, depends_on=DIRECTORY)
def authors(request: ReaderRequest) -> JsonObject:
    return _directory(directories.authors(timezone.now()))


@endpoint("List the series by name", schemas.SERIES, many=True, depends_on=DIRECTORY)
def series(request: ReaderRequest) -> JsonObject:
    return _directory(directories.series(timezone.now()))


@endpoint("List the dossiers by title", schemas.DOSSIER_IN_LISTS, many=True, depends_on=DIRECTORY)
def dossiers(request: ReaderRequest) -> JsonObject:
    return _directory(directories.dossiers(timezone.now()))


@endpoint("Read a dossier", schemas.DOSSIER, depends_on=DIRECTORY, may_be_gone=True)
def dossier(request: ReaderRequest, *, slug: str) -> JsonObject:
    now = timezone.now()
    found = DossierVersion.objects.served(now).select_related("dossier").filter(dossier__slug=slug).first()
    return dossier_text(found or _missing(Dossier, slug), now)


@endpoint("List the pages about the publication", schemas.PAGE_IN_LISTS, many=True, depends_on=["sections", "pages"])
def pages(request: ReaderRequest) -> JsonObject:
    rows = PageVersion.objects.served(timezone.now()).select_related("page").order_by("page__slug")
    contents = [(row.page, json.loads(row.content)) for row in rows]
    return items(named(page, content["headline"], content["standfirst"]) for page, content in contents)


@endpoint("Read a page", schemas.PAGE, depends_on=["sections", "pages", "pictures"], may_be_gone=True)
def page(request: ReaderRequest, *, slug: str) -> JsonObject:
    found = PageVersion.objects.served(timezone.now()).select_related("page").filter(page__slug=slug).first()
    return page_text(found or _missing(Page, slug))


def _missing(model: Any, slug: str) -> Any:
    """Raise the problem that nothing of `model` can be read at `slug`."""
    gone = model.objects.gone().filter(slug=slug).first()
    if gone is None:
        raise not_found(model._meta.model_name)
    raise Problem(HTTPStatus.GONE, f"It was withdrawn. {gone.withdrawn_note}".strip())


@endpoint(
    "List corrections and withdrawals, newest first", schemas.LOGGED_CORRECTION, AFTER, LIMIT,
    many=True, depends_on=(*LISTED, "error-reports"),
)  # fmt: skip
def corrections(request: ReaderRequest, *, after: str, limit: int) -> JsonObject:
    found = log_page(timezone.now(), after=after, size=limit)
    return answer_page(request, [logged_correction(entry) for entry in found.items], found.after)


@endpoint(
    "Search articles", schemas.SEARCH_HIT, replace(QUERY, required=True),
    slug("section", "Only articles of the section with this slug."),
    slug("author", "Only articles by the author with this slug."),
    one_of("sort", "The order.", "best", "newest"), AFTER,
    many=True, depends_on=LISTED,
)  # fmt: skip
def search(request: ReaderRequest, *, q: str, section: str, author: str, sort: str, after: str) -> JsonObject:
    filters = search_index.SearchFilters(section, author)
    level, now = request.access.level, timezone.now()
    results = search_index.find(q, level=level, filters=filters, best=sort == "best", after=after, now=now)
    passages = {hit.version.pk: hit.plain_text for hit in search_hits(results, request.access)}
    rows = zip(passages.values(), articles_in_lists(passages), strict=True)
    return answer_page(request, [article | {"passage": passage} for passage, article in rows], results.after)


def _directory(rows: list[DirectoryItem]) -> JsonObject:
    return items(
        {
            "name": row.name,
            "slug": row.url.rstrip("/").rpartition("/")[2],
            "url": absolute_url(row.url),
            "text": row.text,
        }
        for row in rows
    )
