"""Who did what in the newsroom: before and after, written once, by nobody changed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from typing import Any, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

# Longer texts are told by their length and their digest: the words themselves stand in the history of their row.
LONGEST = 300
SECRET = {"password", "token", "secret", "key"}

Facts = dict[str, Any]


class AppendOnlyError(Exception):
    """Somebody tried to change what was written down."""


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def about(self, row: models.Model) -> Self:
        """What was done to `row`, newest first."""
        return self.filter(kind=row._meta.label_lower, row_id=str(row.pk)).order_by("-pk")

    def update(self, **columns: Any) -> int:
        # That its doer is gone is all that ever changes, and only to nothing: the name stays.
        if columns != {"actor": None}:
            raise AppendOnlyError("What was done is never written anew.")
        return super().update(**columns)

    def delete(self) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("What was done is never forgotten.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> int:
        raise AppendOnlyError("What was done is never written anew.")


class AuditEntry(models.Model):
    """One deed on one row. `before` and `after` hold the facts that it changed, by the name of the field."""

    class Deed(models.TextChoices):
        ADDED = "added", "Added"
        CHANGED = "changed", "Changed"
        REMOVED = "removed", "Removed"

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_name = models.CharField("who", max_length=200)
    deed = models.CharField(max_length=8, choices=Deed)
    kind = models.CharField(max_length=100, help_text="The kind of row, such as “articles.article”.")
    row_id = models.CharField(max_length=64)
    row_name = models.CharField("what", max_length=200)
    words = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = AuditQuerySet.as_manager()

    class Meta:
        app_label = "truthlytics"
        ordering = ["-pk"]
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["kind", "row_id", "-id"], name="audit_by_row"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor", condition=Q(actor__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_deed_display()} {self.row_name}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError("What was done is never written anew.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise AppendOnlyError("What was done is never forgotten.")

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """Name, before and after of each fact that changed."""
        names = dict.fromkeys([*self.before, *self.after])
        return [(name.replace("_", " "), self.before.get(name), self.after.get(name)) for name in names]


def facts(row: models.Model) -> Facts:
    """What can be told of `row`, ready for JSON: its columns, the names of what it points to, no secret.

    A model adds what stands beside its columns by `audit_facts()`.
    """
    told: Facts = {}
    for field in row._meta.concrete_fields:
        noise = getattr(field, "auto_now", False) or SECRET & set(field.name.split("_"))
        if not field.primary_key and not noise:
            told[field.name] = _value(field, row)
    if row.pk is not None:
        for relation in row._meta.many_to_many:
            through: Any = relation.remote_field.through
            if through._meta.auto_created:
                told[relation.name] = sorted(str(one) for one in getattr(row, relation.name).all())
    return told | getattr(row, "audit_facts", dict)()


def _value(field: Any, row: models.Model) -> Any:
    if field.is_relation:
        other = getattr(row, field.name)
        return None if other is None else str(other)[:LONGEST]
    value = getattr(row, field.attname)
    if isinstance(value, models.fields.files.FieldFile):
        value = value.name
    if isinstance(value, str) and len(value) > LONGEST:
        return f"{len(value.split())} words, {sha256(value.encode()).hexdigest()[:12]}"
    if isinstance(value, bool | int | float | str | datetime | dict | list) or value is None:
        return value
    return str(value)


def differing(before: Facts, after: Facts) -> tuple[Facts, Facts]:
    """Only what differs, of both."""
    names = [name for name in [*before, *(after.keys() - before.keys())] if before.get(name) != after.get(name)]
    return {n: before[n] for n in names if n in before}, {n: after[n] for n in names if n in after}


def write(
    *, by: Any, row: models.Model, deed: str = AuditEntry.Deed.CHANGED, words: str = "",
    before: Facts | None = None, after: Facts | None = None,
) -> AuditEntry:  # fmt: skip
    """Write down that `by` did `deed` to `row`. Of the facts only those are kept that differ."""
    was, became = differing(before or {}, after or {})
    known = by is not None and getattr(by, "pk", None) is not None
    return AuditEntry.objects.create(
        actor=by if known else None,
        actor_name=str(by)[:200] if by is not None else "nobody",
        deed=deed,
        kind=row._meta.label_lower,
        row_id=str(row.pk)[:64],
        row_name=str(row)[:200],
        words=words[:500],
        before=was,
        after=became,
    )


@contextmanager
def watching(rows: Iterable[models.Model], *, by: Any, words: str = "") -> Iterator[None]:
    """Write down what becomes of each of `rows` meanwhile; a row that stays as it is leaves no entry."""
    seen = [(row, facts(row)) for row in rows]
    yield
    for row, before in seen:
        now = type(row)._base_manager.filter(pk=row.pk).first()
        after = facts(now) if now is not None else {}
        if differing(before, after) != ({}, {}):
            deed = AuditEntry.Deed.CHANGED if now is not None else AuditEntry.Deed.REMOVED
            write(by=by, row=row, deed=deed, words=words, before=before, after=after)
