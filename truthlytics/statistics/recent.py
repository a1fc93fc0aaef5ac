"""Who opened articles in the last half hour: a few rows that every batch of counts adds to, and that soon go again."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Sum

from truthlytics.statistics.sums import upsert

MINUTES = 5
# Rows are added to for five minutes: of the last ones, the half hour has between 25 and 30 minutes.
SHOWN = timedelta(minutes=30 - MINUTES)


def start_of(now: datetime) -> datetime:
    """Return the start of the five minutes in which `now` is."""
    return now.replace(minute=now.minute - now.minute % MINUTES, second=0, microsecond=0)


class RecentReadQuerySet(models.QuerySet["RecentRead"]):
    def add(self, people: Mapping[int, int], now: datetime) -> None:
        """Add people by article id, all or none. Safe to run concurrently."""
        at = start_of(now)
        upsert(self.model, ("at", "article"), ("people",), [(at, pk, number) for pk, number in people.items()])

    def most_read(self, now: datetime) -> list[tuple[int, str, int]]:
        """Return the ids and headlines of articles and their people in the last half hour, most people first."""
        rows = self.filter(at__gte=start_of(now) - SHOWN).order_by().values_list("article", "article__headline")
        return list(rows.annotate(number=Sum("people")).order_by("-number", "-article"))

    def delete_old(self, now: datetime) -> int:
        return self.filter(at__lt=start_of(now) - SHOWN).delete()[0]


class RecentRead(models.Model):
    """How many people opened `article` in the five minutes that begin `at`. As in all sums, once a day each."""

    at = models.DateTimeField()
    # The constraint has an index for lists by time; an article that is deleted has few rows here.
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="+")
    people = models.PositiveIntegerField(default=0)

    objects = RecentReadQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["at", "article"], name="recent_read_unique")]

    def __str__(self) -> str:
        return f"{self.people} people of article {self.article_id} from {self.at}"
