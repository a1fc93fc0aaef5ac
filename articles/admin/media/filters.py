"""What the library is narrowed by."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from articles.models import pictures_of_pages
from articles.models.media import OPEN_LICENCES, Licence


class _Filter(admin.SimpleListFilter):
    CHOICES: dict[str, str] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(self.CHOICES.items())


class WordsFilter(_Filter):
    title = "words"
    parameter_name = "words"
    CHOICES = {"lacking": "Need alt and credit", "whole": "Have both"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in self.CHOICES:
            return queryset.filter(complete=self.value() == "whole")
        return queryset


class UseFilter(_Filter):
    title = "use"
    parameter_name = "use"
    CHOICES = {"none": "Stand nowhere"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.unused().exclude(uuid__in=pictures_of_pages()) if self.value() == "none" else queryset  # type: ignore[attr-defined]


class SizesFilter(_Filter):
    title = "sizes"
    parameter_name = "sizes"
    CHOICES = {"failed": "Could not be made"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.exclude(trouble="") if self.value() == "failed" else queryset


class KindFilter(_Filter):
    title = "kind"
    parameter_name = "kind"
    CHOICES = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(format=self.value()) if self.value() in self.CHOICES else queryset


class LicenceFilter(_Filter):
    title = "licence"
    parameter_name = "terms"
    CHOICES = {"none": "Not known", "reserved": "All rights reserved", "open": "Creative Commons, public domain"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        wanted = {"none": [""], "reserved": [Licence.RESERVED], "open": sorted(OPEN_LICENCES)}
        return queryset.filter(licence__in=wanted[self.value() or ""]) if self.value() in wanted else queryset
