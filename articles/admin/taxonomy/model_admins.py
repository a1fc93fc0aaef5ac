"""Admins of sections, topics, series, authors and redirects."""

from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.db import models, transaction
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin.base import BaseAdmin
from articles.admin.editing.context import as_json, thumbnail
from articles.admin.taxonomy import merge_topics, own_author, quick_topic, section_order, series_order
from articles.forms.articles import free_slug
from articles.forms.choices import ImageChoice
from articles.forms.widgets import CleanTextarea, ImageSelect
from articles.models import Author, Redirect, Section, Series, Topic
from articles.models.redirects import ARCHIVE, LISTS, MERGED, TARGETS
from articles.services.denormalise import rerender_showing_later
from articles.services.redirects import add_redirect
from truthlytics.publication.slugs import SlugFromNameForm
from truthlytics.web.generic import ModelChoiceField
from truthlytics.web.types import AdminForm, FormClass, ModelField, TemplateContext
from truthlytics.web.users import user_of

WIDE = "vLargeTextField"


class TaxonomyForm(SlugFromNameForm):
    def free_slug(self, name: str) -> str:
        """Leave out slugs that redirect, too."""
        return free_slug(name, self.instance.pk, type(self.instance))


class TaxonomyAdmin(BaseAdmin):
    """Admin of rows that published versions show: a change rerenders those versions in the background.

    If the slug changes, the old URL redirects at once. A URL that redirected is free for a new row.
    """

    form = TaxonomyForm
    # Why a row in use cannot be deleted.
    in_use_message: str | Promise = ""

    def get_form(self, request: HttpRequest, obj: object = None, change: bool = False, **kwargs: object) -> FormClass:
        taken = {"unique": _("This slug is already in use. Change it, for example by adding a number or a place.")}
        form = super().get_form(request, obj, change, **{"error_messages": {"slug": taken}} | kwargs)
        if change and "slug" in form.base_fields:
            form.base_fields["slug"].help_text = _("The last part of the URL. If you change it, the old URL redirects.")
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: AdminForm, change: bool) -> None:
        # Read now, with the row locked: another user may have renamed it since the form was opened.
        stored = self.model._default_manager.select_for_update().filter(pk=obj.pk) if change else None
        old_slug = stored.values_list("slug", flat=True).first() if stored is not None else None
        super().save_model(request, obj, form, change)
        if obj.slug != old_slug:
            add_redirect(item=obj, old_slug=old_slug or "")
        if change and form.changed_data:
            transaction.on_commit(partial(rerender_showing_later.enqueue, str(self.opts.model_name), obj.pk))

    def is_in_use(self, obj: Any) -> bool:
        return bool(obj.entries.exists() or obj.articles.exists())

    def deletion_blocker(self, obj: Any) -> str | Promise:
        return self.in_use_message if self.is_in_use(obj) else ""


@admin.register(Section)
class SectionAdmin(TaxonomyAdmin):
    purpose = gettext_lazy("Sections such as “Politics” divide the site. Each article is in one, and each has a page.")
    in_use_message = gettext_lazy("This section contains articles. Move them to another section before you delete it.")
    list_display = ["name", "slug", "position", "in_menu", "intro"]
    fields = ["name", "slug", "intro", "position", "in_menu", "is_news", "needs_second_person"]
    change_list_template = "admin/articles/section/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("order/", section_order.order_page, "order"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        context = {"may_order": self.has_change_permission(request)} | (extra_context or {})
        return super().changelist_view(request, context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Propose the last place for a new section."""
        last = Section.objects.aggregate(last=Max("position"))["last"]
        initial: dict[str, Any] = super().get_changeform_initial_data(request)
        return {"position": min((last or 0) + 1, 32767)} | initial


@admin.register(Topic)
class TopicAdmin(TaxonomyAdmin):
    purpose = gettext_lazy(
        "Topics are what articles are about. Each has a page with its articles; an article can have several."
    )
    in_use_message = gettext_lazy(
        "This topic is used by articles. Remove it from them before you delete it, or merge it into another topic."
    )
    redirect_message = gettext_lazy(
        "This topic cannot be deleted: other topic URLs redirect to it, or its own URL redirects."
    )
    list_display = ["name", "slug", "intro", "merged"]
    list_select_related = ["merged_into"]
    search_fields = ["name"]
    fields = ["name", "slug", "intro"]
    change_form_template = "admin/articles/topic/change_form.html"

    @admin.display(description=gettext_lazy("merged into"), empty_value="–")
    def merged(self, topic: Topic) -> Topic | None:
        return topic.merged_into

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("<int:pk>/merge/", merge_topics.merge_page, "merge"),
            self.view_path("quick-add/", quick_topic.add_view, "quick_add"),
            *super().get_urls(),
        ]

    def has_change_permission(self, request: HttpRequest, obj: Topic | None = None) -> bool:
        """Merged topics are read-only."""
        return super().has_change_permission(request, obj) and (obj is None or obj.merged_into_id is None)

    def deletion_blocker(self, topic: Topic) -> str | Promise:
        has_redirects = topic.merged_into_id is not None or topic.merged.exists()
        return super().deletion_blocker(topic) or (self.redirect_message if has_redirects else "")

    def render_change_form(
        self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        topic = context.get("original")
        may_merge = topic is not None and self.has_change_permission(request, topic)
        return super().render_change_form(request, context | {"may_merge": may_merge}, *args, **kwargs)


@admin.register(Series)
class SeriesAdmin(TaxonomyAdmin):
    purpose = gettext_lazy("A series is a story in several parts, in order. Each part links to the others.")
    in_use_message = gettext_lazy("This series contains articles. Remove them from it before you delete it.")
    list_display = ["name", "slug", "intro"]
    search_fields = ["name"]
    fields = ["name", "slug", "intro"]
    change_form_template = "admin/articles/series/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("<int:pk>/order/", series_order.order_page, "order"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        series = context.get("original")
        if series is not None:
            parts = series_order.parts_of(series, user_of(request))
            context |= {"parts": parts, "may_order": bool(parts) and series_order.may_order(request)}
        return super().render_change_form(request, context, *args, **kwargs)


class AuthorForm(TaxonomyForm):
    portrait = ImageChoice(required=False, widget=ImageSelect(gettext_lazy("Portrait")))

    class Meta:
        model = Author
        fields = ["name", "slug", "role", "bio", "expertise", "links", "portrait", "user"]
        widgets = {
            "bio": CleanTextarea(attrs={"rows": 8, "class": WIDE}),
            "links": CleanTextarea(attrs={"rows": 5, "class": WIDE, "spellcheck": "false"}),
        }
        help_texts = {
            "bio": gettext_lazy("Plain text, without formatting. Blank lines separate paragraphs; URLs become links.")
        }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "portrait" in self.fields:
            cast(ImageChoice, self.fields["portrait"]).offer(self["portrait"].value())
        if "user" in self.fields:
            # Offer staff only; there may be many thousands of other users.
            staff = models.Q(is_staff=True) | models.Q(pk=self.instance.user_id)
            field = cast(ModelChoiceField[Any], self.fields["user"])
            field.queryset = field.queryset.filter(staff)  # type: ignore[union-attr]


@admin.register(Author)
class AuthorAdmin(TaxonomyAdmin):
    purpose = gettext_lazy(
        "The people named above articles. Each has a page with a portrait, a biography and their articles."
    )
    form = AuthorForm
    in_use_message = gettext_lazy("This author has articles. Remove the name from their bylines before you delete it.")
    list_display = ["name", "portrait_thumbnail", "role", "has_account"]
    list_select_related = ["portrait", "user"]
    search_fields = ["name", "role"]
    fields = (*AuthorForm.Meta.fields,)
    change_form_template = "admin/articles/image_select_form.html"

    def render_change_form(
        self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        author: Author | None = context.get("original")
        portrait = author.portrait if author else None
        context["pictures"] = {str(portrait.uuid): as_json(portrait)} if portrait else {}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("own/", own_author.create_view, "own"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Author]:
        return super().get_queryset(request).prefetch_related("portrait__renditions")

    def get_fields(self, request: HttpRequest, obj: Author | None = None) -> Any:
        """Hide the user account, with its email address, from those who can only view authors."""
        if self.has_change_permission(request, obj):
            return self.fields
        return [name for name in self.fields if name != "user"] + ["has_account"]

    def get_readonly_fields(self, request: HttpRequest, obj: Author | None = None) -> list[str]:
        return [] if self.has_change_permission(request, obj) else ["has_account"]

    @admin.display(description=gettext_lazy("portrait"))
    def portrait_thumbnail(self, author: Author) -> str:
        url = thumbnail(author.portrait) if author.portrait else ""
        return format_html('<img class="face" src="{}" alt="" width="40" height="40">', url) if url else "–"

    @admin.display(description=gettext_lazy("user account"), boolean=True)
    def has_account(self, author: Author) -> bool:
        return author.user_id is not None


@admin.register(Redirect)
class RedirectAdmin(BaseAdmin):
    uses_django_scripts = True
    purpose = gettext_lazy(
        "Old addresses that lead to new ones. When you change the address of something public, one is added here."
    )
    list_display = ["__str__", "target"]
    list_select_related = [*TARGETS, MERGED]
    search_fields = [
        "path",
        "query",
        "article__headline",
        "page__headline",
        "dossier__title",
        *(f"{name}__name" for name in LISTS),
    ]
    fieldsets = [
        (None, {"fields": ["path", "query"]}),
        (gettext_lazy("Leads to one of these"), {"fields": [*TARGETS, ARCHIVE]}),
    ]
    raw_id_fields = ["article", "image"]

    @admin.display(description=gettext_lazy("target"))
    def target(self, redirect: Redirect) -> object:
        return redirect.target

    def formfield_for_dbfield(self, db_field: ModelField, request: HttpRequest, **kwargs: object) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "path":
            field.help_text = _("Path without the host name, such as /2019/05/a-story. Redirects permanently (301).")
            clean = field.clean
            field.clean = lambda value: clean(Redirect.normalise((value or "").strip()))
        elif db_field.name == "query":
            field.help_text = _("Only if the old address had one, such as p=7 in /?p=7. Otherwise leave blank.")
        return field
