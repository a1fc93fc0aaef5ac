"""Messages from readers in the newsroom."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from truthlytics.audit.admin import AuditedAdmin
from truthlytics.audit.log import AuditEntry, log_action, log_changes
from truthlytics.contact.models import Message
from truthlytics.web.users import user_of


class HandledFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("Waiting")), ("handled", _("Handled"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Message]) -> QuerySet[Message]:
        if self.value() in {"waiting", "handled"}:
            return queryset.filter(handled_at__isnull=self.value() == "waiting")
        return queryset


class MessageAdmin(AuditedAdmin):
    """Messages are read and marked as handled, never changed. They are not searched by address."""

    list_display = ("beginning", "subject", "sender", "created_at", "handled_at")
    list_filter = (HandledFilter, "subject")
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("text", "name")
    list_per_page = 30
    actions = ("mark_as_handled",)
    fields = readonly_fields = ("subject", "text", "name", "email", "created_at", "handled_at", "handled_by")

    def log_deletions(self, request: HttpRequest, queryset: QuerySet[Message]) -> Any:
        """Log that a message was deleted, but not what it said."""
        for row in queryset:
            log_action(by=user_of(request), row=row, action=AuditEntry.Action.REMOVED)
        return None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description=_("message"))
    def beginning(self, message: Message) -> str:
        return f"{message.text[:140]} …" if len(message.text) > 140 else message.text

    @admin.display(description=_("from"))
    def sender(self, message: Message) -> str:
        return message.name or message.email or str(_("Anonymous"))

    @admin.action(description=_("Mark as handled"), permissions=["change"])
    def mark_as_handled(self, request: HttpRequest, queryset: QuerySet[Message]) -> None:
        rows = list(queryset.waiting())  # type: ignore[attr-defined]
        with log_changes(by=user_of(request), rows=rows):
            count = Message.objects.filter(pk__in=[row.pk for row in rows], handled_at=None).update(
                handled_at=timezone.now(), handled_by=request.user
            )
        text = ngettext("%(count)d message marked as handled.", "%(count)d messages marked as handled.", count)
        messages.success(request, text % {"count": count})
