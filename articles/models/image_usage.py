"""Where pictures stand: in working texts, and in the versions that were made of them."""

import json
from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import Q

from articles.models.media import Image


class ImageUsage(models.Model):
    """A picture in an article: in `version`, for ever, or (without one) in the text that is being worked on."""

    image = models.ForeignKey(Image, models.PROTECT, related_name="usages")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="image_usages")
    version = models.ForeignKey("articles.Version", models.CASCADE, null=True, related_name="image_usages")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "version"], name="picture_once_per_version"),
            models.UniqueConstraint(
                fields=["image", "article"], condition=Q(version=None), name="picture_once_per_working_text"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.article_id}"

    @classmethod
    def update_for(cls, article: Any, uuids: Collection[str], version: Any = None, lead: int | None = None) -> None:
        """Let what is noted for `version` of `article` (None: its working text) be `uuids` and `lead`, no more.

        Safe to repeat, and at once from two places.
        """
        noted = cls.objects.filter(article=article, version=version)
        before = set(noted.values_list("image", flat=True))
        wanted = set(Image.objects.filter(uuid__in=uuids).values_list("pk", flat=True)) if uuids else set()
        wanted |= {lead} if lead else set()
        if gone := before - wanted:
            noted.filter(image__in=gone).delete()
        made = [ImageUsage(image_id=pk, article=article, version=version) for pk in sorted(wanted - before)]
        ImageUsage.objects.bulk_create(made, ignore_conflicts=True)

    @classmethod
    def update_for_version(cls, version: Any) -> None:
        """Note what `version` shows, which is saved."""
        cls.update_for(version.article, json.loads(version.content)["pictures"].keys(), version)
