"""Which images are used in which working texts and versions."""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db import models
from django.db.models import Q

from articles.models.media import Image
from articles.richtext.vocabulary import image_uuids


class ImageUsage(models.Model):
    """An image in a version of an article, or with `version=None` in its working text."""

    image = models.ForeignKey(Image, models.PROTECT, related_name="usages")
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="image_usages")
    version = models.ForeignKey("articles.Version", models.CASCADE, null=True, related_name="image_usages")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "version"], name="image_usage_unique_per_version"),
            models.UniqueConstraint(
                fields=["image", "article"], condition=Q(version=None), name="image_usage_unique_per_draft"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.article_id}"

    @classmethod
    def update_for(
        cls, article: Any, uuids: Collection[str], version: Any = None, others: Collection[int | None] = ()
    ) -> None:
        """Store that `version` (None: the working text) uses the images `uuids` and, by id, `others`, and no more.

        Safe to repeat and to run concurrently.
        """
        stored = cls.objects.filter(article=article, version=version)
        before = set(stored.values_list("image", flat=True))
        wanted = set(Image.objects.filter(uuid__in=uuids).values_list("pk", flat=True)) if uuids else set()
        wanted |= {pk for pk in others if pk}
        if removed := before - wanted:
            stored.filter(image__in=removed).delete()
        added = [ImageUsage(image_id=pk, article=article, version=version) for pk in sorted(wanted - before)]
        ImageUsage.objects.bulk_create(added, ignore_conflicts=True)

    @classmethod
    def add_for_versions(cls, versions: Sequence[Any]) -> None:
        """Store which images new versions use."""
        shown = ((version, json.loads(version.content)["pictures"].keys()) for version in versions)
        cls._add((version.article_id, version, uuids, ()) for version, uuids in shown)

    @classmethod
    def add_for_new(cls, articles: Iterable[Any]) -> None:
        """Store which images the working texts of new articles use."""
        cls._add(
            (article.pk, None, image_uuids(article.body), (article.lead_id, article.social_image_id))
            for article in articles
        )

    @classmethod
    def _add(cls, uses: Iterable[tuple[int, Any, Collection[str], Collection[int | None]]]) -> None:
        """Add usages: article by id, version, and the images by UUID and by id."""
        uses = list(uses)
        wanted = {uuid for _, _, uuids, _ in uses for uuid in uuids}
        rows = Image.objects.filter(uuid__in=wanted).values_list("uuid", "pk") if wanted else ()
        found = {str(uuid): pk for uuid, pk in rows}
        ImageUsage.objects.bulk_create(
            (
                ImageUsage(image_id=pk, article_id=article, version=version)
                for article, version, uuids, others in uses
                for pk in sorted({found[uuid] for uuid in uuids if uuid in found} | {pk for pk in others if pk})
            ),
            ignore_conflicts=True,
        )
