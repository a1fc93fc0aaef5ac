"""Sections (one per article) and topics."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from truthlytics.web.ids import parse_id


class SectionQuerySet(models.QuerySet["Section"]):
    def in_masthead(self) -> Self:
        """Return all sections in the order the newsroom chose."""
        return self.order_by("position", "pk")

    def in_menu(self) -> Self:
        """Return the sections that are behind the link “All sections” of menus."""
        return self.in_masthead().filter(in_menu=True)


class Section(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=80, unique=True)
    intro = models.CharField(max_length=300, blank=True, help_text=_("One sentence shown under the name."))
    position = models.PositiveSmallIntegerField(default=0, help_text=_("Order in the masthead, smallest first."))
    is_news = models.BooleanField(
        _("on the front page"),
        default=True,
        db_default=True,
        help_text=_("Its newest articles are on the front page by themselves, and in the feed of all articles."),
    )

    in_menu = models.BooleanField(
        _("in the menu"),
        default=True,
        db_default=True,
        help_text=_("“All sections” in the menu has it, and the front page has a row of its newest articles."),
    )
    needs_second_person = models.BooleanField(
        _("publish only after a review by a second person"),
        default=False,
        db_default=False,
        help_text=_("Whatever the settings say, someone who has not written the text must check facts and sources."),
    )

    objects = SectionQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:section", args=[self.slug])

    @property
    def has_row(self) -> bool:
        """Whether the front page has a row of its newest articles without an editor."""
        return self.is_news and self.in_menu


class TopicQuerySet(models.QuerySet["Topic"]):
    def unmerged(self) -> Self:
        """Return the topics that were not merged into another."""
        return self.filter(merged_into=None)

    def survivors(self, keys: Iterable[object]) -> list[str]:
        """Return form keys with those of merged topics replaced by the topic they were merged into."""
        values = [str(key) for key in keys]
        pks = [pk for pk in map(parse_id, values) if pk is not None]
        merged = self.filter(pk__in=pks, merged_into__isnull=False).values_list("pk", "merged_into")
        replaced = {str(pk): str(target) for pk, target in merged}
        return list(dict.fromkeys(replaced.get(value, value) for value in values))

    def current(self, topics: Iterable[Mapping[str, str]]) -> list["Topic"]:
        """Return the topics of a version's content, once each and in order, with merged topics replaced."""
        uuids = [topic["uuid"] for topic in topics]
        return current_topics(uuids, self.survivors_by_uuid(uuids))

    def survivors_by_uuid(self, uuids: Collection[str]) -> dict[str, "Topic"]:
        """Return the topics with these UUIDs, with merged topics replaced. One query; none without UUIDs."""
        rows = self.filter(uuid__in=uuids).select_related("merged_into") if uuids else ()
        return {str(topic.uuid): topic.survivor for topic in rows}


def current_topics(uuids: Iterable[str], survivors: Mapping[str, "Topic"]) -> list["Topic"]:
    """Return the topics with these UUIDs among `survivors`, once each and in order."""
    found = (survivors[uuid] for uuid in uuids if uuid in survivors)
    return list({topic.pk: topic for topic in found}.values())


class Topic(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    intro = models.CharField(max_length=300, blank=True)
    # The URL redirects there, and articles are shown with that name. The target itself is never merged.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="merged"
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                Lower("name"),
                name="topic_name_unique",
                violation_error_message=_("There is already a topic with this name."),
            ),
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
        """The topic itself, or the one it was merged into."""
        return self.merged_into or self
