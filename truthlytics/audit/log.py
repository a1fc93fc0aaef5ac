"""Append-only audit log of changes made in the newsroom, with the changed values before and after."""

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
from django.utils.translation import gettext_lazy as _

from truthlytics.web.append_only import AppendOnly, AppendOnlyQuerySet
from truthlytics.web.types import ModelField
from truthlytics.web.users import User

# Longer texts are logged as a word count and a digest; the row's own history has the text.
MAX_VALUE_LENGTH = 300
SECRET = {"password", "token", "secret", "key"}

Snapshot = dict[str, object]


class AuditQuerySet(AppendOnlyQuerySet["AuditEntry"]):
    def about(self, row: models.Model) -> Self:
        """Return the entries about `row`, newest first."""
        return self.filter(model=row._meta.label_lower, row_id=str(row.pk)).order_by("-pk")


class AuditEntry(AppendOnly):
    """One action on one row. `before` and `after` hold the values it changed, by field name."""

    class Action(models.TextChoices):
        ADDED = "added", _("Added")
        CHANGED = "changed", _("Changed")
        REMOVED = "removed", _("Removed")

    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    actor_name = models.CharField(_("user"), max_length=200)
    action = models.CharField(max_length=8, choices=Action)
    model = models.CharField(max_length=100, help_text=_("Label of the row’s model, such as “articles.article”."))
    row_id = models.CharField(max_length=64)
    row_name = models.CharField(_("object"), max_length=200)
    message = models.CharField(max_length=500, blank=True)
    before = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = AuditQuerySet.as_manager()

    class Meta:
        app_label = "truthlytics"
        ordering = ["-pk"]
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["model", "row_id", "-id"], name="audit_by_row"),
            models.Index(fields=["actor", "-id"], name="audit_by_actor", condition=Q(actor__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.row_name}"

    @property
    def changes(self) -> list[tuple[str, object, object]]:
        """Name, value before and value after of each changed field."""
        names = dict.fromkeys([*self.before, *self.after])
        return [(name.replace("_", " "), self.before.get(name), self.after.get(name)) for name in names]


def snapshot(row: models.Model) -> Snapshot:
    """Return the values of `row` ready for JSON: its columns and the names of related rows, without secrets.

    A model adds values that are not columns in `audit_snapshot()`.
    """
    values: Snapshot = {}
    for field in row._meta.concrete_fields:
        excluded = getattr(field, "auto_now", False) or SECRET & set(field.name.split("_"))
        if not field.primary_key and not excluded:
            values[field.name] = _value(field, row)
    if row.pk is not None:
        for relation in row._meta.many_to_many:
            through: Any = relation.remote_field.through
            if through._meta.auto_created:
                values[relation.name] = sorted(str(related) for related in getattr(row, relation.name).all())
    return values | getattr(row, "audit_snapshot", dict)()


def _value(field: ModelField, row: models.Model) -> object:
    if field.is_relation:
        related = getattr(row, field.name)
        return None if related is None else str(related)[:MAX_VALUE_LENGTH]
    value = getattr(row, field.attname)
    if isinstance(value, models.fields.files.FieldFile):
        value = value.name
    if isinstance(value, str) and len(value) > MAX_VALUE_LENGTH:
        return f"{len(value.split())} words, {sha256(value.encode()).hexdigest()[:12]}"
    if isinstance(value, bool | int | float | str | datetime | dict | list) or value is None:
        return value
    return str(value)


def changed_fields(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
    """Return both snapshots reduced to the fields that differ."""
    names = [name for name in [*before, *(after.keys() - before.keys())] if before.get(name) != after.get(name)]
    return {n: before[n] for n in names if n in before}, {n: after[n] for n in names if n in after}


def log_action(
    *, by: User | None, row: models.Model, action: str = AuditEntry.Action.CHANGED, message: str = "",
    before: Snapshot | None = None, after: Snapshot | None = None,
) -> AuditEntry:  # fmt: skip
    """Log that `by` did `action` to `row`. Only values that differ are stored."""
    changed_from, changed_to = changed_fields(before or {}, after or {})
    saved = by is not None and getattr(by, "pk", None) is not None
    return AuditEntry.objects.create(
        actor=by if saved else None,
        actor_name=str(by)[:200] if by is not None else "system",
        action=action,
        model=row._meta.label_lower,
        row_id=str(row.pk)[:64],
        row_name=str(row)[:200],
        message=message[:500],
        before=changed_from,
        after=changed_to,
    )


@contextmanager
def log_changes(rows: Iterable[models.Model], *, by: User | None, message: str = "") -> Iterator[None]:
    """Log what the block changes in each of `rows`. Unchanged rows get no entry."""
    snapshots = [(row, snapshot(row)) for row in rows]
    yield
    for row, before in snapshots:
        current = type(row)._base_manager.filter(pk=row.pk).first()
        after = snapshot(current) if current is not None else {}
        if changed_fields(before, after) != ({}, {}):
            action = AuditEntry.Action.CHANGED if current is not None else AuditEntry.Action.REMOVED
            log_action(by=by, row=row, action=action, message=message, before=before, after=after)
