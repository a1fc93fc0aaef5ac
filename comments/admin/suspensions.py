"""Suspended writers."""

from django.contrib import admin, messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from comments.admin.base import ModerationAdmin
from comments.models import Suspension
from comments.services import lift_suspension
from truthlytics.audit.log import log_changes
from truthlytics.web.dates import local_date
from truthlytics.web.generic import ModelAdmin
from truthlytics.web.text import split_words
from truthlytics.web.types import Choices
from truthlytics.web.users import user_of


class InForceFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Suspension]) -> Choices:
        return [("in_force", _("In force")), ("over", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Suspension]) -> QuerySet[Suspension]:
        in_force = Suspension.objects.in_force().order_by().values("pk")
        if self.value() == "in_force":
            return queryset.filter(pk__in=in_force)
        return queryset.exclude(pk__in=in_force) if self.value() == "over" else queryset


@admin.register(Suspension)
class SuspensionAdmin(ModerationAdmin):
    purpose = _("Readers who may not comment for a time. You suspend them in the queue.")
    list_display = ("writer_name", "reason", "created_at", "until_display", "by_name", "lifted_at")
    list_filter = (InForceFilter,)
    list_select_related = ("user", "by", "lifted_by")
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("user__display_name", "reason")
    actions = ("lift",)
    fields = readonly_fields = split_words(
        "writer_name reason created_at until_display by_name lifted_at lifted_by_name"
    )

    @admin.display(description=_("writer"), ordering="user__display_name")
    def writer_name(self, suspension: Suspension) -> str:
        return suspension.user.display_name

    @admin.display(description=_("until"), ordering="until")
    def until_display(self, suspension: Suspension) -> str | Promise:
        if suspension.until is None:
            return _("until it is lifted")
        return local_date(suspension.until, "j M Y, H:i")

    # Names without a link: moderators may not open accounts.
    @admin.display(description=_("by"), ordering="by__display_name")
    def by_name(self, suspension: Suspension) -> str:
        return str(suspension.by or "–")

    @admin.display(description=_("lifted by"))
    def lifted_by_name(self, suspension: Suspension) -> str:
        return str(suspension.lifted_by or "–")

    @admin.action(permissions=["moderate"], description=_("Lift"))
    def lift(self, request: HttpRequest, queryset: QuerySet[Suspension]) -> None:
        own = queryset.filter(user=request.user.pk).exists()
        suspensions = list(queryset.exclude(user=request.user.pk))
        with transaction.atomic(), log_changes(suspensions, by=user_of(request), message=gettext("Suspension lifted.")):
            lifted = sum(lift_suspension(suspension=suspension, by=user_of(request)) for suspension in suspensions)
        message = ngettext("%d suspension lifted.", "%d suspensions lifted.", lifted) % lifted
        self.message_user(request, message, messages.SUCCESS)
        if own:
            self.message_user(request, _("Another moderator has to lift your own suspension."), messages.WARNING)
