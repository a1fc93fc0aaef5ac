"""The audit's room: who did what, looked at and never changed, by nobody."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from articles.admin.base import BaseAdmin
from truthlytics.audit.log import AuditEntry


class KindFilter(admin.SimpleListFilter):
    """The kinds that the newsroom has rooms for, without asking which have entries: that would read them all."""

    title = "kind"
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        own = {"articles", "comments", "subscriptions"}
        models = [model for model in model_admin.admin_site._registry if model._meta.app_label in own]
        return sorted((model._meta.label_lower, str(model._meta.verbose_name).capitalize()) for model in models)

    def queryset(self, request: HttpRequest, queryset: QuerySet[AuditEntry]) -> QuerySet[AuditEntry]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


@admin.register(AuditEntry)
class AuditEntryAdmin(BaseAdmin):
    list_display = ["line", "what", "actor_name", "when"]
    list_display_links = ["line"]
    list_filter = ["deed", KindFilter]
    search_fields = ["row_name", "actor_name", "words"]
    fields = ["line", "what", "actor_name", "when", "changes"]
    readonly_fields = ["line", "what", "actor_name", "when", "changes"]
    show_facets = admin.ShowFacets.NEVER

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[AuditEntry]:
        listed: QuerySet[AuditEntry] = super().get_queryset(request)
        # The facts of fifty rows may be long, and the list shows none of them.
        at = request.resolver_match
        return listed.defer("before", "after") if at and str(at.url_name).endswith("changelist") else listed

    @admin.display(description="deed", ordering="id")
    def line(self, entry: AuditEntry) -> str:
        return entry.words or entry.get_deed_display()

    @admin.display(description="what")
    def what(self, entry: AuditEntry) -> str:
        return f"{entry.row_name} ({entry.kind.rpartition('.')[2]} {entry.row_id})"

    @admin.display(description="when", ordering="id")
    def when(self, entry: AuditEntry) -> str:
        return f"{timezone.localtime(entry.at):%-d %b %Y, %H:%M:%S %Z}"

    @admin.display(description="before and after")
    def changes(self, entry: AuditEntry) -> str:
        return render_to_string("admin/audit/changes.html", {"changes": entry.changes})
