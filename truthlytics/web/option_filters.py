"""Filters of change lists with fixed options."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.utils.functional import Promise

from truthlytics.web.types import AnyRows


class OptionFilter(admin.SimpleListFilter):
    """`options` has the label of each option, and the condition of its rows or a function that selects them."""

    options: Mapping[str, tuple[str | Promise, Q | Callable[[Any], AnyRows]]]

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, Any]]:
        return [(value, label) for value, (label, _condition) in self.options.items()]

    def queryset(self, request: HttpRequest, queryset: AnyRows) -> AnyRows:
        if self.value() not in self.options:
            return queryset
        condition = self.options[self.value() or ""][1]
        return queryset.filter(condition) if isinstance(condition, Q) else condition(queryset)
