"""Pages about the publication: their list and their writing desk."""

from functools import partial
from typing import Any, cast

from django.contrib import admin
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.html import format_html

from articles.admin.editing import autosave_api, checks, edit_conflicts
from articles.admin.editing.context import form_images_json, unsaved_of, words_of
from articles.admin.publishing import actions
from articles.admin.publishing.publishable_admin import PublishableAdmin
from articles.forms.articles import free_slug
from articles.forms.pages import PageForm
from articles.integrity import canonical, digest_of
from articles.models import Page, PageVersion
from articles.revisions.fields import compare
from articles.services import (  # noqa: F401  the desk knows pages by it
    page_revisions,
    pages,
)
from articles.services.revisions import text_now, text_of


@admin.register(Page)
class PageAdmin(PublishableAdmin):
    form = PageForm
    fields = [*PageForm.Meta.fields, "key", "based_on"]
    change_form_template = "admin/articles/page/change_form.html"
    change_list_template = "admin/articles/page/change_list.html"
    list_display = ["headline_line", "state_badge", "purpose", "date"]
    search_fields = ["headline", "standfirst"]
    unaudited_url_names = autosave_api.unsaved("page")
    retry_on_integrity_error = False  # `changeform_view` does, and knows a form that arrived twice
    free_slug = staticmethod(partial(free_slug, kind=Page))

    @admin.display(description="title", ordering="headline")
    def headline_line(self, page: Page) -> str:
        return format_html(
            '<span class="list-headline">{}</span> <span class="list-headline__type">/pages/{}/</span>',
            str(page),
            page.slug,
        )

    # --- the page -----------------------------------------------------------------------------
    def get_urls(self) -> list[Any]:
        return checks.paths(self) + autosave_api.paths(self) + super().get_urls()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"key": actions.new_key()}

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if object_id is None and request.method == "POST" and (twin := actions.already_made(request, Page)):
            object_id = str(twin.pk)
        once = partial(super().changeform_view, request, object_id, form_url, extra_context)
        try:
            if object_id is not None and request.method == "POST":
                return edit_conflicts.save_checked(self, request, object_id, once)
            return once()
        except IntegrityError:
            # Somebody took the address, or this very form arrived twice, in between: now the form can say so.
            if object_id is None and (twin := actions.already_made(request, Page)):
                return redirect("admin:articles_page_change", twin.pk)
            return once()

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        page: Page | None = context.get("original")
        own = self.state_of(request, page) | {
            "pictures": {p["uuid"]: p for p in form_images_json(context["adminform"].form)},
            "zone": timezone.get_current_timezone_name(),
        }
        if page is not None and page.pk:
            served = page.read_now()
            own |= {
                "served": served,
                "waiting": page.waiting(),
                "differs": served is not None and not self.is_unchanged(page, served),
                "unsaved": unsaved_of(page, request.user),
                "found": self.findings(page),
            }
        return super().render_change_form(request, context | own, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Page, form: Any, change: bool) -> None:
        if not change:
            obj.created_by = cast(Any, request.user)
            obj.uuid = actions.free_key(form.cleaned_data.get("key"), Page) or obj.uuid
        super().save_model(request, obj, form, change)
        if change and "slug" in form.changed_data and obj.versions.exists():
            pages.move(page=obj, old_slug=form.initial["slug"])

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        edit_conflicts.kept(request, form.instance)

    # --- publication --------------------------------------------------------------------------
    def findings(self, page: Page) -> checks.Found:
        return checks.found_in(page, text_now(page))

    missing = staticmethod(pages.missing)

    def is_unchanged(self, page: Page, served: PageVersion) -> bool:
        return served.content_digest == digest_of(canonical(pages.content_of(page)))

    def publish_object(self, page: Page, **how: Any) -> PageVersion:
        return pages.publish(page=page, **how)

    def publish_context(self, page: Page) -> dict[str, Any]:
        facts: list[tuple[str, Any]] = [("Address", page.get_absolute_url()), ("Words", words_of(page))]
        if page.purpose:
            facts.insert(0, ("What it is", page.get_purpose_display()))
        last = page.read_now() or page.waiting()
        return {"facts": facts, "comparison": compare(text_of(last), text_now(page)) if last else None}
