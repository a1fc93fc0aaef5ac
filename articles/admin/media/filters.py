"""Filters of the image library."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from articles.models import Image, image_uuids_in_pages
from articles.models.media import OPEN_LICENCES, Licence
from truthlytics.web.generic import ModelAdmin


class ChoicesFilter(admin.SimpleListFilter):
    """Filter with fixed choices."""

    CHOICES: dict[str, Any] = {}

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Image]) -> list[tuple[str, str]]:
        return list(self.CHOICES.items())


class MetadataFilter(ChoicesFilter):
    title = _("metadata")
    parameter_name = "metadata"
    CHOICES = {"lacking": _("Incomplete"), "whole": _("Complete")}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        if self.value() in self.CHOICES:
            return queryset.filter(complete=self.value() == "whole")
        return queryset


class UsageFilter(ChoicesFilter):
    title = _("usage")
    parameter_name = "use"
    CHOICES = {"none": _("Unused")}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        return queryset.unused().exclude(uuid__in=image_uuids_in_pages()) if self.value() == "none" else queryset  # type: ignore[attr-defined]


class RenditionsFilter(ChoicesFilter):
    title = _("renditions")
    parameter_name = "sizes"
    CHOICES = {"failed": _("Failed")}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        return queryset.exclude(rendition_error="") if self.value() == "failed" else queryset


class FormatFilter(ChoicesFilter):
    title = _("format")
    parameter_name = "kind"
    CHOICES = {"jpeg": "JPEG", "png": "PNG", "webp": "WebP"}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        return queryset.filter(format=self.value()) if self.value() in self.CHOICES else queryset


class LicenceFilter(ChoicesFilter):
    title = _("licence")
    parameter_name = "terms"
    CHOICES = {
        "none": _("Unknown"),
        "reserved": _("All rights reserved"),
        "open": _("Creative Commons or public domain"),
    }

    def queryset(self, request: HttpRequest, queryset: QuerySet[Image]) -> QuerySet[Image]:
        licences: dict[str, list[str]] = {"none": [""], "reserved": [Licence.RESERVED], "open": sorted(OPEN_LICENCES)}
        return queryset.filter(licence__in=licences[self.value() or ""]) if self.value() in licences else queryset
