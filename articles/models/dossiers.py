"""Dossiers: background on a running story, as dated entries and a list of articles.

`Dossier`, `DossierEntry` and `DossierArticle` are the working rows. Readers get the newest version that is due,
rendered with the public articles it names.
"""

from datetime import datetime
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from articles.models.articles import Article
from articles.models.publishable import (
    Publishable,
    PublishableQuerySet,
    PublishableVersion,
    PublishableVersionQuerySet,
    not_withdrawn,
)
from articles.richtext.short_text import SHORT_TEXT_EXTENSIONS
from articles.richtext.vocabulary import ProseField
from truthlytics.web.partial_dates import validate_partial_date
from truthlytics.web.types import Content


class Order(models.TextChoices):
    HAND = "hand", _("As numbered")
    NEWEST = "newest", _("Newest first")


class DossierQuerySet(PublishableQuerySet["Dossier"]):
    pass


class Dossier(Publishable):
    title = models.CharField(
        max_length=120, unique=True, error_messages={"unique": _("Another dossier has this title.")}
    )
    slug = models.SlugField(
        max_length=120,
        unique=True,
        error_messages={"unique": _("Another dossier has this URL. Choose a different one.")},
    )
    summary: "models.TextField[str, str]" = ProseField(blank=True, extensions=SHORT_TEXT_EXTENSIONS)
    order = models.CharField(max_length=6, choices=Order, default=Order.NEWEST)

    objects = DossierQuerySet.as_manager()

    class Meta:
        ordering = ["-updated_at", "-pk"]
        permissions = [("publish_dossier", _("Can publish and withdraw dossiers"))]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("articles:dossier", args=[self.slug])


class DossierEntry(models.Model):
    """A dated entry of one or two sentences. `date` is a year, a month or a day."""

    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="entries")
    date = models.CharField(max_length=10, validators=[validate_partial_date])
    text = models.CharField(max_length=400)
    article = models.ForeignKey(Article, models.SET_NULL, null=True, blank=True, related_name="+")
    source = models.URLField(max_length=500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["date", "position", "pk"]
        verbose_name_plural = _("dossier entries")

    def __str__(self) -> str:
        return f"{self.date}: {self.text[:60]}"


class DossierArticle(models.Model):
    dossier = models.ForeignKey(Dossier, models.CASCADE, related_name="articles")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["dossier", "article"],
                name="dossier_article_unique",
                violation_error_message=_("This article is already in the dossier."),
            )
        ]

    def __str__(self) -> str:
        return str(self.article)


class DossierVersionQuerySet(PublishableVersionQuerySet["DossierVersion"]):
    pass


class DossierVersion(PublishableVersion):
    """A published dossier. `content` has its text and the uuids of its articles, `articles` the same as rows.

    The content is digested in its canonical form.
    """

    of = "dossier"

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="versions")
    content: "models.JSONField[Content]" = models.JSONField(null=True, editable=False)

    objects = DossierVersionQuerySet.as_manager()

    class Meta:
        ordering = ["dossier", "number"]
        constraints = [models.UniqueConstraint(fields=["dossier", "number"], name="dossier_version_number_unique")]


class DossierVersionArticleQuerySet(models.QuerySet["DossierVersionArticle"]):
    def public(self, now: datetime) -> Self:
        return self.filter(not_withdrawn(now, "article__"), article__published_at__lte=now)


class DossierVersionArticle(models.Model):
    """An article in a published dossier, at its position in the list."""

    version = models.ForeignKey(DossierVersion, models.CASCADE, related_name="articles")
    article = models.ForeignKey(Article, models.CASCADE, related_name="+")
    position = models.PositiveSmallIntegerField()

    objects = DossierVersionArticleQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["version", "article"], name="dossier_version_article_unique")]

    def __str__(self) -> str:
        return f"article {self.article_id} at {self.position}"
