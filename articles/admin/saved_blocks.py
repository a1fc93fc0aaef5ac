"""The admin of saved blocks, and the endpoints with which the editor saves, lists and deletes them."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from articles.admin.base import BaseAdmin
from articles.forms.saved_blocks import SavedBlockForm
from articles.models import SavedBlock
from truthlytics.audit.log import AuditEntry, log_action, log_changes, snapshot
from truthlytics.web.users import user_of

PAGE_SIZE = 50


@admin.register(SavedBlock)
class SavedBlockAdmin(BaseAdmin):
    """Users who can add saved blocks can change and delete their own, as with drafts."""

    purpose = gettext_lazy(
        "Boxes to insert again. Save one in the editor: put the cursor into it, then “Saved blocks”."
    )
    fields = ["name", "excerpt", "created_by", "created_at"]
    readonly_fields = ["excerpt", "created_by", "created_at"]
    list_display = ["name", "excerpt", "created_by", "created_at"]
    list_select_related = ["created_by"]
    search_fields = ["name", "body"]

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("pick/", pick, "pick"),
            self.view_path("keep/", keep, "keep"),
            self.view_path("<int:pk>/forget/", forget, "forget"),
            *super().get_urls(),
        ]

    @admin.display(description=gettext_lazy("text"))
    def excerpt(self, block: SavedBlock) -> str:
        return block.excerpt

    def add_view(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Blocks are saved in the editor."""
        raise PermissionDenied

    def may_keep(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.add_savedblock"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SavedBlock | None = None) -> bool:
        return super().has_change_permission(request, obj) or self._is_own(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: SavedBlock | None = None) -> bool:
        return super().has_delete_permission(request, obj) or self._is_own(request, obj)

    def _is_own(self, request: HttpRequest, block: SavedBlock | None) -> bool:
        return block is not None and self.may_keep(request) and block.belongs_to(user_of(request))


@require_safe
def pick(request: HttpRequest, admin: SavedBlockAdmin) -> JsonResponse:
    """Return the saved blocks that match `q`, by name, and whether there are more of them."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    found, _may_repeat = admin.get_search_results(request, admin.get_queryset(request), request.GET.get("q", "")[:200])
    blocks = list(found.order_by("name", "pk")[: PAGE_SIZE + 1])
    items = [
        {
            "pk": block.pk,
            "name": block.name,
            "body": block.body,
            "excerpt": block.excerpt,
            "may_delete": admin.has_delete_permission(request, block),
        }
        for block in blocks[:PAGE_SIZE]
    ]
    return JsonResponse({"items": items, "more": len(blocks) > PAGE_SIZE})


@require_POST
def keep(request: HttpRequest, admin: SavedBlockAdmin) -> JsonResponse:
    """Save the posted `body` under `name`."""
    if not admin.may_keep(request):
        raise PermissionDenied
    form = SavedBlockForm(request.POST)
    if not form.is_valid():
        return JsonResponse(
            {"says": " ".join(str(error) for errors in form.errors.values() for error in errors)}, status=422
        )
    form.instance.created_by = user_of(request)
    with transaction.atomic():
        block = form.save()
        log_action(by=user_of(request), row=block, action=AuditEntry.Action.ADDED, after=snapshot(block))
    return JsonResponse({"saved": block.pk}, status=201)


@require_POST
def forget(request: HttpRequest, pk: int, admin: SavedBlockAdmin) -> JsonResponse:
    """Delete a saved block. The texts that it was inserted into keep their copies."""
    block: SavedBlock = admin.get_object(request, str(pk))
    if not admin.has_delete_permission(request, block):
        raise PermissionDenied
    with transaction.atomic(), log_changes([block], by=user_of(request)):
        SavedBlock.objects.filter(pk=pk).delete()
    return JsonResponse({"deleted": pk})
