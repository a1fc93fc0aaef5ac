"""A room of the admin whose every deed is written down."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import models
from django.http import HttpRequest

from truthlytics.audit.log import AuditEntry, Facts, facts, write

# Methods that change nothing.
SAFE = {"GET", "HEAD", "OPTIONS"}


class AuditedAdmin(admin.ModelAdmin):
    """What a form, a deletion or a page of a row's own does, with the facts before and after.

    Django tells of each by `log_addition`, `log_change` and `log_deletions`; pages of our own call `log_change` too.
    Actions on a list say so themselves (`audit.watching`).
    """

    # Names of addresses that only keep somebody's unsaved words: no deed, and asked for with every pause in the typing.
    unsaved_only: frozenset[str] = frozenset()

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None and request.method not in SAFE and self._is_deed(request):
            _seen(request).setdefault((found._meta.label_lower, found.pk), facts(found))
        return found

    def _is_deed(self, request: HttpRequest) -> bool:
        return request.resolver_match is None or request.resolver_match.url_name not in self.unsaved_only

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        write(by=request.user, row=obj, deed=AuditEntry.Deed.ADDED, after=_now(obj))
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> LogEntry:
        before = _seen(request).get((obj._meta.label_lower, obj.pk))
        words = message if isinstance(message, str) else ""
        # A page of another kind may speak of a row that it never looked up: then only the words tell.
        write(by=request.user, row=obj, words=words, before=before, after=_now(obj) if before is not None else None)
        return super().log_change(request, obj, message)

    def log_deletions(self, request: HttpRequest, queryset: Any) -> Any:
        for row in queryset:
            write(by=request.user, row=row, deed=AuditEntry.Deed.REMOVED, before=facts(row))
        return super().log_deletions(request, queryset)


def _seen(request: HttpRequest) -> dict[tuple[str, Any], Facts]:
    """The facts of the rows that this request looked up, as they were then."""
    if not hasattr(request, "audit_seen"):
        request.audit_seen = {}  # type: ignore[attr-defined]
    return request.audit_seen  # type: ignore[attr-defined,no-any-return]


def _now(row: models.Model) -> Facts:
    """As the database has it: what `save_related` or a service wrote is not on the object at hand."""
    fresh = type(row)._base_manager.filter(pk=row.pk).first()
    return facts(fresh) if fresh is not None else {}
