"""Read-only admin for rows that only services write."""

from typing import Any

from django.http import HttpRequest


class ReadOnly:
    """Mixin for a ModelAdmin or inline: view permission only."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
