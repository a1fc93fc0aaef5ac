"""Sections, topics, series, authors and the addresses that articles had before."""

from functools import partial
from typing import Any, cast

from django import forms
from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.utils.html import format_html

from articles.admin.base import BaseAdmin
from articles.admin.editing.context import thumbnail
from articles.admin.taxonomy import merge_topics, section_order
from articles.forms.articles import Lines, PictureChoice
from articles.models import Author, Redirect, Section, Series, Topic
from articles.services.denormalise import rerender_named

WIDE = "vLargeTextField"


class TaxonomyAdmin(BaseAdmin):
    """What stands beside the text of published articles: they are drawn again, outside the request, when it changes."""

    prepopulated_fields = {"slug": ["name"]}
    # What keeps a thing from being deleted, as a sentence.
    kept = ""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and form.changed_data:
            transaction.on_commit(partial(rerender_named.enqueue, str(self.opts.model_name), obj.pk))

    def in_use(self, thing: Any) -> bool:
        return bool(thing.entries.exists() or thing.articles.exists())

    def deletion_blocker(self, thing: Any) -> str:
        return self.kept if self.in_use(thing) else ""


@admin.register(Section)
class SectionAdmin(TaxonomyAdmin):
    kept = "Articles stand in this section: move them to another before you delete it."
    list_display = ["name", "slug", "position", "intro"]
    fields = ["name", "slug", "intro", "position"]
    change_list_template = "admin/articles/section/change_list.html"

    def get_urls(self) -> list[Any]:
        order = self.admin_site.admin_view(partial(section_order.order_page, admin=self))
        return [path("order/", order, name="articles_section_order"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        own = {"may_order": self.has_change_permission(request)}
        return super().changelist_view(request, own | (extra_context or {}))


@admin.register(Topic)
class TopicAdmin(TaxonomyAdmin):
    kept = "Articles have this topic: take it off them before you delete it."
    leads = "An address that readers know leads on from it or to it: it stays."
    list_display = ["name", "slug", "intro", "merged"]
    list_select_related = ["merged_into"]
    search_fields = ["name"]
    fields = ["name", "slug", "intro"]
    change_form_template = "admin/articles/topic/change_form.html"

    @admin.display(description="merged into", empty_value="–")
    def merged(self, topic: Topic) -> Topic | None:
        return topic.merged_into

    def get_urls(self) -> list[Any]:
        merge = self.admin_site.admin_view(partial(merge_topics.merge_page, admin=self))
        return [path("<int:pk>/merge/", merge, name="articles_topic_merge"), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Topic | None = None) -> bool:
        """What was merged is only looked at: it is the other topic now."""
        return super().has_change_permission(request, obj) and (obj is None or obj.merged_into_id is None)

    def deletion_blocker(self, topic: Topic) -> str:
        leads = topic.merged_into_id is not None or topic.merged.exists()
        return super().deletion_blocker(topic) or (self.leads if leads else "")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        topic = context.get("original")
        own = {"may_merge": topic is not None and self.has_change_permission(request, topic)}
        return super().render_change_form(request, context | own, *args, **kwargs)


@admin.register(Series)
class SeriesAdmin(TaxonomyAdmin):
    kept = "Articles are parts of this series: take them out of it before you delete it."
    list_display = ["name", "slug", "intro"]
    search_fields = ["name"]
    fields = ["name", "slug", "intro", "parts"]
    readonly_fields = ["parts"]

    @admin.display(description="parts")
    def parts(self, series: Series) -> str:
        """The numbers that are taken; no headline, which may be that of somebody else's draft."""
        taken = series.articles.order_by("series_part").values_list("series_part", flat=True) if series.pk else []
        return ", ".join(map(str, taken)) or "None yet"


class AuthorForm(forms.ModelForm):
    portrait = PictureChoice(required=False)

    class Meta:
        model = Author
        fields = ["name", "slug", "role", "bio", "expertise", "links", "portrait", "user"]
        widgets = {
            "bio": Lines(attrs={"rows": 8, "class": WIDE}),
            "links": Lines(attrs={"rows": 5, "class": WIDE, "spellcheck": "false"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "portrait" in self.fields:
            cast(PictureChoice, self.fields["portrait"]).offer(self["portrait"].value())
        if "user" in self.fields:
            # Only members of the newsroom write here; a list of every reader would be endless.
            members = models.Q(is_staff=True) | models.Q(pk=self.instance.user_id)
            field = cast(forms.ModelChoiceField, self.fields["user"])
            field.queryset = field.queryset.filter(members)  # type: ignore[union-attr]


@admin.register(Author)
class AuthorAdmin(TaxonomyAdmin):
    form = AuthorForm
    kept = "This author stands in bylines: take the name off those articles before you delete it."
    list_display = ["name", "face", "role", "has_login"]
    list_select_related = ["portrait", "user"]
    search_fields = ["name", "role"]
    fields = (*AuthorForm.Meta.fields,)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Author]:
        return super().get_queryset(request).prefetch_related("portrait__renditions")

    def get_fields(self, request: HttpRequest, obj: Author | None = None) -> Any:
        """Who may only look is shown no address and no way to an account."""
        if self.has_change_permission(request, obj):
            return self.fields
        return [name for name in self.fields if name != "user"] + ["has_login"]

    def get_readonly_fields(self, request: HttpRequest, obj: Author | None = None) -> Any:
        return [] if self.has_change_permission(request, obj) else ["has_login"]

    @admin.display(description="portrait")
    def face(self, author: Author) -> str:
        url = thumbnail(author.portrait) if author.portrait else ""
        return format_html('<img class="face" src="{}" alt="" width="40" height="40">', url) if url else "–"

    @admin.display(description="log-in", boolean=True)
    def has_login(self, author: Author) -> bool:
        return author.user_id is not None


@admin.register(Redirect)
class RedirectAdmin(BaseAdmin):
    list_display = ["path", "target"]
    list_select_related = ["article", "page"]
    search_fields = ["path", "article__headline", "page__headline"]
    fields = ["path", "article", "page"]
    raw_id_fields = ["article"]

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "path":
            field.help_text = "As it stood behind the host, such as /2019/05/a-story. It answers with 301."
            tidy = field.clean
            field.clean = lambda value: tidy(Redirect.normal((value or "").strip()))
        return field
