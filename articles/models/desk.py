"""What the writing desk keeps: every save on purpose, one slot of unsaved words a person, and who has it open."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import RowNumber
from django.utils import timezone

FORGOTTEN_AFTER = timedelta(seconds=60)


class SaveQuerySet(models.QuerySet["Save"]):
    def on_purpose(self) -> Self:
        """The saves themselves, without the texts that somebody put aside."""
        return self.filter(aside=False)

    def prunable(self, *, before: datetime, keep_last: int) -> Self:
        """What is older than `before`, has no name and is not among the `keep_last` newest saves of its article."""
        place = models.Window(RowNumber(), partition_by="article", order_by=["-edition", "-pk"])
        newest = self.model.objects.on_purpose().annotate(place=place).filter(place__lte=max(1, keep_last))
        return self.filter(made_at__lt=before, name="").exclude(pk__in=newest.values("pk"))


class Save(models.Model):
    """One text of the working row as somebody saved it. `aside`: words that lost a choice between two texts.

    Private to the newsroom and prunable; what was published is a Version and stays.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="saves")
    edition = models.PositiveIntegerField()
    aside = models.BooleanField(default=False)
    content = models.TextField()
    content_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80, blank=True)

    objects = SaveQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["article", "edition"], condition=Q(aside=False), name="edition_saved_once",
                violation_error_message="This edition is kept already.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"save {self.edition} of article {self.article_id}"


class Autosave(models.Model):
    """The unsaved words of one person in one article, as the form's fields; only the newest, and nobody else's.

    `tab` names the open page that holds the slot: another page of the same person may not write over its words.
    """

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="autosaves")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    words = models.TextField()
    edition = models.PositiveIntegerField(default=0)
    tab = models.CharField(max_length=40, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "person"], name="one_slot_a_person_and_article",
                violation_error_message="This person has unsaved words here already.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"unsaved words in article {self.article_id}"


class PresenceQuerySet(models.QuerySet["Presence"]):
    def here(self, now: datetime | None = None) -> Self:
        """Those who were heard of in the last minute."""
        return self.filter(seen_at__gt=(now or timezone.now()) - FORGOTTEN_AFTER)


class Presence(models.Model):
    """Somebody has the article open. Two tabs of one person are one row."""

    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="presences")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    objects = PresenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "person"], name="present_once",
                violation_error_message="This person is known to be here.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person} at article {self.article_id}"
