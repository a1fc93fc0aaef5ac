"""Parts that the admins of this app share."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html


class ReadOnly:
    """Mixin for a ModelAdmin or inline: view permission only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyTable(ReadOnly, admin.TabularInline):
    """Rows as a plain table; `fields` are its columns."""

    template = "admin/subscriptions/readonly_table.html"
    view_on_site = False


def reader_link(user: Any) -> str:
    """Link the email address of `user` to their page."""
    return format_html('<a href="{}">{}</a>', reverse("admin:subscriptions_user_change", args=[user.pk]), user.email)
