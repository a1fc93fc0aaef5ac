"""Addresses that an article had before, on this site or on another."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from .articles import Article


class OldAddressQuerySet(models.QuerySet["OldAddress"]):
    def leading_on(self, now: datetime | None = None) -> Self:
        """Only where the article is public, or was: an old address must not tell of a draft."""
        now = now or timezone.now()
        visible = Q(article__withdrawn_at=None) | Q(article__withdrawn_at__gte=F("article__published_at"))
        return (
            self.filter(visible, article__published_at__lte=now).select_related("article").only("path", "article__slug")
        )


class OldAddress(models.Model):
    """`path` as it stood behind the host, percent-decoded, without a trailing slash; answered with 301."""

    path = models.CharField(max_length=500, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="old_addresses")

    objects = OldAddressQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "old addresses"

    def __str__(self) -> str:
        return self.path

    @staticmethod
    def normal(path: str) -> str:
        """The one form in which a path is stored and looked up."""
        return "/" + path.split("?", 1)[0].split("#", 1)[0].strip("/")
