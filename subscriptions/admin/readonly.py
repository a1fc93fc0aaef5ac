"""Parts that the admins of this app share."""

from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html

from truthlytics.audit.admin import ReadOnly


class ReadOnlyTable(ReadOnly, admin.TabularInline):
    """Rows as a plain table; `fields` are its columns."""

    template = "admin/subscriptions/readonly_table.html"
    view_on_site = False


def reader_link(user: Any) -> str:
    """Link the email address of `user` to their page."""
    return format_html('<a href="{}">{}</a>', reverse("admin:subscriptions_user_change", args=[user.pk]), user.email)
