"""Pieces that belong together and are read in order."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse

from articles.models.versions import Entry, EntryQuerySet


class Series(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    intro = models.CharField(max_length=300, blank=True, help_text="One or two sentences under the name.")

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "series"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:series", args=[self.slug])

    def next_part(self) -> int:
        """The number after the last that an article, published or not, has in it."""
        last: int | None = self.articles.aggregate(last=models.Max("series_part"))["last"]
        return (last or 0) + 1


class SeriesEntryQuerySet(EntryQuerySet):
    drawn = ("published_at", "part")


class SeriesEntry(Entry):
    """A line of a series. `part` is the number that its version was published with."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="entries")
    part = models.PositiveSmallIntegerField()

    objects: ClassVar[Any] = SeriesEntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["series", "part", "article"], name="series_by_part")]
        constraints = [models.UniqueConstraint(fields=["series", "version"], name="version_once_in_a_series")]
