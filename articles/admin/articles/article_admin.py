"""The article editor. The list is in `articles.admin.articles.list`."""

from functools import partial
from typing import Any, cast

from django.contrib import admin, messages
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from articles.admin import calendar, workflow
from articles.admin.articles import remarks, sharing
from articles.admin.articles.list import ArticleListAdmin
from articles.admin.base import without_related_widget
from articles.admin.editing import autosave_api, checks, edit_conflicts, local_time
from articles.admin.editing.context import context_of, words_of
from articles.admin.formatting import badges
from articles.admin.publishing import actions, publish
from articles.admin.publishing.publishing_admin import PublishingAdmin
from articles.forms.articles import ArticleForm, BylineForm, BylineFormSet, free_slug
from articles.models import Article, Byline, Version
from articles.revisions.fields import compare
from articles.services import publishing, revisions

SPARE_ROWS = 3
RELATED = ("section", "lead", "series", "audio", "live")


class BylineInline(admin.TabularInline):
    model = Byline
    form = BylineForm
    formset = BylineFormSet
    fields = ["author", "position"]
    extra = SPARE_ROWS
    template = "admin/articles/article/bylines.html"
    max_num = 50

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        """Lower Django's limit of 2,000 submitted rows to `max_num`."""
        return super().get_formset(request, obj, absolute_max=self.max_num, **kwargs)

    def formfield_for_dbfield(self, db_field: models.Field, request: HttpRequest, **kwargs: Any) -> Any:
        return without_related_widget(super().formfield_for_dbfield(db_field, request, **kwargs))


@admin.register(Article)
class ArticleAdmin(ArticleListAdmin, PublishingAdmin):
    form = ArticleForm
    unaudited_url_names = autosave_api.unsaved("article")
    # `changeform_view` retries itself, since a form that was submitted twice has created the article already.
    retry_on_integrity_error = False
    inlines = [BylineInline]
    fields = [*ArticleForm.Meta.fields, "key", "based_on"]
    change_form_template = "admin/articles/article/change_form.html"

    # --- editor -------------------------------------------------------------------------------
    free_slug = staticmethod(free_slug)

    def get_site_urls(self) -> list[Any]:
        """See `truthlytics.newsroom.admin_site.SiteUrlsAdmin`."""
        return local_time.paths(self) + calendar.paths(self)

    def get_urls(self) -> list[Any]:
        return [
            self.view_path("<int:pk>/work/", workflow.page, "work"),
            self.view_path("<int:pk>/assignment/", workflow.assignment, "assignment"),
            *publish.paths(self),
            *checks.paths(self),
            *autosave_api.paths(self),
            *sharing.paths(self),
            *remarks.paths(self),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Article]:
        """Fetch the related rows that the editor shows in the same query."""
        articles = super().get_queryset(request)
        match = request.resolver_match
        return articles.select_related(*RELATED) if match and match.url_name == "articles_article_change" else articles

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"key": actions.new_key()}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Prefill the byline of a new article with the author of the user."""
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        rows: list[dict[str, Any]] = [{} for _ in range(SPARE_ROWS)]
        is_new = not obj.pk and request.method == "GET"
        if is_new and (author := getattr(request.user, "author", None)) is not None:
            rows[0]["author"] = author.pk
        return kwargs | {"initial": rows}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id is None and request.method == "POST" and (twin := actions.already_made(request)):
            object_id = str(twin.pk)
        respond = partial(super().changeform_view, request, object_id, form_url)
        try:
            if object_id is not None and request.method == "POST":
                return edit_conflicts.save_checked(self, request, object_id, partial(respond, extra_context))
            return respond(extra_context)
        except IntegrityError:
            # Another request took the slug, or the form was submitted twice.
            if object_id is None and (twin := actions.already_made(request)):
                return redirect("admin:articles_article_change", twin.pk)
            return respond(extra_context)

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
            for position, byline in enumerate(formset.in_order(), start=1):
                Byline.objects.filter(pk=byline.pk).exclude(position=position).update(position=position)
        edit_conflicts.kept(request, form.instance)

    def response_add(self, request: HttpRequest, obj: Article, post_url_continue: str | None = None) -> HttpResponse:
        return self._redirect_after_save(request, obj)

    def response_change(self, request: HttpRequest, obj: Article) -> HttpResponse:
        return self._redirect_after_save(request, obj)

    def _redirect_after_save(self, request: HttpRequest, obj: Article) -> HttpResponse:
        """Redirect to the publish or workflow page if their button was pressed, otherwise back to the editor."""
        if "_publish" in request.POST and self.may_publish(request):
            return redirect("admin:articles_article_publish", obj.pk)
        if "_work" in request.POST:
            return redirect("admin:articles_article_work", obj.pk)
        message = "Saved." if obj.live_id is None else "Saved. Publish the change to make it live."
        self.message_user(request, message, messages.SUCCESS)
        return redirect("admin:articles_article_change", obj.pk)

    # --- publishing ---------------------------------------------------------------------------
    badges = staticmethod(badges)

    def is_unchanged(self, article: Article, served: Version) -> bool:
        return not publishing.differs(article, served)

    def findings(self, article: Article) -> checks.Found:
        return checks.found_in(article, revisions.text_now(article))

    def publish_object(self, article: Article, **options: Any) -> Version:
        return publishing.publish(article=article, **options)

    def publish_context(self, article: Article) -> dict[str, Any]:
        authors = [str(byline.author) for byline in article.bylines.select_related("author")]
        facts = [
            ("Section", article.section or "none"),
            ("Authors", ", ".join(authors) or "none"),
            ("Access", article.get_required_level_display()),
            ("Words", words_of(article)),
        ]
        last = article.live or article.upcoming
        comparison = None
        if last is not None and last.content is not None:
            comparison = compare(revisions.text_of(last), revisions.text_now(article))
        return {"facts": facts, "standfirst": article.standfirst, "comparison": comparison}

    # --- deletion -----------------------------------------------------------------------------
    def deletion_blocker(self, article: Article) -> str:
        return actions.KEPT if article.versions.exists() else ""
