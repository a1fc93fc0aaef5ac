"""Admin of the image library."""

from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.editing.context import as_json
from articles.admin.formatting import badge
from articles.admin.media import image_actions, image_details, image_fetch
from articles.admin.media.filters import FormatFilter, LicenceFilter, MetadataFilter, RenditionsFilter, UsageFilter
from articles.admin.media.picker import PickerAdmin
from articles.forms.images import METADATA_FIELDS, ImageForm
from articles.models import Article, Image, Page
from articles.services import image_updates
from articles.services.media import delete_image, image_changed, is_used, store_original
from truthlytics.web.types import AdminForm, TemplateContext
from truthlytics.web.users import user_of

IN_USE = gettext_lazy(
    "This image cannot be deleted: an article, an author, a newsletter or a published version uses it."
)


@admin.register(Image)
class ImageAdmin(PickerAdmin):
    purpose = gettext_lazy("The library of images: upload one here, then use it in any article, dossier or page.")
    form = ImageForm
    fields = ["file", *METADATA_FIELDS, "focal_x", "focal_y"]
    change_form_template = "admin/articles/image/change_form.html"
    list_display = ["__str__"]
    list_per_page = 48
    list_filter = [MetadataFilter, UsageFilter, FormatFilter, LicenceFilter, RenditionsFilter]
    search_fields = ["title", "alt", "caption", "credit", "licence", "terms", "file_name"]

    def as_json(self, image: Image) -> dict[str, object]:
        return as_json(image)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Image]:
        return super().get_queryset(request).prefetch_related("renditions")

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> Any:
        """Files are replaced on a page of their own, which explains the consequences."""
        excluded = {"file"} if obj else {"focal_x", "focal_y"}
        return [name for name in self.fields or [] if name not in excluded]

    def has_change_permission(self, request: HttpRequest, obj: Image | None = None) -> bool:
        """The uploader may also change an image until a version uses it."""
        if super().has_change_permission(request, obj) or obj is None:
            return super().has_change_permission(request, obj)
        return (
            self.has_add_permission(request) and Image.objects.editable_by(user_of(request)).filter(pk=obj.pk).exists()
        )

    def may_publish(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.publish_article")) and self.has_view_permission(request)

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("upload/", image_actions.upload, "upload"),
            self.view_path("fetch/", image_fetch.fetch, "fetch"),
            self.view_path("metadata/", image_actions.edit_metadata, "metadata"),
            self.view_path("by-uuid/", image_actions.by_uuid, "by_uuid"),
            self.view_path("<int:pk>/details/", image_details.details, "details"),
            self.view_path("<int:pk>/replace/", image_actions.replace, "replace"),
            self.view_path("<int:pk>/sizes/", image_actions.retry_renditions, "sizes"),
            self.view_path("<int:pk>/publish/", image_actions.publish, "publish"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        response = super().changelist_view(request, {"title": _("Images")} | (extra_context or {}))
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            context["images"] = [as_json(image) for image in context["cl"].result_list]
        return response

    def save_model(self, request: HttpRequest, obj: Image, form: AdminForm, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            image_changed(image=obj, fields=form.changed_data)
            return
        obj.uploaded_by = user_of(request)
        store_original(obj, form.cleaned_data["file"])

    def response_change(self, request: HttpRequest, obj: Image) -> HttpResponse:
        """Offer users who can publish to update the articles that show the previous image."""
        if self.may_publish(request) and image_updates.outdated_items(obj):
            message = _("Image saved. Published versions still have its earlier details.")
            self.message_user(request, message, messages.SUCCESS)
            return redirect("admin:articles_image_publish", obj.pk)
        self.message_user(request, _("Image saved."), messages.SUCCESS)
        return redirect("admin:articles_image_change", obj.pk)

    def render_change_form(
        self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        image = context.get("original")
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if image is not None:
            # Authors only see their own drafts; the others are counted.
            articles = articles_with(image)
            visible = articles.visible_to(request.user).select_related("live", "upcoming")
            outdated = image_updates.outdated_items(image)
            context |= {
                "title": str(image),
                "subtitle": None,
                "image": as_json(image),
                "articles": [(article, badge(article.state())) for article in visible[: image_updates.BATCH]],
                "other_articles": articles.exclude(pk__in=visible.values("pk")).count(),
                "pages": [(page, badge(page.state())) for page in Page.objects.showing_image(image.uuid)],
                "authors": image.portrait_of.all(),
                "replaced_files": image.replaced_files.all(),
                "outdated": len(outdated),
                "outdated_in": image_actions.count_items([item.item for item in outdated]),
                "may_publish": self.may_publish(request),
                "show_delete": not is_used(image),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def deletion_blocker(self, image: Image) -> str | Promise:
        return IN_USE if is_used(image) else ""

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        delete_image(image=obj)


def articles_with(image: Image) -> Any:
    """Return the articles with a draft or version that uses `image`."""
    return Article.objects.filter(pk__in=image.usages.values("article")).defer("body").order_by("-updated_at")
