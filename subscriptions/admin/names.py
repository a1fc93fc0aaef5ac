"""Review of new display names, and the filter for names that imitate others."""

from datetime import datetime

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from subscriptions.models import NameChange
from subscriptions.services.names import approve_name, decline_name, imitating_users
from truthlytics.audit.admin import AuditedAdmin, ReadOnly
from truthlytics.audit.log import log_changes
from truthlytics.web.option_filters import OptionFilter
from truthlytics.web.users import user_of

LIST_AND_FORM = [ActionLocation.CHANGE_LIST, ActionLocation.CHANGE_FORM]


class ImitationFilter(OptionFilter):
    title = _("imitated names")
    parameter_name = "imitates"
    options = {
        "yes": (
            _("Like an author’s or staff member’s"),
            lambda changes: changes.filter(pk__in=imitating_users().values("pk")),
        )
    }


@admin.register(NameChange)
class NameChangeAdmin(ReadOnly, AuditedAdmin):
    """Moderators see no email addresses here."""

    purpose = _("New names of readers who have written comments wait here for your approval.")
    list_display = ("name", "current_name", "member_since", "requested_at")
    list_select_related = ("user",)
    fields = ("name", "current_name", "member_since", "requested_at")
    search_fields = ("name", "user__display_name")
    ordering = ("requested_at", "pk")
    actions = ("approve", "decline")

    @admin.display(description=_("current name"), ordering="user__display_name")
    def current_name(self, change: NameChange) -> str:
        return change.user.display_name

    @admin.display(description=_("reader since"), ordering="user__member_since")
    def member_since(self, change: NameChange) -> datetime:
        return change.user.member_since

    def has_review_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("subscriptions.review_namechange")

    def _changes_of_others(self, request: HttpRequest, queryset: QuerySet[NameChange]) -> list[NameChange]:
        """Return the changes without that of the moderator, who gets a message."""
        if queryset.filter(user=request.user.pk).exists():
            self.message_user(request, _("Another moderator has to decide about your own name."), messages.WARNING)
        return list(queryset.exclude(user=request.user.pk).select_related("user"))

    @admin.action(description=_("Approve"), permissions=["review"], location=LIST_AND_FORM)
    def approve(self, request: HttpRequest, queryset: QuerySet[NameChange]) -> None:
        changes = self._changes_of_others(request, queryset)
        with (
            transaction.atomic(),
            log_changes([change.user for change in changes], by=user_of(request), message=gettext("Renamed.")),
        ):
            done = sum(approve_name(change=change) for change in changes)
        text = ngettext("%(count)d name approved.", "%(count)d names approved.", done) % {"count": done}
        self.message_user(request, text, messages.SUCCESS)

    @admin.action(description=_("Decline"), permissions=["review"], location=LIST_AND_FORM)
    def decline(self, request: HttpRequest, queryset: QuerySet[NameChange]) -> None:
        changes = self._changes_of_others(request, queryset)
        users = [change.user for change in changes]
        with transaction.atomic(), log_changes(users, by=user_of(request), message=gettext("New name declined.")):
            done = sum(decline_name(change=change) for change in changes)
        text = ngettext(
            "%(count)d name declined. The reader has been emailed.",
            "%(count)d names declined. The readers have been emailed.",
            done,
        ) % {"count": done}
        self.message_user(request, text, messages.SUCCESS)
