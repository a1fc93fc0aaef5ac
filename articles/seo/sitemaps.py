"""XML sitemaps of all public pages, and the Google News sitemap.

Each file holds the rows with primary keys in one range of `SPAN` keys. A row therefore stays in its file, the
index needs no counts, and no query uses OFFSET. Rows are read in batches by key, so memory use does not grow with the
archive and a slow client does not hold a query open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from django.db import models
from django.db.models import Max, QuerySet
from django.urls import reverse

from articles.models import (
    Article,
    Author,
    AuthorEntry,
    Dossier,
    Page,
    Section,
    SectionEntry,
    Series,
    SeriesEntry,
    Topic,
    TopicEntry,
    Version,
    with_articles,
)
from articles.seo.meta import absolute_url
from truthlytics.publication import get_publication
from truthlytics.publication.language import language_tag
from truthlytics.web.text import strip_invalid_xml
from truthlytics.web.types import AnyRows

SPAN = 10_000
BATCH = 2_000
NEWS_PERIOD = timedelta(hours=48)
MAX_NEWS = 1_000

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS_NAMESPACE = "http://www.google.com/schemas/sitemap-news/0.9"
_URLSET_START = f'{_DECLARATION}<urlset xmlns="{_SITEMAP_NAMESPACE}">\n'
_URLSET_END = "</urlset>\n"


@dataclass(frozen=True, slots=True)
class SitemapSource:
    """One type of page: its public rows, in any order, and its URL name. `dated` rows have `changed_at`."""

    rows: AnyRows
    url_name: str
    dated: bool = False


def sitemap_sources(now: datetime) -> dict[str, SitemapSource]:
    """Return the page types in the sitemap by their names in its URLs, apart from the pages of `render_static`."""
    articles = Article.objects.published(now).with_last_change(now)
    sections = with_articles(Section.objects.all(), SectionEntry, "section", now)
    topics = with_articles(Topic.objects.all(), TopicEntry, "topic", now)
    authors = with_articles(Author.objects.all(), AuthorEntry, "author", now)
    series = with_articles(Series.objects.all(), SeriesEntry, "series", now)
    return {
        "articles": SitemapSource(articles, "articles:article", dated=True),
        "sections": SitemapSource(sections, "articles:section"),
        "topics": SitemapSource(topics, "articles:topic"),
        "authors": SitemapSource(authors, "articles:author"),
        "series": SitemapSource(series, "articles:series"),
        "dossiers": SitemapSource(Dossier.objects.published(now).with_last_change(now), "articles:dossier", dated=True),
        "pages": SitemapSource(Page.objects.published(now).with_last_change(now), "articles:page", dated=True),
    }


def render_index(now: datetime) -> str:
    """Render the sitemap index: the URLs of all files with at least one page at `now`."""
    files = [reverse("articles:sitemap_pages")]
    for name, source in sitemap_sources(now).items():
        files += [reverse("articles:sitemap_part", args=[name, number]) for number in _parts(source.rows)]
    body = "".join(f"<sitemap><loc>{absolute_url(file)}</loc></sitemap>\n" for file in files)
    return f'{_DECLARATION}<sitemapindex xmlns="{_SITEMAP_NAMESPACE}">\n{body}</sitemapindex>\n'


def _parts(rows: AnyRows) -> Iterator[int]:
    """Yield the numbers of the files that are not empty, with one query each."""
    newest = rows.model.objects.aggregate(newest=Max("pk"))["newest"] or 0
    for number in range(1, (newest - 1) // SPAN + 2):
        # Ordered by key, since otherwise PostgreSQL starts at the first row of the table.
        if _in_part(rows, number).order_by("pk").values_list("pk")[:1]:
            yield number


def render_static() -> str:
    """Render the sitemap of the front page, the list of all articles, the archive, the directories and corrections."""
    names = ("front", "latest", "archive", "topic_list", "series_list", "dossier_list", "author_list", "corrections")
    paths = [reverse(f"articles:{name}") for name in names]
    return "".join([_URLSET_START, *(_url(absolute_url(path)) for path in paths), _URLSET_END])


def render_part(source: SitemapSource, number: int) -> Iterator[str] | None:
    """Render file `number` of `source` in chunks. Return None if it would be empty."""
    rows = _in_part(source.rows, number).order_by("pk")
    batches = _batches(rows, "slug", *(["changed_at"] if source.dated else []))
    first = next(batches, None)
    return _urlset(source, first, batches) if first else None


def _in_part(rows: QuerySet[models.Model], number: int) -> QuerySet[models.Model]:
    return rows.filter(pk__gt=(number - 1) * SPAN, pk__lte=number * SPAN).order_by()


def _batches(rows: QuerySet[models.Model], *columns: str) -> Iterator[list[tuple[str, datetime]]]:
    batch = list(rows.values_list("pk", *columns)[:BATCH])
    while batch:
        yield batch
        batch = list(rows.filter(pk__gt=batch[-1][0]).values_list("pk", *columns)[:BATCH])


def _urlset(
    source: SitemapSource, first: list[tuple[str, datetime]], batches: Iterator[list[tuple[str, datetime]]]
) -> Iterator[str]:
    # Reverses the URL once for all rows: slugs need no quoting.
    prefix, suffix = absolute_url(reverse(source.url_name, args=["-slug-"])).split("-slug-")
    yield _URLSET_START
    yield _urls(first, prefix, suffix)
    for batch in batches:
        yield _urls(batch, prefix, suffix)
    yield _URLSET_END


def _urls(rows: list[Any], prefix: str, suffix: str) -> str:
    return "".join(_url(f"{prefix}{slug}{suffix}", *changed) for _, slug, *changed in rows)


def _url(url: str, changed: datetime | None = None) -> str:
    lastmod = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<url><loc>{url}</loc>{lastmod}</url>\n"


def recent_versions(now: datetime) -> list[Version]:
    """Return the served versions of articles first published in the last 48 hours, newest first, at most 1,000."""
    articles = Article.objects.listed(now).filter(published_at__gt=now - NEWS_PERIOD)
    return [article.as_served(now) for article in articles.order_by("-published_at", "-id")[:MAX_NEWS]]


def render_news(versions: list[Version]) -> str:
    body = "".join(_news_url(version) for version in versions)
    return f'{_DECLARATION}<urlset xmlns="{_SITEMAP_NAMESPACE}" xmlns:news="{_NEWS_NAMESPACE}">\n{body}{_URLSET_END}'


def _news_url(version: Version) -> str:
    published: Any = version.article.published_at
    return (
        f"<url><loc>{absolute_url(version.article.get_absolute_url())}</loc><news:news>"
        f"<news:publication><news:name>{escape(strip_invalid_xml(get_publication().name))}</news:name>"
        f"<news:language>{_news_language(version)}</news:language></news:publication>"
        f"<news:publication_date>{published.isoformat(timespec='seconds')}</news:publication_date>"
        f"<news:title>{escape(strip_invalid_xml(version.headline))}</news:title></news:news></url>\n"
    )


def _news_language(version: Version) -> str:
    """Return the ISO 639 code that Google News expects, with a region for Chinese only."""
    tag = language_tag(version.language).lower()
    return tag if tag in {"zh-cn", "zh-tw"} else tag.split("-")[0]
