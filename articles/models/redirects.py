"""Addresses that an article or a page had before, on this site or on another."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from articles.models.articles import Article
from articles.models.pages import Page


class RedirectQuerySet(models.QuerySet["Redirect"]):
    def to_public(self, now: datetime | None = None) -> Self:
        """Only where what it leads to is public, or was: an old address must not tell of a draft."""
        now = now or timezone.now()
        visible = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gte=F("article__published_at"))
        article = visible & Q(article__published_at__lte=now)
        page = Q(page__in=Page.objects.published(now)) | Q(page__in=Page.objects.gone(now))
        found = self.filter(article | page)
        return found.select_related("article", "page").only("path", "article__slug", "page__slug")


class Redirect(models.Model):
    """`path` as it stood behind the host, percent-decoded, without a trailing slash; answered with 301."""

    path = models.CharField(max_length=500, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, null=True, blank=True, related_name="redirects")
    page = models.ForeignKey(Page, models.CASCADE, null=True, blank=True, related_name="redirects")

    objects = RedirectQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "old addresses"
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=False, page=None) | Q(article=None, page__isnull=False),
                name="old_address_leads_to_one",
                violation_error_message="Say where it leads: to an article, or to a page.",
            )
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def target(self) -> Article | Page:
        """What it leads to."""
        found = self.article or self.page
        assert found is not None  # noqa: S101  a constraint says so
        return found

    @staticmethod
    def normalise(path: str) -> str:
        """The one form in which a path is stored and looked up."""
        return "/" + path.split("?", 1)[0].split("#", 1)[0].strip("/")
