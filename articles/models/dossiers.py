"""The story so far: what several articles belong to, in a few dated sentences.

`Dossier`, its entries and its pieces are the editors' working rows. Readers see the newest version that is due, drawn
with what is public of the articles that it names.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from articles.models.articles import Article
from articles.models.publishable import Publishable, PublishableQuerySet, PublishableVersion, PublishableVersionQuerySet
from articles.richtext.short_text import SHORT
from articles.richtext.vocabulary import ProseField
from truthlytics.web.partial_dates import is_date


class Order(models.TextChoices):
    HAND = "hand", "As numbered"
    NEWEST = "newest", "Newest first"


class DossierQuerySet(PublishableQuerySet["Dossier"]):
    pass


class Dossier(Publishable):
    title = models.CharField(max_length=120, unique=True, error_messages={"unique": "Another dossier has this title."})
    slug = models.SlugField(max_length=120, unique=True)
    summary: "models.TextField[str, str]" = ProseField(blank=True, extensions=SHORT)
    order = models.CharField(max_length=6, choices=Order, default=Order.NEWEST)

    objects = DossierQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        permissions = [("publish_dossier", "Can publish and withdraw dossiers")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("articles:dossier", args=[self.slug])


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


class DossierArticle(models.Model):
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


class DossierVersionQuerySet(PublishableVersionQuerySet["DossierVersion"]):
    pass


class DossierVersion(PublishableVersion):
    """What was published of a dossier: its own words in `content`, the articles by uuid in it and as `places`."""

    of = "dossier"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="versions")
    content: "models.JSONField[Mapping[str, Any]]" = models.JSONField(editable=False)

    objects = DossierVersionQuerySet.as_manager()

    class Meta:
        ordering = ["dossier", "number"]
        constraints = [
            models.UniqueConstraint(fields=["dossier", "number"], name="version_number_once_per_dossier"),
        ]


class DossierVersionArticleQuerySet(models.QuerySet["DossierVersionArticle"]):
    def public(self, now: datetime) -> Self:
        """The places whose articles readers may see at `now`."""
        visible = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gt=now)
        return self.filter(visible, article__published_at__lte=now)


class DossierVersionArticle(models.Model):
    """This article is named by this version, at this place among its pieces."""

    version = models.ForeignKey(DossierVersion, models.CASCADE, related_name="places")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    objects = DossierVersionArticleQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "article"], name="article_once_in_dossier_version")]

    def __str__(self) -> str:
        return f"article {self.article_id} at {self.position}"
