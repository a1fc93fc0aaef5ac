"""The front page as it is edited: append-only editions, and the one draft from which they are made."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from articles.homepage.layout import DEFAULT, Layout, parse
from articles.models.versions import AppendOnlyError
from truthlytics.web.compiled_queries import CompiledObjectQuery

CHANGEABLE = {"superseded_at"}


class HomepageEditionQuerySet(models.QuerySet["HomepageEdition"]):
    def due(self, now: datetime | None = None) -> Self:
        """Those that have had their time, the one that readers get first."""
        reached = self.filter(public_from__lte=now or timezone.now(), superseded_at=None)
        return reached.order_by("-public_from", "-number")

    def scheduled(self, now: datetime | None = None) -> Self:
        """Those whose time is still to come, the next first."""
        return self.filter(public_from__gt=now or timezone.now(), superseded_at=None).order_by("public_from", "number")

    def update(self, **columns: Any) -> int:
        if not columns.keys() <= CHANGEABLE:
            raise AppendOnlyError("An edition is never changed: publish another.")
        return super().update(**columns)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("An edition is never deleted.")


class HomepageEdition(models.Model):
    number = models.PositiveIntegerField(unique=True)
    public_from = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=200, blank=True, help_text="For the newsroom alone.")
    # A layout as text: jsonb would rewrite what it stores.
    content = models.TextField()
    # Given up before its time.
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = HomepageEditionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = "edition of the front page"
        verbose_name_plural = "editions of the front page"
        indexes = [models.Index(fields=["-public_from", "-number"], name="edition_by_date")]

    def __str__(self) -> str:
        return f"Edition {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None and not set(kwargs.get("update_fields") or ["content"]) <= CHANGEABLE:
            raise AppendOnlyError("An edition is never changed: publish another.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("An edition is never deleted.")

    @property
    def layout(self) -> Layout:
        return parse(self.content)


def layout_served(now: datetime | None = None) -> Layout:
    """What readers get: the layout of the newest edition that is due, else everything fills itself."""
    due = _due(now or timezone.now())
    return parse(due[0].content) if due else DEFAULT


_due: CompiledObjectQuery[HomepageEdition] = CompiledObjectQuery(
    lambda now: HomepageEdition.objects.due(now)[:1], "now"
)


class HomepageDraft(models.Model):
    """The one place where the newsroom arranges the next edition; `version` grows with every change."""

    slot = models.PositiveSmallIntegerField(default=1, unique=True, editable=False)
    version = models.PositiveIntegerField(default=0)
    content = models.TextField()
    saved_at = models.DateTimeField(default=timezone.now)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(slot=1), name="one_draft_of_the_front_page")]

    def __str__(self) -> str:
        return "Draft of the front page"

    @classmethod
    def current(cls) -> "HomepageDraft":
        """The draft as it stands; while nobody has saved one, what readers see, as version 0."""
        found = cls.objects.select_related("saved_by").first()
        return found or cls(content=layout_served().dumps())

    @classmethod
    def locked(cls) -> "HomepageDraft":
        """The draft, made where it was missing, and locked: of two editors the second waits here."""
        cls.objects.get_or_create(slot=1, defaults={"content": layout_served().dumps()})
        return cls.objects.select_for_update().get()

    @property
    def layout(self) -> Layout:
        return parse(self.content)
