"""Admin of dossiers."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.admin import article_picker
from articles.admin.dossier_conflict import conflict
from articles.admin.editing.checks import CheckResults, check_results
from articles.admin.publishing.dossiers_and_pages import PublishableAdmin
from articles.forms.dossiers import DossierArticleForm, DossierForm, EntryForm, RowFormSet
from articles.models import Article, Dossier, DossierArticle, DossierEntry
from articles.services import redirects
from articles.services.item_types import item_type
from truthlytics.web.generic import TabularInline
from truthlytics.web.types import AdminForm, AnyRows, FormField, InlineFormSet, ModelField, TemplateContext

SPARE_ROWS = 3
# The element ids of fields that the checks name differently from the form.
ANCHORS = {"headline": "id_title", "body": "id_summary"}
SUGGESTED_ARTICLES = 100


class RowInline(TabularInline[Any, Dossier]):
    formset = RowFormSet
    media = forms.Media()
    extra = SPARE_ROWS

    def get_formset(self, request: HttpRequest, obj: Dossier | None = None, **kwargs: object) -> InlineFormSet:
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def get_queryset(self, request: HttpRequest) -> AnyRows:
        return super().get_queryset(request).select_related("article")

    def formfield_for_dbfield(self, db_field: ModelField, request: HttpRequest, **kwargs: Any) -> FormField:
        return db_field.formfield(**kwargs)


class EntryInline(RowInline):
    model = DossierEntry
    form = EntryForm
    template = "admin/articles/dossier/entries.html"
    max_num = 80


class ArticleInline(RowInline):
    model = DossierArticle
    form = DossierArticleForm
    template = "admin/articles/dossier/articles.html"
    max_num = 60


@admin.register(Dossier)
class DossierAdmin(PublishableAdmin):
    purpose = gettext_lazy("A dossier collects articles about one subject, with a summary and a timeline.")
    form = DossierForm
    inlines = [EntryInline, ArticleInline]
    fields = [*DossierForm.Meta.fields]
    change_form_template = "admin/articles/dossier/change_form.html"
    change_list_template = "admin/articles/dossier/change_list.html"
    list_display = ["title", "state_badge", "article_count", "date"]
    search_fields = ["title"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Dossier]:
        dossiers: models.QuerySet[Dossier] = super().get_queryset(request)
        return dossiers.annotate(article_count=models.Count("articles"))

    def get_urls(self) -> list[URLPattern]:
        return [self.view_path("articles/", article_picker.search_view, "articles"), *super().get_urls()]

    @admin.display(description=gettext_lazy("articles"), ordering="article_count")
    def article_count(self, dossier: Any) -> int:
        return int(dossier.article_count)

    def get_formset_kwargs(self, request: HttpRequest, obj: Dossier, inline: Any, prefix: str) -> dict[str, object]:
        """Number the blank rows after the existing ones."""
        existing = getattr(obj, prefix).count() if obj.pk else 0
        blank = [{"position": existing + number} for number in range(1, SPARE_ROWS + 1)]
        return super().get_formset_kwargs(request, obj, inline, prefix) | {"initial": blank}

    def render_change_form(self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any) -> Any:
        suggested = Article.objects.order_by("-updated_at", "-pk").only("slug", "headline")[:SUGGESTED_ARTICLES]
        context |= self.status_context(request, context.get("original")) | {"offered": suggested}
        form = context["adminform"].form
        if form.is_bound:
            context["conflict"] = conflict(form, *(inline.formset for inline in context["inline_admin_formsets"]))
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Dossier, form: AdminForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data:
            redirects.slug_changed(item=obj, old_slug=form.initial["slug"])
            obj.url_changed = obj.url_is_public  # type: ignore[attr-defined]

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        """Call rows by what they are to editors."""
        message: Any = super().construct_change_message(request, form, formsets, add)
        names = {
            str(DossierArticle._meta.verbose_name): "article",
            str(DossierEntry._meta.verbose_name): "timeline entry",
        }
        for change in message:
            for details in change.values():
                if "name" in details:
                    details["name"] = names.get(details["name"], details["name"])
        return message

    def log_change(self, request: HttpRequest, obj: Model, message: object) -> Any:
        """Leave out saves that changed nothing."""
        return super().log_change(request, obj, message) if message else None

    def save_related(self, request: HttpRequest, form: forms.BaseForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            formset.save_order()

    def findings(self, item: Dossier) -> CheckResults:
        kind = item_type(item)
        return check_results(item, kind.checked_fields(kind.content_of(item)), anchors=ANCHORS)

    def publish_context(self, item: Dossier) -> dict[str, object]:
        content = item_type(item).content_of(item)
        facts = [(_("Articles"), len(content["pieces"])), (_("Timeline entries"), len(content["entries"]))]
        return {"facts": facts, "hint": _("Unpublished articles appear in the dossier once they are published.")}
