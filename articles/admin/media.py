"""The picture library."""

from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from articles.forms import ImageForm
from articles.models import Article, Image, Version
from articles.services.library import keep_original

from .base import Room
from .desk import as_json, thumbnail

FOUND_AT_ONCE = 36
IN_USE = "This picture stands in an article or beside an author, now or in the record: it cannot be deleted."


@admin.register(Image)
class ImageAdmin(Room):
    form = ImageForm
    fields = ["file", "title", "alt", "caption", "credit"]
    change_form_template = "admin/articles/image/change_form.html"
    list_display = ["small", "__str__", "credit", "size", "uploaded_at"]
    list_display_links = ["__str__"]
    search_fields = ["title", "alt", "caption", "credit"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Image]:
        return super().get_queryset(request).prefetch_related("renditions")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A file is never changed: what stands in the record is that very file."""
        return [name for name in self.fields or [] if obj is None or name != "file"]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in ImageForm.Meta.widgets:
            return db_field.formfield(**kwargs)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="picture")
    def small(self, image: Image) -> str:
        url = thumbnail(image)
        if not url:
            return format_html('<span class="thumb thumb--none">being made<br>{} of {}</span>', *image.progress)
        return format_html('<img class="thumb" src="{}" alt="" width="120" height="80" loading="lazy">', url)

    @admin.display(description="size", ordering="width")
    def size(self, image: Image) -> str:
        return f"{image.width} × {image.height}"

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        return [path("pick/", view(require_safe(self.pick)), name="articles_image_pick"), *super().get_urls()]

    def pick(self, request: HttpRequest) -> HttpResponse:
        """The pictures that match `q`, newest first, for the desk's picker."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found, _ = self.get_search_results(request, self.get_queryset(request), request.GET.get("q", "")[:200])
        return JsonResponse({"items": [as_json(image) for image in found[:FOUND_AT_ONCE]]})

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        obj.uploaded_by = cast(Any, request.user)
        keep_original(obj, form.cleaned_data["file"])

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        image = context.get("original")
        if image is not None:
            # An author learns nothing of the drafts of others, not even by the picture in them.
            users = users_of(image)
            mine = users.visible_to(request.user)
            context |= {
                "picture": as_json(image),
                "users": mine,
                "others": users.exclude(pk__in=mine.values("pk")).count(),
                "show_delete": not is_used(image),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        image = self.get_object(request, object_id)
        if self.has_delete_permission(request, image) and is_used(image):
            self.message_user(request, IN_USE, messages.ERROR)
            return redirect("admin:articles_image_change", image.pk)
        return super().delete_view(request, object_id, extra_context)


def users_of(image: Image) -> Any:
    """The articles whose working text or lead is `image`."""
    named = models.Q(lead=image) | models.Q(body__contains=str(image.uuid))
    return Article.objects.filter(named).only("headline").order_by("-updated_at")


def is_used(image: Image) -> bool:
    """Whether any article, author or version names `image`."""
    in_record = Version.objects.filter(content__contains=f'"{image.uuid}"')
    return users_of(image).exists() or image.portrait_of.exists() or in_record.exists()
