"""Articles shown with another one: the parts before and after it in its series, and others on the same subject."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db.models import QuerySet, Subquery
from django.utils.safestring import SafeString

from articles.models import Section, SectionEntry, SeriesEntry, Topic, TopicEntry, Version
from articles.presenters.teasers import teaser
from truthlytics.web.fragments import add_tags, fragment, once
from truthlytics.web.types import AnyRows

RELATED = 3
# Only the newest articles of a topic, and only the first topics of an article, are considered.
CANDIDATES = 30
MAX_TOPICS = 8
LISTS: dict[str, tuple[Any, Any]] = {
    "topic": (Topic.objects, TopicEntry.objects),
    "section": (Section.objects, SectionEntry.objects),
}


@dataclass(frozen=True, slots=True)
class SeriesPart:
    """The number of an article in its series, the number of the last part, and the published parts next to it."""

    number: int
    of: int
    before: Version | None
    after: Version | None

    @property
    def versions(self) -> list[Version]:
        return [version for version in (self.before, self.after) if version]


def series_part(version: Version, now: datetime) -> SeriesPart | None:
    """Return the place of a served `version` in its series, in one query; None if it is in none.

    Parts keep the number they were published with. A part that is not public yet leaves a gap.
    """
    series = version.head.get("series")
    if not series:
        return None
    number: int = series["part"]
    entries = list(_adjacent_parts(version, number, now))
    before = [entry for entry in entries if entry.part < number]
    after = [entry for entry in entries if entry.part > number]
    part = SeriesPart(
        number=number,
        of=max([number, *(entry.part for entry in entries)]),
        before=before[-1].as_listed() if before else None,
        after=after[0].as_listed() if after else None,
    )
    add_tags(f"series:{series['slug']}", *(shown.teaser_tag for shown in part.versions))
    return part


def _adjacent_parts(version: Version, number: int, now: datetime) -> QuerySet[SeriesEntry]:
    """The nearest parts before and after `number`, and the last.

    Not looked up by the slug in `version`: after the series is renamed, it is an old one until it is rendered again.
    """
    series = SeriesEntry.objects.filter(version=version).values("series")[:1]
    entries = SeriesEntry.objects.served(now).filter(series=Subquery(series))
    ordered: list[Any] = [
        entries.filter(part__lt=number).order_by("-part"),
        entries.filter(part__gt=number).order_by("part"),
        entries.order_by("-part"),
    ]
    parts = [Subquery(queryset.values("part")[:1]) for queryset in ordered]
    return entries.filter(part__in=parts).order_by("part", "article_id")


def related_cards(version: Version, now: datetime, *, exclude: Collection[int]) -> list[SafeString]:
    """Return teasers of the articles that share the most topics with `version`, then of its section, newest first.

    `exclude`: ids of articles to leave out, among them its own. One query for each topic or section that no article
    page has needed since it changed, and one for the teasers that none has shown.
    """
    topics = [topic["slug"] for topic in version.head["topics"]][:MAX_TOPICS]
    found = _most_frequent([_newest("topic", slug, now) for slug in topics], exclude)
    if len(found) < RELATED and (section := version.head["section"]):
        newest = _most_frequent([_newest("section", section["slug"], now)], exclude)
        found = [*found, *(candidate for candidate in newest if candidate not in found)][:RELATED]
    ids = [candidate.version_id for candidate in sorted(found, reverse=True)]
    versions = once(lambda: Version.objects.listed(ids))
    return [fragment("related", pk, make=partial(_card, versions, pk)) for pk in ids]


def _card(versions: Callable[[], Mapping[int, Version]], pk: int) -> SafeString:
    return teaser(versions()[pk], size="card", show_image=True, show_section=True)


class Candidate(NamedTuple):
    published_at: datetime
    article_id: int
    version_id: int


def _most_frequent(lists: Sequence[Sequence[Candidate]], exclude: Collection[int]) -> list[Candidate]:
    """Return the articles that are in most of the lists, the newest first among equals."""
    counts = Counter(candidate for candidates in lists for candidate in candidates)
    for candidate in [candidate for candidate in counts if candidate.article_id in exclude]:
        del counts[candidate]
    return sorted(counts, key=lambda c: (counts[c], c.published_at, c.version_id), reverse=True)[:RELATED]


def _newest(kind: str, slug: str, now: datetime) -> tuple[Candidate, ...]:
    """The newest articles of a topic or section, shared by the pages of all its articles."""

    def load() -> tuple[Candidate, ...]:
        return tuple(Candidate(*row) for row in _newest_query(kind, slug, now))

    return fragment("newest", kind, slug, make=load, tags=[f"{kind}:{slug}"])


def _newest_query(kind: str, slug: str, now: datetime) -> AnyRows:
    places, entries = LISTS[kind]
    # As a subquery: with a join, PostgreSQL would sort all entries of the topic.
    place = Subquery(places.filter(slug=slug).values("pk")[:1])
    newest: AnyRows = entries.served(now).filter(**{kind: place}).order_by("-published_at", "-article_id")
    return newest.values_list("published_at", "article_id", "version_id")[:CANDIDATES]
