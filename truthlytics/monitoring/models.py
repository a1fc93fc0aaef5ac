"""How often and how long pages were slow today, which *Settings → System* shows."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple, Self

from django.db import models, transaction
from django.db.models import F
from django.db.models.functions import Greatest


class Slowness(NamedTuple):
    """Slow requests of a route: how many, and how long all together and the longest took, in milliseconds."""

    requests: int = 0
    total: int = 0
    longest: int = 0

    def plus(self, milliseconds: int) -> Self:
        return type(self)(self.requests + 1, self.total + milliseconds, max(self.longest, milliseconds))


class SlowPageQuerySet(models.QuerySet["SlowPage"]):
    def of_day(self, day: date) -> Self:
        """The pages that were slow on `day`, first those that took longest together."""
        return self.filter(day=day).order_by("-total")

    @transaction.atomic
    def add(self, day: date, found: Mapping[str, Slowness]) -> None:
        """Add to what is known of these routes on `day`, and delete the days before."""
        self.filter(day__lt=day).delete()
        # Always in the same order, so that two processes do not wait for each other.
        routes = sorted(found)
        self.bulk_create([SlowPage(day=day, route=route) for route in routes], ignore_conflicts=True)
        for route in routes:
            more = found[route]
            self.filter(day=day, route=route).update(
                requests=F("requests") + more.requests,
                total=F("total") + more.total,
                longest=Greatest("longest", more.longest),
            )


class SlowPage(models.Model):
    """The slow requests of a route on a day. There are as many rows as routes, and no path or reader is in them."""

    day = models.DateField(help_text="In the time zone of the settings.")
    route = models.CharField(max_length=200, help_text="The name of a URL pattern.")
    requests = models.PositiveIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0, help_text="Milliseconds of all these requests together.")
    longest = models.PositiveIntegerField(default=0, help_text="Milliseconds of the longest one.")

    objects = SlowPageQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "route"], name="one_slow_page_a_day_and_route")]

    def __str__(self) -> str:
        return self.route

    @property
    def average_seconds(self) -> float:
        return self.total / 1000 / max(self.requests, 1)

    @property
    def longest_seconds(self) -> float:
        return self.longest / 1000
