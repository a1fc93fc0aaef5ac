"""The lists of all topics, series, dossiers and authors with public articles."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.text import Truncator

from articles.models import (
    Author,
    AuthorEntry,
    DossierVersion,
    Image,
    Series,
    SeriesEntry,
    Topic,
    TopicEntry,
    with_articles,
)
from articles.richtext.rendering import plain_text
from articles.richtext.struck import without_struck


@dataclass(frozen=True, slots=True)
class DirectoryItem:
    """One line of a directory. `text` is plain text."""

    name: str
    url: str
    text: str = ""
    portrait: Image | None = None


def topics(now: datetime) -> list[DirectoryItem]:
    rows = with_articles(Topic.objects.unmerged(), TopicEntry, "topic", now).order_by("name")
    return [DirectoryItem(topic.name, topic.get_absolute_url(), topic.intro) for topic in rows]


def series(now: datetime) -> list[DirectoryItem]:
    rows = with_articles(Series.objects.all(), SeriesEntry, "series", now).order_by("name")
    return [DirectoryItem(row.name, row.get_absolute_url(), row.intro) for row in rows]


def dossiers(now: datetime) -> list[DirectoryItem]:
    """Return the dossiers by title, as in their served versions."""
    versions = DossierVersion.objects.served(now).select_related("dossier")
    items = [
        DirectoryItem(
            version.content["title"], version.dossier.get_absolute_url(), _first_words(version.content["summary"])
        )
        for version in versions
    ]
    return sorted(items, key=lambda item: item.name.casefold())


def _first_words(html: str) -> str:
    return Truncator(without_struck(plain_text(html))).words(30)


def authors(now: datetime) -> list[DirectoryItem]:
    rows = with_articles(Author.objects.with_portrait(), AuthorEntry, "author", now).order_by("name")
    return [DirectoryItem(author.name, author.get_absolute_url(), author.role, author.portrait) for author in rows]
