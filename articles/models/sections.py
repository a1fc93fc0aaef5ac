"""Where an article stands (one section) and what it is about (topics)."""

import uuid
from typing import Self

from django.db import models
from django.urls import reverse


class SectionQuerySet(models.QuerySet["Section"]):
    def in_masthead(self) -> Self:
        """All sections in the order that the newsroom gave them."""
        return self.order_by("position", "pk")


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


class Topic(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    intro = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("articles:topic", args=[self.slug])
