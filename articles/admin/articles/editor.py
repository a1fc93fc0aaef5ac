"""The article editor. The list is in `articles.admin.articles.changelist`."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin import calendar, responsibility, sources, workflow
from articles.admin.articles import remarks, sharing
from articles.admin.articles.changelist import ArticleListAdmin
from articles.admin.base import without_related_widget
from articles.admin.editing import link_targets, local_time
from articles.admin.editing.base import EditorAdmin
from articles.admin.editing.context import LARGER, as_json, editor_context, thumbnail, word_count
from articles.admin.formatting import badges
from articles.admin.publishing import supersede
from articles.forms.articles import ArticleForm, BylineForm, BylineFormSet
from articles.models import Article, Byline, Section, translations
from articles.seo.meta import absolute_url
from articles.services import revisions
from truthlytics.publication import get_publication
from truthlytics.web.generic import TabularInline
from truthlytics.web.types import AdminForm, FormSets, InlineFormSet, ModelField

SPARE_ROWS = 3
RELATED = ("section", "lead", "social_image", "series", "audio", "live")


class BylineInline(TabularInline[Byline, Article]):
    model = Byline
    form = BylineForm
    formset = BylineFormSet
    fields = ["author", "position"]
    extra = SPARE_ROWS
    template = "admin/articles/article/bylines.html"
    media = forms.Media()
    max_num = 50

    def get_formset(self, request: HttpRequest, obj: Article | None = None, **kwargs: object) -> InlineFormSet:
        """Lower Django's limit of 2,000 submitted rows to `max_num`."""
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def formfield_for_dbfield(self, db_field: ModelField, request: HttpRequest, **kwargs: object) -> Any:
        return without_related_widget(super().formfield_for_dbfield(db_field, request, **kwargs))


@admin.register(Article)
class ArticleAdmin(EditorAdmin, ArticleListAdmin):
    purpose = gettext_lazy("Everything you write for the site, from the first draft to what is published.")
    form = ArticleForm
    inlines = [BylineInline]
    fields = [*ArticleForm.Meta.fields, "key", "based_on"]
    change_form_template = "admin/articles/article/change_form.html"

    def get_site_urls(self) -> list[URLPattern]:
        """See `truthlytics.newsroom.admin_site.SiteUrlsAdmin`."""
        return local_time.paths(self) + calendar.paths(self) + responsibility.paths(self)

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("<int:pk>/work/", workflow.page, "work"),
            self.view_path("<int:pk>/assignment/", workflow.assignment, "assignment"),
            self.view_path("<int:pk>/corrections/<int:number>/", supersede.supersede_page, "supersede"),
            self.view_path("<int:pk>/sources/", sources.article_sources, "sources"),
            self.view_path("link-targets/", link_targets.search_view, "link_targets"),
            *sharing.paths(self),
            *remarks.paths(self),
            *super().get_urls(),
        ]

    def save_related(self, request: HttpRequest, form: AdminForm, formsets: FormSets, change: bool) -> None:
        if original := form.cleaned_data.get("translation_of"):
            translations.start_group(original)
        super().save_related(request, form, formsets, change)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Article]:
        """Fetch the related rows that the editor shows in the same query."""
        articles = super().get_queryset(request)
        match = request.resolver_match
        return articles.select_related(*RELATED) if match and match.url_name == "articles_article_change" else articles

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Prefill the section with that of the user's last article, or the only one, and the publisher's access."""
        own = Article.objects.filter(created_by=request.user.pk, section__isnull=False).order_by("-created_at", "-pk")
        section = own.values_list("section", flat=True).first()
        if section is None and len(only := Section.objects.values_list("pk", flat=True)[:2]) == 1:
            section = only[0]
        initial = {"required_level": get_publication().default_access} | ({"section": section} if section else {})
        return initial | super().get_changeform_initial_data(request)

    def get_formset_kwargs(self, request: HttpRequest, obj: Article, inline: Any, prefix: str) -> dict[str, object]:
        """Prefill the byline of a new article with the author of the user."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        rows: list[dict[str, object]] = [{} for _ in range(SPARE_ROWS)]
        is_new = not obj.pk and request.method == "GET"
        if is_new and (author := getattr(request.user, "author", None)) is not None:
            rows[0]["author"] = author.pk
        return kwargs | {"initial": rows}

    def render_change_form(
        self, request: HttpRequest, context: dict[str, object], *args: object, **kwargs: object
    ) -> HttpResponse:
        return super().render_change_form(request, context | editor_context(request, context), *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Redirect to the workflow page if its button was pressed."""
        if "_work" in request.POST and not ("_publish" in request.POST and self.may_publish(request)):
            return redirect("admin:articles_article_work", obj.pk)
        return super().response_change(request, obj)

    badges = staticmethod(badges)

    def publish_context(self, item: Article) -> dict[str, object]:
        authors = [str(byline.author) for byline in item.bylines.select_related("author")]
        topics = {topic.survivor.name: None for topic in item.topics.select_related("merged_into")}
        none = _("none")
        facts = [
            (_("Section"), item.section or none),
            (_("Topics"), ", ".join(topics) or none),
            (_("Authors"), ", ".join(authors) or none),
            (_("Access"), item.get_required_level_display()),
            (_("Words"), word_count(item)),
            (_("URL"), absolute_url(item.get_absolute_url())),
        ]
        last = item.live or item.upcoming
        comparison = None
        if last is not None and last.content is not None:
            comparison = revisions.compare_in_library(revisions.fields_of(last), revisions.current_fields(item))
        return {
            "facts": facts,
            "standfirst": item.standfirst,
            "comparison": comparison,
            "lead": as_json(item.lead) if item.lead else None,
            "share_card": _share_card(item),
        }


def _share_card(article: Article) -> dict[str, str]:
    """Return what other sites show of a shared link: as in the page's head, but of the draft."""
    images = (thumbnail(image, LARGER) for image in (article.social_image, article.lead) if image)
    return {
        "image": next(filter(None, images), get_publication().social_image_url),
        "title": article.social_title or article.headline,
        "description": article.seo_description or article.standfirst,
    }
