"""The writing desk: an article's page. Its list is `listing`."""

from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path

from articles.admin import calendar, workflow
from articles.admin.articles import sharing
from articles.admin.articles.list import ArticleList
from articles.admin.base import without_related_widget
from articles.admin.editing import autosave_api, checks, edit_conflicts, local_time
from articles.admin.editing.context import context_of, words_of
from articles.admin.formatting import badges
from articles.admin.publishing import actions, publish
from articles.forms.articles import ArticleForm, BylineForm, BylineFormSet, free_slug
from articles.models import Article, Byline, Version
from articles.revisions.fields import compare
from articles.services import publishing, revisions

SPARE_ROWS = 3
BESIDE = ("section", "lead", "series", "audio", "live")


class BylineInline(admin.TabularInline):
    model = Byline
    form = BylineForm
    formset = BylineFormSet
    fields = ["author", "position"]
    extra = SPARE_ROWS
    template = "admin/articles/article/bylines.html"
    max_num = 50

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Rows beyond these are not even looked at: by itself a formset would make 2,000 if it is told to."""
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        return without_related_widget(super().formfield_for_dbfield(db_field, request, **kwargs))


@admin.register(Article)
class ArticleAdmin(ArticleList):
    form = ArticleForm
    unaudited_url_names = autosave_api.unsaved("article")
    retry_on_integrity_error = False  # `changeform_view` does, and knows a form that arrived twice
    inlines = [BylineInline]
    fields = [*ArticleForm.Meta.fields, "key", "based_on"]
    change_form_template = "admin/articles/article/change_form.html"

    # --- the page -----------------------------------------------------------------------------
    free_slug = staticmethod(free_slug)

    def get_site_urls(self) -> list[Any]:
        return local_time.paths(self) + calendar.paths(self)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view
        pages = [("work", workflow.page), ("assignment", workflow.assignment)]
        own = [
            path(f"<int:pk>/{name}/", view(partial(page, admin=self)), name=f"articles_article_{name}")
            for name, page in pages
        ]
        own += publish.paths(self) + checks.paths(self) + autosave_api.paths(self) + sharing.paths(self)
        return own + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Article]:
        """For its page with the rows that the page draws beside it, in the one query."""
        found = super().get_queryset(request)
        page = request.resolver_match
        return found.select_related(*BESIDE) if page and page.url_name == "articles_article_change" else found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"key": actions.new_key()}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """A writer's own name stands in the first row of a new article."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        rows: list[dict[str, Any]] = [{} for _ in range(SPARE_ROWS)]
        begins = not obj.pk and request.method == "GET"
        if begins and (author := getattr(request.user, "author", None)) is not None:
            rows[0]["author"] = author.pk
        return kwargs | {"initial": rows}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id is None and request.method == "POST" and (twin := actions.already_made(request)):
            object_id = str(twin.pk)
        once = partial(super().changeform_view, request, object_id, form_url)
        try:
            if object_id is not None and request.method == "POST":
                return edit_conflicts.save_checked(self, request, object_id, partial(once, extra_context))
            return once(extra_context)
        except IntegrityError:
            # Somebody took the address, or this very form arrived twice, in between: now the form can say so.
            if object_id is None and (twin := actions.already_made(request)):
                return redirect("admin:articles_article_change", twin.pk)
            return once(extra_context)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        return super().render_change_form(request, context | context_of(request, context), *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Article, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = cast(Any, request.user)
            obj.uuid = actions.free_key(form.cleaned_data.get("key")) or obj.uuid
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data and obj.published_at is not None:
            publishing.move(article=obj, old_slug=form.initial["slug"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            for place, byline in enumerate(formset.in_order(), start=1):
                Byline.objects.filter(pk=byline.pk).exclude(position=place).update(position=place)
        edit_conflicts.kept(request, form.instance)

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        return self._after_save(request, obj)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self._after_save(request, obj)

    def _after_save(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Back to the same page; with the main button on to publication."""
        if "_publish" in request.POST and self.may_publish(request):
            return redirect("admin:articles_article_publish", obj.pk)
        if "_work" in request.POST:
            return redirect("admin:articles_article_work", obj.pk)
        autosave_api = "Saved." if obj.live_id is None else "Saved. Readers see the change once you publish it."
        self.message_user(request, autosave_api, messages.SUCCESS)
        return redirect("admin:articles_article_change", obj.pk)

    # --- publication --------------------------------------------------------------------------
    badges = staticmethod(badges)

    def missing(self, article: Article) -> list[str]:
        """Nothing that the checks do not find."""
        return []

    def unchanged(self, article: Article, served: Version) -> bool:
        return not publishing.differs(article, served)

    def found(self, article: Article) -> checks.Found:
        return checks.found_in(article, revisions.text_now(article))

    def publish_thing(self, article: Article, **how: Any) -> Version:
        return publishing.publish(article=article, **how)

    def told_before_publishing(self, article: Article) -> dict[str, Any]:
        names = [str(byline.author) for byline in article.bylines.select_related("author")]
        facts = [
            ("Section", article.section or "none yet"), ("By", ", ".join(names) or "nobody yet"),
            ("Who may read", article.get_required_level_display()), ("Words", words_of(article)),
        ]  # fmt: skip
        last = article.live or article.upcoming
        known = last is not None and last.content is not None
        comparison = compare(revisions.text_of(last), revisions.text_now(article)) if known else None
        return {"facts": facts, "standfirst": article.standfirst, "comparison": comparison}

    # --- deleting -----------------------------------------------------------------------------
    def deletion_blocker(self, article: Article) -> str:
        return actions.KEPT if article.versions.exists() else ""
