"""The story so far: what several articles belong to, in a few dated sentences.

`Dossier`, its entries and its pieces are the editors' working rows. Readers see the newest version that is due, drawn
with what is public of the articles that it names.
"""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone

from articles.partial_dates import is_date
from articles.prose import ProseField

from .articles import Article
from .versions import AppendOnly


class Order(models.TextChoices):
    HAND = "hand", "As numbered"
    NEWEST = "newest", "Newest first"


class DossierQuerySet(models.QuerySet["Dossier"]):
    def published(self, now: datetime | None = None) -> Self:
        """What the public may know of."""
        served = DossierVersion.objects.was_public(now).filter(dossier=OuterRef("pk"))
        return self.filter(Exists(served), withdrawn_at=None)

    def with_last_change(self, now: datetime) -> Self:
        """Each knows since when its served version is served, as `changed_at`."""
        newest = DossierVersion.objects.was_public(now).filter(dossier=OuterRef("pk")).order_by("-number")
        return self.annotate(changed_at=Subquery(newest.values("public_from")[:1]))


class Dossier(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    title = models.CharField(max_length=120, unique=True, error_messages={"unique": "Another dossier has this title."})
    slug = models.SlugField(max_length=120, unique=True)
    summary: "models.TextField[str, str]" = ProseField(blank=True)
    order = models.CharField(max_length=6, choices=Order, default=Order.NEWEST)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = DossierQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        permissions = [("publish_dossier", "Can publish and withdraw dossiers")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("articles:dossier", args=[self.slug])

    def state(self, now: datetime | None = None) -> str:
        """One of draft, scheduled, published, changing, withdrawn: what the newsroom calls it."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        now = now or timezone.now()
        planned = [made.public_from > now for made in self.versions.all() if made.superseded_at is None]
        if not planned or all(planned):
            return "scheduled" if planned else "draft"
        return "changing" if any(planned) else "published"


class DossierEntry(models.Model):
    """One dated sentence or two. `date` is as exact as what is known: a day, a month or a year."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="entries")
    date = models.CharField(max_length=10, validators=[is_date])
    text = models.CharField(max_length=400)
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="+")
    source = models.URLField(max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["date", "position", "pk"]
        verbose_name_plural = "dossier entries"

    def __str__(self) -> str:
        return f"{self.date}: {self.text[:60]}"


class DossierPiece(models.Model):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="pieces")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "article"],
                name="article_once_in_a_dossier",
                violation_error_message="This article stands in the dossier already.",
            )
        ]

    def __str__(self) -> str:
        return f"article {self.article_id} at {self.position}"


class DossierVersionQuerySet(models.QuerySet["DossierVersion"]):
    def was_public(self, now: datetime | None = None) -> Self:
        """The versions that readers have seen by `now`: a replaced plan never appears."""
        return self.filter(public_from__lte=now or timezone.now(), superseded_at=None)

    def served(self, now: datetime | None = None) -> Self:
        """Of each dossier that the public may know of, the version that it reads."""
        newest = DossierVersion.objects.was_public(now).filter(dossier=OuterRef("dossier")).order_by("-number")
        return self.filter(pk=Subquery(newest.values("pk")[:1]), dossier__withdrawn_at=None)

    def update(self, **columns: Any) -> int:
        if columns.keys() != {"superseded_at"}:
            raise AppendOnly("What was published is never changed: publish a new version.")
        return super().update(**columns)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnly("A version is never deleted.")


class DossierVersion(models.Model):
    """What was published of a dossier: its own words in `content`, the articles by uuid in it and as `places`."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    public_from = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, help_text="What changed, for readers.")
    content: "models.JSONField[Mapping[str, Any]]" = models.JSONField(editable=False)
    # A planned version that was replaced before its time.
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = DossierVersionQuerySet.as_manager()

    class Meta:
        ordering = ["dossier", "number"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "number"], name="version_number_once_per_dossier"),
        ]

    def __str__(self) -> str:
        return f"dossier {self.dossier_id}, version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnly("What was published is never changed: publish a new version.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnly("A version is never deleted.")


class DossierPlaceQuerySet(models.QuerySet["DossierPlace"]):
    def public(self, now: datetime) -> Self:
        """The places whose articles readers may see at `now`."""
        visible = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gt=now)
        return self.filter(visible, article__published_at__lte=now)


class DossierPlace(models.Model):
    """This article is named by this version, at this place among its pieces."""

    version = models.ForeignKey(DossierVersion, models.CASCADE, related_name="places")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    objects = DossierPlaceQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "article"], name="article_once_in_dossier_version")]

    def __str__(self) -> str:
        return f"article {self.article_id} at {self.position}"
