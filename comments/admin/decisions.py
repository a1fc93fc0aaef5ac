"""The log of moderators' decisions."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from comments.admin.base import DateFilter, ModerationAdmin, comment_link, writer_of
from comments.models import Decision
from truthlytics.web.text import split_words


class ModeratorFilter(admin.AllValuesFieldListFilter):
    """By name: the names of deleted accounts are kept."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.title = _("moderator")


@admin.register(Decision)
class DecisionAdmin(ModerationAdmin):
    purpose = _("What moderators have decided about comments, with reasons.")
    list_display = ("created_at", "by_name", "kind", "writer_display", "comment_words", "reason", "undone_at")
    list_display_links = ("kind",)
    list_filter = ("kind", ("by_name", ModeratorFilter), ("created_at", DateFilter))
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("words", "reason", "writer_name", "by_name")
    fields = readonly_fields = split_words(
        "kind comment_link words reason writer_display suspension by_name created_at undone_at emailed_at"
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        decisions: QuerySet[Decision] = super().get_queryset(request)
        return decisions.select_related("suspension").defer("before")

    @admin.display(description=_("comment"))
    def comment_words(self, decision: Decision) -> str:
        return comment_link(None, decision.words)

    @admin.display(description=_("comment"))
    def comment_link(self, decision: Decision) -> str:
        return comment_link(decision.comment, decision.words)

    @admin.display(description=_("writer"), ordering="writer_name")
    def writer_display(self, decision: Decision) -> str:
        return writer_of(decision)
