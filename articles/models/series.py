"""Series: articles that are read in order."""

import uuid
from typing import Any, ClassVar

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.versions import Entry, EntryQuerySet


class Series(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=120)
    slug = models.SlugField(max_length=120, unique=True)
    intro = models.CharField(max_length=300, blank=True, help_text=_("One or two sentences shown under the name."))

    class Meta:
        ordering = ["name"]
        verbose_name_plural = _("series")

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:series", args=[self.slug])

    def next_part(self) -> int:
        """Return the number after the highest one in use, by published articles or drafts."""
        last: int | None = self.articles.aggregate(last=models.Max("series_part"))["last"]
        return (last or 0) + 1


class SeriesEntryQuerySet(EntryQuerySet):
    entry_columns = ("published_at", "part")


class SeriesEntry(Entry):
    """A row of a series. `part` is the number the version was published with."""

    series = models.ForeignKey(Series, models.CASCADE, related_name="entries")
    part = models.PositiveSmallIntegerField()

    objects: ClassVar[Any] = SeriesEntryQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["series", "part", "article"], name="series_by_part")]
        constraints = [models.UniqueConstraint(fields=["series", "version"], name="series_entry_unique")]
