"""Where an article stands (one section) and what it is about (topics)."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Self

from django.apps import apps
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse

from truthlytics.web.ids import parse_id


class _Joined(Subquery):
    """The column `version_id` of a query as one text with commas, in the query's order: a subquery a place is slow."""

    template = "(SELECT GROUP_CONCAT(version_id) FROM (%(subquery)s) AS newest)"
    output_field = models.TextField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "(SELECT STRING_AGG(version_id::text, ',') FROM (%(subquery)s) AS newest)"
        return self.as_sql(compiler, connection, template=template)


class SectionQuerySet(models.QuerySet["Section"]):
    def in_masthead(self) -> Self:
        """All sections in the order that the newsroom gave them."""
        return self.order_by("position", "pk")

    def with_newest(self, count: int, now: datetime) -> Self:
        """Each section knows the ids of its `count` newest served versions, as `newest`, in the same query."""
        entries = apps.get_model("articles.SectionEntry").objects.served(now).filter(section=OuterRef("pk"))
        ids = entries.order_by("-published_at", "-article_id").values("version_id")
        return self.annotate(newest_ids=_Joined(ids[:count]))


class Section(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    intro = models.CharField(max_length=300, blank=True, help_text="One sentence under the name.")
    position = models.PositiveSmallIntegerField(default=0, help_text="Order in the masthead, smallest first.")

    objects = SectionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:section", args=[self.slug])

    @property
    def newest(self) -> set[int]:
        """The version ids that `with_newest` found, in no order that a database promises."""
        ids: str | None = getattr(self, "newest_ids", None)
        return {int(one) for one in ids.split(",")} if ids else set()


class TopicQuerySet(models.QuerySet["Topic"]):
    def unmerged(self) -> Self:
        """Without those that were merged into another."""
        return self.filter(merged_into=None)

    def survivors(self, keys: Iterable[Any]) -> list[str]:
        """The keys, as a form has them, of what they mean today: a merged topic is what it was merged into."""
        given = [str(key) for key in keys]
        rows = [pk for pk in map(parse_id, given) if pk is not None]
        merged = self.filter(pk__in=rows, merged_into__isnull=False).values_list("pk", "merged_into")
        became = {str(pk): str(into) for pk, into in merged}
        return list(dict.fromkeys(became.get(key, key) for key in given))

    def current(self, named: Iterable[Mapping[str, str]]) -> list["Topic"]:
        """The topics that a content names, each once and in its order: a merged one is what it was merged into."""
        uuids = [topic["uuid"] for topic in named]
        if not uuids:
            return []
        found = {str(topic.uuid): topic.survivor for topic in self.filter(uuid__in=uuids).select_related("merged_into")}
        return list({found[uuid].pk: found[uuid] for uuid in uuids if uuid in found}.values())


class Topic(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    intro = models.CharField(max_length=300, blank=True)
    # Its address leads there, and what names it is drawn with the other's name. Never the beginning of a chain.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("id")), name="topic_not_merged_into_itself"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:topic", args=[self.slug])

    @property
    def survivor(self) -> "Topic":
        """Itself, or what it was merged into."""
        return self.merged_into or self
