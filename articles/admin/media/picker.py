"""JSON list of library items for the editor's pickers."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, JsonResponse
from django.urls import URLPattern
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from truthlytics.web.cursor_pagination import page

PAGE_SIZE = 36


class PickerAdmin(BaseAdmin):
    """Admin of a media library with items for the editor."""

    def as_json(self, obj: Any) -> dict[str, object]:
        """Return `obj` as the editor's script needs it."""
        raise NotImplementedError

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("pick/", pick, "pick"), *super().get_urls()]


@require_safe
def pick(request: HttpRequest, admin: PickerAdmin) -> JsonResponse:
    """Return the items that match the query `q`, newest first. `after` is the cursor of the next page."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    results, _ = admin.get_search_results(request, admin.get_queryset(request), request.GET.get("q", "")[:200])
    items = page(results, after=request.GET.get("after", ""), size=PAGE_SIZE, time="uploaded_at", tie="pk")
    return JsonResponse({"items": [admin.as_json(item) for item in items.items], "after": items.after})
