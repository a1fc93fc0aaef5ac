from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from articles.models import Article

STATES = {
    "draft": "Draft",
    "scheduled": "Scheduled",
    "published": "Published",
    "changing": "Change waits",
    "withdrawn": "Withdrawn",
}
WORK = {"mine": "In my hands", "review": "In review", "ready": "Ready", "late": "Late"}


class StateFilter(admin.SimpleListFilter):
    """The five states of `Article.state()`, asked of the database."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in STATES:
            return queryset
        now = timezone.now()
        withdrawn = Q(withdrawn_at__isnull=False, withdrawn_at__lte=now)
        waiting, live = Q(upcoming_at__isnull=False, upcoming_at__gt=now), Q(live__isnull=False)
        due = Q(upcoming_at__isnull=False, upcoming_at__lte=now)
        states = {
            "draft": ~live & Q(upcoming_at=None),
            "scheduled": ~live & waiting,
            "published": (live & Q(upcoming_at=None)) | due,
            "changing": live & waiting,
        }
        state = self.value() or ""
        return queryset.filter(withdrawn if state == "withdrawn" else states[state] & ~withdrawn)


class WorkFilter(admin.SimpleListFilter):
    """How far the work is, and whose turn it is."""

    title = "work"
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(WORK.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked: dict[str, Callable[[], QuerySet[Any]]] = {
            "mine": partial(Article.objects.assigned_to, request.user),
            "review": Article.objects.in_review,
            "ready": Article.objects.ready,
            "late": Article.objects.overdue,
        }
        found = asked.get(self.value() or "")
        return queryset & found() if found else queryset
