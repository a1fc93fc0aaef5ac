"""What readers see of dossiers: the words of the version that is served, and of its articles what is public now."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.db.models import Case, F, JSONField, QuerySet, When
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from articles.models import Article, DossierVersion, DossierVersionArticle, Version
from articles.models.dossiers import Order
from truthlytics.web.compiled_queries import CompiledQuery
from truthlytics.web.partial_dates import shown

RECENT = 3


class Link(NamedTuple):
    """A public article that a dossier names."""

    uuid: str
    headline: str
    url: str


@dataclass(frozen=True, slots=True)
class Dated:
    """An entry of the timeline; `link` is None where it names no article, or none that is public."""

    date: str
    text: str
    link: Link | None
    source: str

    @property
    def shown(self) -> str:
        return shown(self.date)

    @property
    def short(self) -> str:
        return shown(self.date, short=True)

    @property
    def host(self) -> str:
        return (urlsplit(self.source).hostname or "").removeprefix("www.")


@dataclass(frozen=True, slots=True)
class Story:
    """A dossier as the page of one of its articles tells of it."""

    title: str
    slug: str
    summary: SafeString
    recent: list[Dated]
    previous: Link | None
    next: Link | None

    @property
    def url(self) -> str:
        return reverse("articles:dossier", args=[self.slug])


def stories_of(article: Article, now: datetime) -> list[Story]:
    """The dossiers that `article` belongs to, by title, each with its neighbours there: one query."""
    stories = []
    for rows in _rows_around(article, now).values():
        (content,) = (row.told for row in rows if row.article == article.pk)
        if content["order"] == Order.NEWEST:
            rows.sort(key=lambda row: (row.published_at, row.article))
        links = [Link(str(row.uuid), row.headline, row.url) for row in rows]
        here = next(place for place, row in enumerate(rows) if row.article == article.pk)
        stories.append(
            Story(
                title=content["title"],
                slug=rows[0].dossier,
                summary=summary_of(content),
                recent=entries_of(content, links)[-RECENT:],
                previous=links[here - 1] if here else None,
                next=links[here + 1] if here + 1 < len(links) else None,
            )
        )
    return sorted(stories, key=lambda story: (story.title, story.slug))


class _Row(NamedTuple):
    version: int
    dossier: str
    told: Any
    article: int
    uuid: Any
    slug: str
    published_at: datetime
    headline: str

    @property
    def url(self) -> str:
        return reverse("articles:article", args=[self.slug])


def _rows_around(article: Article, now: datetime) -> Mapping[int, list[_Row]]:
    """The public articles of each dossier of `article`, as they are numbered.

    The words of a dossier come with the row of `article` alone, not with each of its neighbours.
    """
    by_version: dict[int, list[_Row]] = defaultdict(list)
    for row in _around(article.pk, now):
        by_version[row[0]].append(_Row(*row))
    return by_version


def _rows(article: Any, now: Any) -> QuerySet[Any, Any]:
    mine = DossierVersion.objects.served(now).filter(places__article=article)
    own = Case(When(article=article, then=F("version__content")), output_field=JSONField())
    due = When(article__upcoming_at__lte=now, then=F("article__upcoming__headline"))
    found = DossierVersionArticle.objects.public(now).filter(version__in=mine).values_list(
        "version", "version__dossier__slug", own,
        "article", "article__uuid", "article__slug", "article__published_at",
        Case(due, default=F("article__live__headline")),
    )  # fmt: skip
    return found.order_by("position")


_around = CompiledQuery(_rows, "article", "now")


def pieces_of(content: Mapping[str, Any], now: datetime) -> list[Version]:
    """The served versions of the public articles of a dossier, in its order: one query."""
    articles = Article.objects.listed(now, "uuid").filter(uuid__in=content["pieces"])
    place = {uuid: number for number, uuid in enumerate(content["pieces"])}
    if content["order"] == Order.NEWEST:
        found = sorted(articles, key=lambda article: (article.published_at, article.pk), reverse=True)
    else:
        found = sorted(articles, key=lambda article: place[str(article.uuid)])
    return [article.as_served(now) for article in found]


def links_of(versions: Sequence[Version]) -> list[Link]:
    return [
        Link(str(version.article.uuid), version.headline, version.article.get_absolute_url()) for version in versions
    ]


def entries_of(content: Mapping[str, Any], links: Sequence[Link]) -> list[Dated]:
    """The timeline, oldest first; of the articles that it names only those in `links`, which are public."""
    public = {link.uuid: link for link in links}
    return [
        Dated(entry["date"], entry["text"], public.get(entry["article"] or ""), entry["source"])
        for entry in content["entries"]
    ]


def summary_of(content: Mapping[str, Any]) -> SafeString:
    """It went through `shorten` when it was published."""
    return mark_safe(str(content["summary"]))  # noqa: S308
