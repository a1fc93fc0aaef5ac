"""What the writing desk keeps: every save on purpose, one slot of unsaved words a person, and who has it open."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import RowNumber
from django.utils import timezone

FORGOTTEN_AFTER = timedelta(seconds=60)


class Begun:
    """What can be written on the desk has a row from the first words on, before anybody saved it."""

    uuid: Any
    edition: Any
    slug: Any
    autosaves: Any

    @staticmethod
    def begun_slug(key: UUID) -> str:
        """The address of what has none yet, since nobody saved it."""
        return f"draft-{key.hex[:16]}"

    @property
    def begun_only(self) -> bool:
        """A place for unsaved words, made by the first autosave: nobody saved it on purpose so far."""
        return bool(self.edition == 0 and self.slug == self.begun_slug(self.uuid))


class OnTheDesk(models.Model):
    """A row that the desk keeps beside what is written. `of` names the column that says what that is."""

    of: ClassVar[str]

    class Meta:
        abstract = True

    @property
    def written(self) -> Any:
        """The article or page that it belongs to."""
        return getattr(self, self.of)


class SaveQuerySet[Row: "AnySave"](models.QuerySet[Row]):
    def on_purpose(self) -> Self:
        """The saves themselves, without the texts that somebody put aside."""
        return self.filter(aside=False)

    def prunable(self, *, before: datetime, keep_last: int) -> Self:
        """What is older than `before`, has no name and is not among the `keep_last` newest saves of its text."""
        place = models.Window(RowNumber(), partition_by=self.model.of, order_by=["-edition", "-pk"])
        newest: Any = self.model.objects.on_purpose()  # type: ignore[attr-defined]
        newest = newest.annotate(place=place).filter(place__lte=max(1, keep_last))
        return self.filter(made_at__lt=before, name="").exclude(pk__in=newest.values("pk"))


class AnySave(OnTheDesk):
    """One text of the working row as somebody saved it. `aside`: words that lost a choice between two texts.

    Private to the newsroom and prunable; what was published is a Version and stays.
    """

    edition = models.PositiveIntegerField()
    aside = models.BooleanField(default=False)
    content = models.TextField()
    content_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=80, blank=True)

    class Meta:
        abstract = True
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"save {self.edition} of {self.of} {getattr(self, f'{self.of}_id')}"


class Revision(AnySave):
    of = "article"
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="saves")

    objects = SaveQuerySet["Revision"].as_manager()

    class Meta(AnySave.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["article", "edition"], condition=Q(aside=False), name="edition_saved_once",
                violation_error_message="This edition is kept already.",
            )
        ]  # fmt: skip


class PageSave(AnySave):
    of = "page"
    page = models.ForeignKey("articles.Page", models.CASCADE, related_name="saves")

    objects = SaveQuerySet["PageSave"].as_manager()

    class Meta(AnySave.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["page", "edition"], condition=Q(aside=False), name="page_edition_saved_once",
                violation_error_message="This edition is kept already.",
            )
        ]  # fmt: skip


class AnyAutosave(OnTheDesk):
    """The unsaved words of one person in one text, as the form's fields; only the newest, and nobody else's.

    `tab` names the open page that holds the slot: another page of the same person may not write over its words.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    words = models.TextField()
    edition = models.PositiveIntegerField(default=0)
    tab = models.CharField(max_length=40, blank=True)
    sequence = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"unsaved words in {self.of} {getattr(self, f'{self.of}_id')}"


class Autosave(AnyAutosave):
    of = "article"
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="autosaves")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "person"], name="one_slot_a_person_and_article",
                violation_error_message="This person has unsaved words here already.",
            )
        ]  # fmt: skip


class PageAutosave(AnyAutosave):
    of = "page"
    page = models.ForeignKey("articles.Page", models.CASCADE, related_name="autosaves")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "person"], name="one_slot_a_person_and_page",
                violation_error_message="This person has unsaved words here already.",
            )
        ]  # fmt: skip


class PresenceQuerySet[Row: "AnyPresence"](models.QuerySet[Row]):
    def here(self, now: datetime | None = None) -> Self:
        """Those who were heard of in the last minute."""
        return self.filter(seen_at__gt=(now or timezone.now()) - FORGOTTEN_AFTER)


class AnyPresence(OnTheDesk):
    """Somebody has the text open. Two tabs of one person are one row."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.person} at {self.of} {getattr(self, f'{self.of}_id')}"


class Presence(AnyPresence):
    of = "article"
    article = models.ForeignKey("articles.Article", models.CASCADE, related_name="presences")

    objects = PresenceQuerySet["Presence"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["article", "person"], name="present_once",
                violation_error_message="This person is known to be here.",
            )
        ]  # fmt: skip


class PagePresence(AnyPresence):
    of = "page"
    page = models.ForeignKey("articles.Page", models.CASCADE, related_name="presences")

    objects = PresenceQuerySet["PagePresence"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["page", "person"], name="present_once_at_a_page",
                violation_error_message="This person is known to be here.",
            )
        ]  # fmt: skip
