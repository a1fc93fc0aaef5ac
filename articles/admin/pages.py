"""Admin of pages about the publication."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.editing.base import EditorAdmin
from articles.admin.editing.context import images_as_json, unsaved_changes, word_count
from articles.admin.publishing.dossiers_and_pages import PublishableAdmin
from articles.forms.pages import PageForm
from articles.models import Page
from articles.revisions.fields import compare
from articles.services.filling import fill_page
from articles.services.legal_texts import fill
from articles.services.revisions import current_fields, fields_of
from articles.services.standard_pages import create_standard_pages, has_our_words, missing_standard_pages
from truthlytics.web.types import Choices, TemplateContext
from truthlytics.web.users import user_of


@admin.register(Page)
class PageAdmin(EditorAdmin, PublishableAdmin):
    purpose = gettext_lazy(
        "Pages that stay, such as the legal notice and “About us”. Put them into the menus once they are public."
    )
    form = PageForm
    fields = [*PageForm.Meta.fields, "key", "based_on"]
    change_form_template = "admin/articles/page/change_form.html"
    change_list_template = "admin/articles/page/change_list.html"
    list_display = ["headline_line", "state_badge", "purpose", "date"]
    search_fields = ["headline", "standfirst"]

    @admin.display(description=gettext_lazy("title"), ordering="headline")
    def headline_line(self, page: Page) -> str:
        markup = '<span class="list-headline">{}</span> <span class="list-headline__type">/pages/{}/</span>'
        return format_html(markup, str(page), page.slug)

    def get_urls(self) -> list[URLPattern]:
        return [
            self.view_path("standard/", add_standard_pages, "standard"),
            self.view_path("<int:pk>/filling/", fill_in, "fill"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        missing = missing_standard_pages() if self.has_add_permission(request) else []
        return super().changelist_view(request, {**(extra_context or {}), "missing_standard_pages": missing})

    def render_change_form(self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any) -> Any:
        page: Page | None = context.get("original")
        context |= self.status_context(request, page) | {
            "pictures": {image["uuid"]: image for image in images_as_json(context["adminform"].form)},
            "zone": timezone.get_current_timezone_name(),
        }
        if page is not None and page.pk:
            context |= {
                "unsaved": unsaved_changes(page, request),
                "check_results": self.findings(page),
                "has_our_words": has_our_words(page),
                "can_fill": fill(page.body, purpose=page.purpose) != page.body,
            }
        return super().render_change_form(request, context, *args, **kwargs)

    def publish_context(self, item: Page) -> dict[str, object]:
        facts: Choices = [(_("URL"), item.get_absolute_url()), (_("Words"), word_count(item))]
        if item.purpose:
            facts.insert(0, (_("Page type"), item.get_purpose_display()))
        last = item.served_version() or item.scheduled_version()
        return {"facts": facts, "comparison": compare(fields_of(last), current_fields(item)) if last else None}


@require_POST
def add_standard_pages(request: HttpRequest, admin: PageAdmin) -> HttpResponse:
    """Create the standard pages that are missing, as drafts."""
    if not admin.has_add_permission(request):
        raise PermissionDenied
    pages = create_standard_pages(by=user_of(request))
    for page in pages:
        admin.log_addition(request, page, "")
    text = ngettext("%(count)d page added as a draft.", "%(count)d pages added as drafts.", len(pages))
    messages.success(request, text % {"count": len(pages)})
    return redirect("admin:articles_page_changelist")


@require_http_methods(["GET", "HEAD", "POST"])
def fill_in(request: HttpRequest, pk: int, admin: PageAdmin) -> HttpResponse:
    """Fill the gaps of a legal page that Settings know: GET shows the text, POST saves it as a revision."""
    page = admin.get_object(request, str(pk))
    if page is None or not admin.has_change_permission(request, page):
        raise Http404("There is no such page.")
    if request.method == "POST":
        if fill_page(page=page, by=user_of(request)):
            admin.log_change(request, page, _("Filled in from the settings."))
            messages.success(request, _("The gaps are filled. Read the page once more before you publish it."))
        else:
            messages.info(request, _("There was nothing to fill in."))
        return redirect("admin:articles_page_change", pk)
    fields = current_fields(page)
    filled = fields | {"body": fill(page.body, purpose=page.purpose)}
    context = admin.view_context(
        request, title=_("Fill in from Settings"), original=page, comparison=compare(fields, filled)
    )
    return TemplateResponse(request, "admin/articles/page/filling.html", context)
