"""Every public address for search engines. What is not served yet does not stand in it.

A file holds the rows whose keys lie in one span of `SPAN`, so a row stays in its file for ever, the index needs no
count, and nothing is skipped by number. Rows are read in batches by key: what is held in memory does not grow with
the archive, and a slow client keeps no query open.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.db.models import Max, OuterRef, QuerySet, Subquery
from django.urls import reverse

from articles.feeds.channel import sound
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
)
from articles.seo.meta import absolute, language_tag

SPAN = 40_000
BATCH = 2_000
NEWS_FOR = timedelta(hours=48)
NEWS_AT_MOST = 1_000

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SCHEMA = "http://www.sitemaps.org/schemas/sitemap/0.9"
_NEWS = "http://www.google.com/schemas/sitemap-news/0.9"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of page: the rows that are public, in any order, and the name of their address."""

    rows: QuerySet[Any]
    url_name: str
    dated: bool = False


def kinds(now: datetime) -> dict[str, Kind]:
    """What stands in the sitemap beside the front page and the list of everything, by its name in the addresses."""
    articles = Article.objects.published(now).select_related(None).defer(None).with_last_change(now)
    return {
        "articles": Kind(articles, "articles:article", dated=True),
        "sections": Kind(_with_something(Section.objects.all(), SectionEntry, "section", now), "articles:section"),
        "topics": Kind(_with_something(Topic.objects.all(), TopicEntry, "topic", now), "articles:topic"),
        "authors": Kind(_with_something(Author.objects.all(), AuthorEntry, "author", now), "articles:author"),
        "series": Kind(_with_something(Series.objects.all(), SeriesEntry, "series", now), "articles:series"),
        "dossiers": Kind(Dossier.objects.published(now).with_last_change(now), "articles:dossier", dated=True),
        "pages": Kind(Page.objects.published(now).with_last_change(now), "articles:page", dated=True),
    }


def _with_something(places: QuerySet[Any], entries: Any, name: str, now: datetime) -> QuerySet[Any]:
    # The newest of each, along the index of its list: “is there any” reads the archive on PostgreSQL.
    newest = entries.objects.served(now).filter(**{name: OuterRef("pk")}).order_by("-published_at", "-article_id")
    found: QuerySet[Any] = places.alias(newest=Subquery(newest.values("pk")[:1])).filter(newest__isnull=False)
    return found


def index(now: datetime) -> str:
    """The addresses of all files that hold something at `now`."""
    files = [reverse("articles:sitemap_pages")]
    for name, kind in kinds(now).items():
        files += [reverse("articles:sitemap_part", args=[name, number]) for number in _filled(kind.rows)]
    body = "".join(f"<sitemap><loc>{absolute(file)}</loc></sitemap>\n" for file in files)
    return f'{_HEAD}<sitemapindex xmlns="{_SCHEMA}">\n{body}</sitemapindex>\n'


def _filled(rows: QuerySet[Any]) -> Iterator[int]:
    """The numbers of the spans that hold one of `rows`: one look-up a span."""
    newest = rows.model.objects.aggregate(newest=Max("pk"))["newest"] or 0
    for number in range(1, (newest - 1) // SPAN + 2):
        # In the order of the key, which is where the span lies; without one PostgreSQL begins at the first row.
        if _in_span(rows, number).order_by("pk").values_list("pk")[:1]:
            yield number


def pages() -> str:
    """The front page, the list of everything and the archive."""
    addresses = [reverse(f"articles:{name}") for name in ("front", "latest", "archive")]
    return "".join([_OPEN, *(_url(absolute(address)) for address in addresses), _CLOSE])


def part(kind: Kind, number: int) -> Iterator[str] | None:
    """The file `number` of `kind`, piece by piece; None where it would hold nothing."""
    batches = _batches(_in_span(kind.rows, number).order_by("pk"), "slug", *(["changed_at"] if kind.dated else []))
    first = next(batches, None)
    return _urls(kind, first, batches) if first else None


def _in_span(rows: QuerySet[Any], number: int) -> QuerySet[Any]:
    return rows.filter(pk__gt=(number - 1) * SPAN, pk__lte=number * SPAN).order_by()


def _batches(rows: QuerySet[Any], *columns: str) -> Iterator[list[Any]]:
    found = list(rows.values_list("pk", *columns)[:BATCH])
    while found:
        yield found
        found = list(rows.filter(pk__gt=found[-1][0]).values_list("pk", *columns)[:BATCH])


def _urls(kind: Kind, first: list[Any], batches: Iterator[list[Any]]) -> Iterator[str]:
    # One look-up of the address for all: a slug needs no quoting.
    before, after = absolute(reverse(kind.url_name, args=["-slug-"])).split("-slug-")
    yield _OPEN
    yield _batch(first, before, after)
    for batch in batches:
        yield _batch(batch, before, after)
    yield _CLOSE


def _batch(rows: list[Any], before: str, after: str) -> str:
    return "".join(_url(f"{before}{slug}{after}", *changed) for _, slug, *changed in rows)


def _url(address: str, changed: datetime | None = None) -> str:
    lastmod = f"<lastmod>{changed.isoformat(timespec='seconds')}</lastmod>" if changed else ""
    return f"<url><loc>{address}</loc>{lastmod}</url>\n"


def recent(now: datetime) -> list[Version]:
    """What was first published in the last 48 hours, newest first, the newest 1,000 of it."""
    found = Article.objects.listed(now).filter(published_at__gt=now - NEWS_FOR)
    return [article.as_served(now) for article in found.order_by("-published_at", "-id")[:NEWS_AT_MOST]]


def news(versions: list[Version]) -> str:
    body = "".join(_news(version) for version in versions)
    return f'{_HEAD}<urlset xmlns="{_SCHEMA}" xmlns:news="{_NEWS}">\n{body}{_CLOSE}'


def _news(version: Version) -> str:
    published: Any = version.article.published_at
    return (
        f"<url><loc>{absolute(version.article.get_absolute_url())}</loc><news:news>"
        f"<news:publication><news:name>{escape(sound(settings.PUBLICATION['name']))}</news:name>"
        f"<news:language>{_news_language()}</news:language></news:publication>"
        f"<news:publication_date>{published.isoformat(timespec='seconds')}</news:publication_date>"
        f"<news:title>{escape(sound(version.headline))}</news:title></news:news></url>\n"
    )


def _news_language() -> str:
    """Two or three letters, save for the two kinds of Chinese."""
    tag = language_tag().lower()
    return tag if tag in {"zh-cn", "zh-tw"} else tag.split("-")[0]


_OPEN = f'{_HEAD}<urlset xmlns="{_SCHEMA}">\n'
_CLOSE = "</urlset>\n"
