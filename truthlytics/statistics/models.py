"""Sums of the requests for articles. `ReadCount` has those of each article; here are the others.

Names of hosts, campaigns and programs come from strangers: their number is limited, and the rest is `OTHER`.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from django.db import models
from django.utils.translation import gettext_lazy as _

from truthlytics.statistics.article_hours import HOURS_KEPT
from truthlytics.statistics.article_hours import ArticleHour as ArticleHour
from truthlytics.statistics.recent import RecentRead as RecentRead
from truthlytics.statistics.sums import DaySums, upsert
from truthlytics.web.agents import MAX_NAME, Kind

# Different names: in a day, of programs of a kind and of places of a kind from which people come; and of places from
# which people come to an article in a month.
MAX_NAMES, MAX_SOURCES = 100, 12
# The name of all that exceed these numbers.
OTHER = "…"
MAX_SOURCE_NAME = 80


class HourCounts(NamedTuple):
    people: int = 0
    assistants: int = 0
    programs: int = 0
    not_counted: int = 0


class HourQuerySet(models.QuerySet["Hour"]):
    def add(self, numbers: Mapping[datetime, HourCounts]) -> None:
        """Add sums by the start of their hour, all or none. Safe to run concurrently."""
        sums = ("people", "assistants", "programs", "not_counted")
        upsert(self.model, ("at",), sums, [(at, *counts) for at, counts in numbers.items()])

    def delete_old(self, now: datetime) -> int:
        """Delete the hours of more than 30 days ago; return how many there were."""
        return self.filter(at__lt=now - HOURS_KEPT).delete()[0]


class Hour(models.Model):
    """The requests for all articles in the hour that begins `at`."""

    at = models.DateTimeField(unique=True)
    people = models.PositiveIntegerField(default=0)
    assistants = models.PositiveIntegerField(default=0)
    programs = models.PositiveIntegerField(default=0)
    not_counted = models.PositiveIntegerField(default=0)

    objects = HourQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.people} people from {self.at}"


# Day, name and kind.
type NameKey = tuple[date, str, str]


class NameSums[Row: models.Model](DaySums[Row, NameKey]):
    key = ("name", "kind")

    def bounded(self, numbers: Mapping[NameKey, int]) -> Mapping[NameKey, int]:
        """Return the sums with at most `MAX_NAMES` names for each day and kind.

        Names that strangers make up are of few kinds, so they do not push search engines and the like out.
        """
        known: defaultdict[tuple[date, str], set[str]] = defaultdict(set)
        days = {day for day, *_key in numbers}
        for day, name, kind in self.filter(day__in=days).values_list("day", "name", "kind"):
            known[day, kind].add(name)
        bounded: Counter[NameKey] = Counter()
        for (day, name, kind), number in sorted(numbers.items(), key=lambda item: (-item[1], item[0])):
            names = known[day, kind]
            if name not in names:
                if len(names) < MAX_NAMES:
                    names.add(name)
                else:
                    name = OTHER
            bounded[day, name, kind] += number
        return bounded


class SourceKind(models.TextChoices):
    # By an address that was typed or saved, or from an application that does not say.
    DIRECT = "direct", _("Direct")
    # From another page of this site.
    SITE = "site", _("This site")
    # The name is the host of the search engine.
    SEARCH = "search", _("Search")
    # The name is the host of the other site.
    HOST = "host", _("Other site")
    # The name is the campaign.
    CAMPAIGN = "campaign", _("Campaign")
    # The name is the campaign of the issue.
    NEWSLETTER = "newsletter", _("Newsletter")
    FEED = "feed", _("Feed")
    GIFT = "gift", _("Gift link")


class SourceDayQuerySet(NameSums["SourceDay"]):
    total = "people"


class SourceDay(models.Model):
    """How many people came to articles on `day` from one place. Old rows on the first of a month have all of it."""

    day = models.DateField()
    name = models.CharField(max_length=MAX_SOURCE_NAME, blank=True)
    kind = models.CharField(max_length=10, choices=SourceKind)
    people = models.PositiveIntegerField(default=0)

    objects = SourceDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "name", "kind"],
                name="source_day_unique",
                violation_error_message=_("This source already has a count for this day."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.people} people from {self.name or self.kind} on {self.day}"


# The first day of a month, article, kind and name.
type SourceKey = tuple[date, int, str, str]


class ReadSourceQuerySet(DaySums["ReadSource", SourceKey]):
    key, total = ("article", "kind", "name"), "people"

    def add(self, numbers: Mapping[SourceKey, int]) -> None:
        """Add to the sums of the months of these days, all or none. Safe to run concurrently."""
        months: Counter[SourceKey] = Counter()
        for (day, article, kind, name), number in numbers.items():
            months[day.replace(day=1), article, kind, name] += number
        super().add(months)

    def bounded(self, numbers: Mapping[SourceKey, int]) -> Mapping[SourceKey, int]:
        """Return the sums with at most `MAX_SOURCES` names for each article and month, those of most people first."""
        named = {(day, article) for day, article, _kind, name in numbers if name}
        known: defaultdict[tuple[date, int], set[tuple[str, str]]] = defaultdict(set)
        rows = self.filter(day__in={day for day, _article in named}, article__in={article for _day, article in named})
        for day, article, kind, name in rows.exclude(name="").values_list("day", "article", "kind", "name"):
            known[day, article].add((kind, name))
        bounded: Counter[SourceKey] = Counter()
        for (day, article, kind, name), number in sorted(numbers.items(), key=lambda item: (-item[1], item[0])):
            names = known[day, article]
            if name and (kind, name) not in names:
                if len(names) < MAX_SOURCES:
                    names.add((kind, name))
                else:
                    name = OTHER
            bounded[day, article, kind, name] += number
        return bounded


class ReadSource(models.Model):
    """How many people came to `article` in the month that begins on `day`, from one place."""

    # The constraint has an index that begins with it.
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="read_sources", db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=10, choices=SourceKind)
    name = models.CharField(max_length=MAX_SOURCE_NAME, blank=True)
    people = models.PositiveIntegerField(default=0)

    objects = ReadSourceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "day", "kind", "name"],
                name="read_source_unique",
                violation_error_message=_("This article already has a count for this month."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.people} people from {self.name or self.kind} on {self.day}"


class AgentDayQuerySet(NameSums["AgentDay"]):
    total = "requests"


class AgentDay(models.Model):
    """How many articles a program or an assistant requested on a day. Those without a name have none."""

    day = models.DateField()
    name = models.CharField(max_length=MAX_NAME, blank=True)
    kind = models.CharField(max_length=10, choices=[(kind.value, kind.value) for kind in Kind])
    requests = models.PositiveIntegerField(default=0)

    objects = AgentDayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["day", "name", "kind"],
                name="agent_day_unique",
                violation_error_message=_("This program already has a count for this day."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.requests} requests by {self.name or self.kind} on {self.day}"


# Day and reason.
type NotCountedKey = tuple[date, str]


class NotCountedQuerySet(DaySums["NotCounted", NotCountedKey]):
    key, total = ("reason",), "requests"


class NotCounted(models.Model):
    """How many requests for articles by people were not counted on a day, and why."""

    class Reason(models.TextChoices):
        AGAIN = "again", _("Opened again on the same day")
        PREFETCH = "prefetch", _("Loaded in advance by a browser")
        STAFF = "staff", _("Staff")
        ADDRESS = "address", _("Too many from one address")
        # The table of those who were seen is full.
        FULL = "full", _("More people than can be told apart")

    day = models.DateField()
    reason = models.CharField(max_length=10, choices=Reason)
    requests = models.PositiveIntegerField(default=0)

    objects = NotCountedQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "not counted"
        constraints = [
            models.UniqueConstraint(
                fields=["day", "reason"],
                name="not_counted_unique",
                violation_error_message=_("This reason already has a count for this day."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.requests} requests on {self.day}: {self.get_reason_display()}"
