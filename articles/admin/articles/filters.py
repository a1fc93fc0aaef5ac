"""Filters of the article list."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from articles.admin.formatting import STATES
from articles.models import Article
from truthlytics.web.ids import parse_id

ARTICLE_STATES = ("draft", "scheduled", "published", "changing", "withdrawn")
WORKFLOW = {"mine": "Assigned to me", "review": "In review", "ready": "Ready", "late": "Overdue"}
MAX_ASSIGNEES = 50


class StateFilter(admin.SimpleListFilter):
    """The states of `Article.state()`, as database queries."""

    title = "status"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(state, STATES[state][1]) for state in ARTICLE_STATES]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ARTICLE_STATES:
            return queryset
        now = timezone.now()
        withdrawn = Q(withdrawn_at__isnull=False, withdrawn_at__lte=now)
        scheduled, live = Q(upcoming_at__isnull=False, upcoming_at__gt=now), Q(live__isnull=False)
        due = Q(upcoming_at__isnull=False, upcoming_at__lte=now)
        states = {
            "draft": ~live & Q(upcoming_at=None),
            "scheduled": ~live & scheduled,
            "published": (live & Q(upcoming_at=None)) | due,
            "changing": live & scheduled,
        }
        state = self.value() or ""
        return queryset.filter(withdrawn if state == "withdrawn" else states[state] & ~withdrawn)


class AssigneeFilter(admin.SimpleListFilter):
    """Filter by assignee: a user with assigned articles, or unassigned."""

    title = "assignee"
    parameter_name = "hands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        assignees = get_user_model()._default_manager.filter(pk__in=Article.objects.assignees())
        users = [(str(user.pk), str(user)) for user in assignees.order_by("display_name", "pk")[:MAX_ASSIGNEES]]
        return [*users, ("nobody", "Unassigned")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        return queryset.filter(assignee=None if self.value() == "nobody" else parse_id(self.value()) or 0)


class DueFilter(admin.SimpleListFilter):
    title = "due date"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Today or earlier"), ("week", "Within a week"), ("none", "No due date")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        conditions: dict[str, Q] = {
            "today": Q(due_on__lte=today),
            "week": Q(due_on__lte=today + timedelta(days=7)),
            "none": Q(due_on=None),
        }
        return queryset.filter(conditions.get(self.value() or "", Q()))


class WorkflowFilter(admin.SimpleListFilter):
    title = "workflow"
    parameter_name = "work"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(WORKFLOW.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        querysets: dict[str, Callable[[], QuerySet[Any]]] = {
            "mine": partial(Article.objects.assigned_to, request.user),
            "review": Article.objects.in_review,
            "ready": Article.objects.ready,
            "late": Article.objects.overdue,
        }
        get_articles = querysets.get(self.value() or "")
        return queryset & get_articles() if get_articles else queryset
