"""What surrounds an article: the parts before and after it in its series, and other pieces on what it is about."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from django.db.models import QuerySet, Subquery
from django.db.models.expressions import RawSQL

from articles.models import Section, SectionEntry, SeriesEntry, Topic, TopicEntry, Version
from truthlytics.web.compiled_queries import CompiledObjectQuery

RELATED = 3
# Of each topic the newest are looked at, and of a piece's topics the first: what it costs has a bound.
CANDIDATES = 30
TOPICS = 8


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of its series a piece is, of how many; and the served parts next to it."""

    number: int
    of: int
    before: Version | None
    after: Version | None

    @property
    def versions(self) -> list[Version]:
        return [version for version in (self.before, self.after) if version]


def part_of_series(version: Version, now: datetime) -> Part | None:
    """The place of a served `version` in its series, in one query; None where it is in none.

    Readers know a part by the number that it was published with. A part that is not public yet leaves a gap: the
    next one is the nearest that can be read.
    """
    series = version.head.get("series")
    if not series:
        return None
    mine: int = series["part"]
    entries = SeriesEntry.objects.served(now).filter(series__slug=series["slug"])
    ends: list[Any] = [
        entries.filter(part__lt=mine).order_by("-part"),
        entries.filter(part__gt=mine).order_by("part"),
        entries.order_by("-part"),
    ]
    wanted = [Subquery(end.values("part")[:1]) for end in ends]
    found = list(entries.filter(part__in=wanted).order_by("part", "article_id"))
    before = [entry for entry in found if entry.part < mine]
    after = [entry for entry in found if entry.part > mine]
    return Part(
        number=mine,
        of=max([mine, *(entry.part for entry in found)]),
        before=before[-1].as_listed() if before else None,
        after=after[0].as_listed() if after else None,
    )


@dataclass(frozen=True, slots=True)
class Related:
    """Served pieces on the same subject, newest first, and the tags of the lists that they were chosen from."""

    versions: list[Version]
    tags: list[str]


def related_to(version: Version, now: datetime, *, without: Collection[int]) -> Related:
    """The newest pieces that share the most topics with `version`; where none does, the newest of its section.

    `without`: the articles that are not meant, its own among them. One query, a second one for the section.
    """
    topics = [topic["slug"] for topic in version.head["topics"]][:TOPICS]
    tags = [f"topic:{slug}" for slug in topics]
    found = _newest(TopicEntry, topics, without, now) if topics else []
    if not found and (section := version.head["section"]):
        tags.append(f"section:{section['slug']}")
        found = _newest(SectionEntry, [section["slug"]], without, now)
    return Related(found, tags)


def _newest(entries: Any, slugs: Collection[str], without: Collection[int], now: datetime) -> list[Version]:
    """The versions that stand in most of the lists of `slugs`, of equal ones the newest."""
    return _in_most_of(entries, len(slugs), len(without))(now, *slugs, *without)


@cache
def _in_most_of(entries: Any, lists: int, without: int) -> CompiledObjectQuery[Version]:
    """For so many lists, and so many articles left out: building this query costs six times what it takes."""
    names = [*(f"list {number}" for number in range(lists)), *(f"without {number}" for number in range(without))]
    return CompiledObjectQuery(partial(_chosen, entries, lists), "now", *names)


def _chosen(entries: Any, lists: int, now: Any, *values: Any) -> QuerySet[Version]:
    parts: list[str] = []
    parameters: list[Any] = []
    for slug in values[:lists]:
        served = _of(entries, slug, now)
        for article in values[lists:]:
            served = served.exclude(article=article)
        sql, more = served.values("version_id", "published_at")[:CANDIDATES].query.sql_with_params()
        # SQLite wants the limit within brackets of its own.
        parts.append(f"SELECT * FROM ({sql}) AS newest")  # noqa: S608 - compiled from querysets
        parameters += more
    chosen = (
        f"SELECT version_id FROM ({' UNION ALL '.join(parts)}) AS candidates GROUP BY version_id"  # noqa: S608
        f" ORDER BY COUNT(*) DESC, MAX(published_at) DESC, version_id DESC LIMIT {RELATED}"
    )
    return Version.objects.in_lists().filter(pk__in=RawSQL(chosen, parameters))  # noqa: S611 - no word of a reader in it


def _of(entries: Any, slug: Any, now: Any) -> QuerySet[Any]:
    # The place as a value of its own: joined, PostgreSQL would sort all of its entries.
    name, places = ("topic", Topic) if entries is TopicEntry else ("section", Section)
    place = places._default_manager.filter(slug=slug).values("pk")[:1]
    served: QuerySet[Any] = entries.objects.served(now).filter(**{name: Subquery(place)})
    return served.order_by("-published_at", "-article_id")
