"""Dossiers as readers see them: the served version, with those of its articles that are public now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from django.db.models import Case, F, JSONField, When
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from articles.models import Article, Dossier, DossierVersion, DossierVersionArticle, Version
from articles.models.dossiers import Order
from articles.presenters.responsibility import head_of
from articles.richtext.rendering import plain_text
from articles.richtext.struck import without_struck
from articles.seo.jsonld import breadcrumbs, collection_page
from articles.seo.meta import absolute_url, stated_of_page
from truthlytics.web.fragments import add_tags
from truthlytics.web.partial_dates import format_partial_date
from truthlytics.web.types import AnyRows, Content, TemplateContext

RECENT_ENTRIES = 3


class ArticleLink(NamedTuple):
    """A public article of a dossier."""

    uuid: str
    headline: str
    url: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """`link` is None if the entry refers to no article, or to one that is not public."""

    date: str
    text: str
    link: ArticleLink | None
    source: str

    @property
    def long_date(self) -> str:
        return format_partial_date(self.date)

    @property
    def short_date(self) -> str:
        return format_partial_date(self.date, short=True)

    @property
    def host(self) -> str:
        return (urlsplit(self.source).hostname or "").removeprefix("www.")


@dataclass(frozen=True, slots=True)
class DossierTeaser:
    """A dossier as shown on the page of one of its articles."""

    title: str
    slug: str
    summary: SafeString
    recent: list[TimelineEntry]
    previous: ArticleLink | None
    next: ArticleLink | None

    @property
    def url(self) -> str:
        return reverse("articles:dossier", args=[self.slug])


def dossier_context(
    dossier: Dossier, content: Content, changes: Sequence[DossierVersion], now: datetime
) -> TemplateContext:
    """Return the template context of `dossier` with `content` and those of its articles that are public at `now`.

    `changes` are its public versions, newest first, including the one shown.
    """
    versions = articles_of(content, now)
    links = links_to(versions)
    title, url, head = content["title"], dossier.get_absolute_url(), head_of(content)
    description = Truncator(without_struck(plain_text(content["summary"]))).words(30)
    listed = [(link.headline, link.url) for link in links]
    return {
        "title": title,
        "head": head,
        "summary": summary_of(content),
        "entries": timeline_of(content, links),
        "versions": versions,
        "changes": changes,
        "history_url": reverse("articles:dossier_history", args=[dossier.slug]),
        "description": description,
        "canonical": absolute_url(url),
        "structure": [
            collection_page(title, url, description, listed) | stated_of_page(head),
            breadcrumbs((title, url)),
        ],
    }


def dossiers_of(article: Article, now: datetime) -> list[DossierTeaser]:
    """Return the dossiers that `article` belongs to, by title, with its neighbours in each. One query."""
    add_tags("dossiers", "listing")
    teasers = []
    for rows in _articles_by_dossier(article, now).values():
        (content,) = (row.content for row in rows if row.article == article.pk and row.content is not None)
        if content["order"] == Order.NEWEST:
            rows.sort(key=lambda row: (row.published_at, row.article))
        links = [ArticleLink(str(row.uuid), row.headline, row.url) for row in rows]
        position = next(index for index, row in enumerate(rows) if row.article == article.pk)
        teasers.append(
            DossierTeaser(
                title=content["title"],
                slug=rows[0].dossier,
                summary=summary_of(content),
                recent=timeline_of(content, links)[-RECENT_ENTRIES:],
                previous=links[position - 1] if position else None,
                next=links[position + 1] if position + 1 < len(links) else None,
            )
        )
    return sorted(teasers, key=lambda teaser: (teaser.title, teaser.slug))


class _ArticleRow(NamedTuple):
    """`content` is that of the dossier, in the row of the article asked for only."""

    version: int
    dossier: str
    content: Content | None
    article: int
    uuid: UUID
    slug: str
    published_at: datetime
    headline: str

    @property
    def url(self) -> str:
        return reverse("articles:article", args=[self.slug])


def _articles_by_dossier(article: Article, now: datetime) -> Mapping[int, list[_ArticleRow]]:
    """Return the public articles of each dossier that `article` belongs to, in their order."""
    by_version: dict[int, list[_ArticleRow]] = defaultdict(list)
    for row in _rows(article, now):
        by_version[row[0]].append(_ArticleRow(*row))
    return by_version


def _rows(article: Article, now: datetime) -> AnyRows:
    dossiers = DossierVersion.objects.served(now).filter(articles__article=article)
    content = Case(When(article=article, then=F("version__content")), output_field=JSONField())
    due = When(article__upcoming_at__lte=now, then=F("article__upcoming__headline"))
    rows = DossierVersionArticle.objects.public(now).filter(version__in=dossiers).values_list(
        "version", "version__dossier__slug", content,
        "article", "article__uuid", "article__slug", "article__published_at",
        Case(due, default=F("article__live__headline")),
    )  # fmt: skip
    return rows.order_by("position")


def articles_of(content: Content, now: datetime) -> list[Version]:
    """Return the served versions of the public articles of a dossier, in its order. One query."""
    articles = Article.objects.listed(now, "uuid").filter(uuid__in=content["pieces"])
    positions = {uuid: position for position, uuid in enumerate(content["pieces"])}
    if content["order"] == Order.NEWEST:
        ordered = sorted(articles, key=lambda article: (article.published_at, article.pk), reverse=True)
    else:
        ordered = sorted(articles, key=lambda article: positions[str(article.uuid)])
    return [article.as_served(now) for article in ordered]


def links_to(versions: Sequence[Version]) -> list[ArticleLink]:
    return [
        ArticleLink(str(version.article.uuid), version.headline, version.article.get_absolute_url())
        for version in versions
    ]


def timeline_of(content: Content, links: Sequence[ArticleLink]) -> list[TimelineEntry]:
    """Return the timeline, oldest first. `links` are the articles that its entries may link to."""
    public = {link.uuid: link for link in links}
    return [
        TimelineEntry(entry["date"], entry["text"], public.get(entry["article"] or ""), entry["source"])
        for entry in content["entries"]
    ]


def summary_of(content: Content) -> SafeString:
    """Return the summary as safe HTML: it was sanitised when it was published."""
    return mark_safe(str(content["summary"]))  # noqa: S308
