from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from articles.models import Article
from truthlytics.web.ids import row_id

STATES = {
    "draft": "Draft",
    "scheduled": "Scheduled",
    "published": "Published",
    "changing": "Change waits",
    "withdrawn": "Withdrawn",
}
MOST_HANDS = 50
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


class HandsFilter(admin.SimpleListFilter):
    """In whose hands the work is: nobody's, or those of each who has some."""

    title = "hands"
    parameter_name = "hands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        holders = get_user_model()._default_manager.filter(pk__in=Article.objects.holders())
        people = [(str(person.pk), str(person)) for person in holders.order_by("display_name", "pk")[:MOST_HANDS]]
        return [*people, ("nobody", "Nobody’s")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(assignee=None if self.value() == "nobody" else row_id(self.value()) or 0)


class DueFilter(admin.SimpleListFilter):
    """By when: today or before, within a week, or without a day. The most urgent comes first."""

    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "By today"), ("week", "Within a week"), ("none", "No day set")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        asked: dict[str, Q] = {
            "today": Q(due_on__lte=today),
            "week": Q(due_on__lte=today + timedelta(days=7)),
            "none": Q(due_on=None),
        }
        return queryset.filter(asked.get(self.value() or "", Q()))


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
