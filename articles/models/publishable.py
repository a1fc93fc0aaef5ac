"""What stands on the site beside articles, and is published as they are: dossiers and pages.

Editors write the working row; publishing makes a numbered version that nobody changes, and the newest that is due is
served. Nothing has to run when its time comes.
"""

import uuid
from datetime import datetime
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from articles.models.versions import AppendOnlyError

CHANGED = "What was published is never changed: publish a new version."
DELETED = "A version is never deleted."


def not_withdrawn(now: datetime | None = None, of: str = "") -> Q:
    """What has not ended by `now`; `of` leads to the row that may have."""
    return Q(**{f"{of}withdrawn_at": None}) | Q(**{f"{of}withdrawn_at__gt": now or timezone.now()})


class PublishableQuerySet[Row: "Publishable"](models.QuerySet[Row]):
    def published(self, now: datetime | None = None) -> Self:
        """What the public may know of."""
        return self.filter(not_withdrawn(now), Exists(self._public_versions(now)))

    def gone(self, now: datetime | None = None) -> Self:
        """What the public knew of, and was withdrawn by `now`: its address answers that it was there."""
        versions = self._public_versions(now).filter(public_from__lte=OuterRef("withdrawn_at"))
        return self.filter(Exists(versions), withdrawn_at__lte=now or timezone.now())

    def with_last_change(self, now: datetime) -> Self:
        """Each knows since when its served version is served, as `changed_at`."""
        newest = self._public_versions(now).order_by("-number")
        return self.annotate(changed_at=Subquery(newest.values("public_from")[:1]))

    def _public_versions(self, now: datetime | None) -> QuerySet[Any]:
        versions: Any = self.model._meta.get_field("versions").related_model
        found: QuerySet[Any] = versions.objects.was_public(now).filter(**{versions.of: OuterRef("pk")})
        return found


class Publishable(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    withdrawn_note = models.CharField(max_length=300, blank=True, editable=False)

    versions: Any

    class Meta:
        abstract = True

    def state(self, now: datetime | None = None) -> str:
        """One of draft, scheduled, published, changing, withdrawn: what the newsroom calls it."""
        now = now or timezone.now()
        if self.withdrawn_at is not None and self.withdrawn_at <= now:
            return "withdrawn"
        planned = [made.public_from > now for made in self.versions.all() if made.superseded_at is None]
        if not planned or all(planned):
            return "scheduled" if planned else "draft"
        return "changing" if any(planned) else "published"

    def read_now(self) -> Any:
        """The version that readers have, if any."""
        return self.versions.served().first()

    def waiting(self) -> Any:
        """The version that waits for its time."""
        return self.versions.waiting().defer("content").last()

    @property
    def published_at(self) -> datetime | None:
        """From when readers had it first, or will have it."""
        first: datetime | None = self._counting().aggregate(first=Min("public_from"))["first"]
        return first

    def last_from(self) -> datetime | None:
        """From when its last version is served, which may lie ahead."""
        last: datetime | None = self._counting().aggregate(last=Max("public_from"))["last"]
        return last

    def _counting(self) -> Any:
        return self.versions.filter(superseded_at=None)

    def audit_snapshot(self) -> dict[str, Any]:
        """What is told of it beside its columns, when somebody did something to it."""
        return {"state": self.state()}


class PublishableVersionQuerySet[Row: "PublishableVersion"](models.QuerySet[Row]):
    def was_public(self, now: datetime | None = None) -> Self:
        """The versions that readers have seen by `now`: a replaced plan never appears."""
        return self.filter(public_from__lte=now or timezone.now(), superseded_at=None)

    def waiting(self, now: datetime | None = None) -> Self:
        """The versions whose time has not come."""
        return self.filter(public_from__gt=now or timezone.now(), superseded_at=None)

    def served(self, now: datetime | None = None) -> Self:
        """Of each thing that the public may know of, the version that it reads."""
        of = self.model.of
        newest: Any = self.model.objects.was_public(now)  # type: ignore[attr-defined]
        newest = newest.filter(**{of: OuterRef(of)}).order_by("-number")
        return self.filter(not_withdrawn(now, f"{of}__"), pk=Subquery(newest.values("pk")[:1]))

    def update(self, **columns: Any) -> int:
        if columns.keys() != {"superseded_at"}:
            raise AppendOnlyError(CHANGED)
        return super().update(**columns)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(DELETED)


class PublishableVersion(models.Model):
    # The name of the column that says what it is a version of.
    of: ClassVar[str]

    number = models.PositiveIntegerField()
    public_from = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=500, blank=True, help_text="What changed, for readers.")
    # A planned version that was replaced before its time.
    superseded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.of} {getattr(self, f'{self.of}_id')}, version {self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise AppendOnlyError(CHANGED)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError(DELETED)
