"""The picture library."""

from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from articles.admin.editing.context import as_json
from articles.admin.formatting import badge
from articles.admin.media import image_actions
from articles.admin.media.filters import KindFilter, LicenceFilter, SizesFilter, UseFilter, WordsFilter
from articles.forms.images import WORDS, ImageForm
from articles.models import Article, Image, Page
from articles.services import image_updates
from articles.services.media import keep_original, words_changed
from truthlytics.web.cursor_pagination import page

FOUND_AT_ONCE = 36
IN_USE = "This picture stands in an article or beside an author, now or in the record: it cannot be deleted."


@admin.register(Image)
class ImageAdmin(BaseAdmin):
    form = ImageForm
    fields = ["file", *WORDS, "focal_x", "focal_y"]
    change_form_template = "admin/articles/image/change_form.html"
    list_display = ["__str__"]
    list_per_page = 48
    list_filter = [WordsFilter, UseFilter, KindFilter, LicenceFilter, SizesFilter]
    show_facets = admin.ShowFacets.NEVER
    search_fields = ["title", "alt", "caption", "credit", "licence", "terms", "file_name"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Image]:
        return super().get_queryset(request).prefetch_related("renditions")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """A file is replaced on a page of its own, where it is said what becomes of the one before."""
        without = {"file"} if obj else {"focal_x", "focal_y"}
        return [name for name in self.fields or [] if name not in without]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Also whoever brought it, until a version names it."""
        if super().has_change_permission(request, obj) or obj is None:
            return super().has_change_permission(request, obj)
        return self.has_add_permission(request) and Image.objects.mended_by(request.user).filter(pk=obj.pk).exists()

    def may_publish(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("articles.publish_article")) and self.has_view_permission(request)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        many = [("upload", image_actions.upload), ("words", image_actions.words)]
        one = [("replace", image_actions.replace), ("sizes", image_actions.sizes), ("publish", image_actions.publish)]
        return [
            path("pick/", view(require_safe(self.pick)), name="articles_image_pick"),
            *(path(f"{name}/", view(partial(do, admin=self)), name=f"articles_image_{name}") for name, do in many),
            *(
                path(f"<int:pk>/{name}/", view(partial(do, admin=self)), name=f"articles_image_{name}")
                for name, do in one
            ),
            *super().get_urls(),
        ]

    def pick(self, request: HttpRequest) -> HttpResponse:
        """The pictures that match `q`, newest first, for the desk's picker; `after` leads to the next ones."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found, _ = self.get_search_results(request, self.get_queryset(request), request.GET.get("q", "")[:200])
        part = page(found, after=request.GET.get("after", ""), size=FOUND_AT_ONCE, time="uploaded_at", tie="pk")
        return JsonResponse({"items": [as_json(image) for image in part.items], "after": part.after})

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        response = super().changelist_view(request, {"title": "Media"} | (extra_context or {}))
        context = getattr(response, "context_data", None) or {}
        if "cl" in context:
            context["pictures"] = [as_json(image) for image in context["cl"].result_list]
        return response

    def save_model(self, request: HttpRequest, obj: Image, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            words_changed(image=obj, fields=form.changed_data)
            return
        obj.uploaded_by = cast(Any, request.user)
        keep_original(obj, form.cleaned_data["file"])

    def response_change(self, request: HttpRequest, obj: Image) -> HttpResponse:
        """To what the change could be published in, for those who publish; else the page again."""
        if self.may_publish(request) and image_actions.outdated(obj):
            self.message_user(request, "Saved. Readers still see it as it was.", messages.SUCCESS)
            return redirect("admin:articles_image_publish", obj.pk)
        self.message_user(request, "Saved.", messages.SUCCESS)
        return redirect("admin:articles_image_change", obj.pk)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        image = context.get("original")
        context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        if image is not None:
            # An author learns nothing of the drafts of others, not even by the picture in them.
            users = users_of(image)
            mine = users.visible_to(request.user).select_related("live", "upcoming")
            context |= {
                "title": str(image),
                "subtitle": None,
                "picture": as_json(image),
                "users": [(article, badge(article.state())) for article in mine[: image_updates.AT_ONCE]],
                "others": users.exclude(pk__in=mine.values("pk")).count(),
                "pages": [(page, badge(page.state())) for page in Page.objects.showing(image.uuid)],
                "authors": image.portrait_of.all(),
                "earlier": image.earlier.all(),
                "outdated": len(found := image_actions.outdated(image)),
                "outdated_in": image_actions.counted([one.thing for one in found]),
                "may_publish": self.may_publish(request),
                "show_delete": not is_used(image),
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def deletion_blocker(self, image: Image) -> str:
        return IN_USE if is_used(image) else ""


def users_of(image: Image) -> Any:
    """The articles in whose working text, or in a version of which, `image` stands."""
    return Article.objects.filter(pk__in=image.usages.values("article")).defer("body").order_by("-updated_at")


def is_used(image: Image) -> bool:
    """Whether any article, page, author or version names `image`."""
    return bool(image.usages.exists() or image.portrait_of.exists() or Page.objects.showing(image.uuid).exists())
