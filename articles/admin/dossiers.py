"""Dossiers: their list and their page."""

from typing import Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from articles.admin.editing.checks import Found, found_in
from articles.admin.publishing.publishable_admin import PublishableAdmin
from articles.forms.dossiers import DossierForm, EntryForm, PieceForm, RowFormSet
from articles.models import Article, Dossier, DossierArticle, DossierEntry, DossierVersion
from articles.services import dossiers

SPARE_ROWS = 3
# What the checks call otherwise than its form does.
ANCHORS = {"headline": "id_title", "body": "id_summary"}
OFFERED = 100


class RowsInline(admin.TabularInline):
    formset = RowFormSet
    extra = SPARE_ROWS

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).select_related("article")

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        return db_field.formfield(**kwargs)


class EntryInline(RowsInline):
    model = DossierEntry
    form = EntryForm
    template = "admin/articles/dossier/entries.html"
    max_num = 80


class PieceInline(RowsInline):
    model = DossierArticle
    form = PieceForm
    template = "admin/articles/dossier/articles.html"
    max_num = 60


@admin.register(Dossier)
class DossierAdmin(PublishableAdmin):
    form = DossierForm
    inlines = [EntryInline, PieceInline]
    fields = [*DossierForm.Meta.fields]
    change_form_template = "admin/articles/dossier/change_form.html"
    change_list_template = "admin/articles/dossier/change_list.html"
    list_display = ["title", "state_badge", "pieces_count", "date"]
    search_fields = ["title"]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Dossier]:
        found: models.QuerySet[Dossier] = super().get_queryset(request)
        return found.annotate(named=models.Count("pieces"))

    @admin.display(description="articles", ordering="named")
    def pieces_count(self, dossier: Any) -> int:
        return int(dossier.named)

    # --- the page -----------------------------------------------------------------------------
    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Spare rows follow those that are there."""
        have = getattr(obj, prefix).count() if obj.pk else 0
        spare = [{"position": have + number} for number in range(1, SPARE_ROWS + 1)]
        return super().get_formset_kwargs(request, obj, inline, prefix) | {"initial": spare}

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        own = self.state_of(request, context.get("original")) | {
            "offered": Article.objects.order_by("-updated_at", "-pk").only("slug", "headline")[:OFFERED],
        }
        return super().render_change_form(request, context | own, *args, **kwargs)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            for place, row in enumerate(formset.in_order(), start=1):
                type(row).objects.filter(pk=row.pk).exclude(position=place).update(position=place)

    # --- publication --------------------------------------------------------------------------
    def findings(self, dossier: Dossier) -> Found:
        return found_in(dossier, dossiers.text_of(dossiers.content_of(dossier)), anchors=ANCHORS)

    missing = staticmethod(dossiers.missing)

    def is_unchanged(self, dossier: Dossier, served: DossierVersion) -> bool:
        return bool(served.content == dossiers.content_of(dossier))

    def publish_object(self, dossier: Dossier, **how: Any) -> DossierVersion:
        return dossiers.publish(dossier=dossier, **how)

    def publish_context(self, dossier: Dossier) -> dict[str, Any]:
        content = dossiers.content_of(dossier)
        facts = [("Articles", len(content["pieces"])), ("Dated entries", len(content["entries"]))]
        return {"facts": facts, "hint": "Articles that are not public are left out until they are."}
