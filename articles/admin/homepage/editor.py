"""Front page editor at /admin/front/: arrange, preview and publish the draft."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.base import CustomViewsAdmin
from articles.admin.homepage import editions
from articles.admin.homepage.actions import ActionResult, run_action
from articles.admin.homepage.arrangement import article_choices, build_arrangement, candidates_with_scheduled
from articles.forms.homepage import ArrangeForm
from articles.homepage.layout import Layout
from articles.models import HomepageDraft, HomepageEdition
from articles.presenters.homepage import homepage_context, month_record
from articles.services.homepage import DraftConflict, save_draft
from truthlytics.audit.admin import View
from truthlytics.publication.language import site_language
from truthlytics.web.types import JsonObject
from truthlytics.web.users import user_of

# Buttons that save the draft, and where they lead next.
NEXT = {"save": "admin:front", "preview": "admin:front_preview", "publish": "admin:front_publish"}
INVALID = gettext_lazy("The form was incomplete. This is the draft as last saved.")


@admin.register(HomepageEdition)
class HomepageAdmin(CustomViewsAdmin):
    url_prefix = "front"
    permission = "articles.publish_article"
    frameable = ("front_preview_page",)

    def custom_urls(self) -> list[tuple[str, View, str]]:
        return [
            ("", editor, "front"),
            ("preview/", preview, "front_preview"),
            ("preview/page/", preview_page, "front_preview_page"),
            ("publish/", editions.publish_page, "front_publish"),
            ("editions/", editions.list_page, "front_editions"),
            ("editions/<int:number>/restore/", editions.restore_page, "front_restore"),
            ("editions/<int:number>/end/", editions.unschedule_page, "front_give_up"),
        ]


@require_http_methods(["GET", "HEAD", "POST"])
def editor(request: HttpRequest, admin: HomepageAdmin) -> HttpResponse:
    """Arrange the front page. Buttons change the layout in the browser; only saving changes the draft."""
    draft = HomepageDraft.current()
    if request.method != "POST":
        return _render(request, admin, draft, ActionResult(draft.layout))
    form = ArrangeForm(request.POST)
    if not form.is_valid():
        return _render(request, admin, draft, ActionResult(draft.layout, INVALID, status=422))
    data = form.cleaned_data
    if data["do"] in NEXT:
        return _save(request, admin, data)
    return _render(request, admin, draft, run_action(data, request.POST), seen=data["seen"], query=data["q"])


def _render(
    request: HttpRequest, admin: HomepageAdmin, draft: HomepageDraft, result: ActionResult, *,
    seen: int | None = None, query: str = "",
) -> HttpResponse:  # fmt: skip
    arrangement = result.arrangement or build_arrangement(result.layout)
    now = timezone.now()
    context = admin.view_context(
        request,
        title=_("Front page"),
        arrangement=arrangement,
        result=result,
        q=query,
        draft=draft,
        seen=draft.version if seen is None else seen,
        saved=arrangement.layout == draft.layout.with_rows_for(row.section for row in arrangement.layout.rows),
        choices=article_choices(query, arrangement),
        served=HomepageEdition.objects.due(now).first(),
        waiting=list(HomepageEdition.objects.scheduled(now)[:5]),
    )
    return TemplateResponse(request, "admin/articles/homepage/editor.html", context, status=result.status)


def _save(request: HttpRequest, admin: HomepageAdmin, data: JsonObject) -> HttpResponse:
    try:
        draft = save_draft(layout=data["layout"], seen=data["seen"], by=user_of(request))
    except DraftConflict as conflict:
        return _render_conflict(request, admin, data["layout"], conflict.draft)
    if draft.version != data["seen"]:
        message = _("Saved the front page draft (version %(number)s).") % {"number": draft.version}
        admin.log_change(request, draft, message)
    if data["do"] == "save":
        admin.message_user(request, _("Draft saved. Publish it to make it live."), messages.SUCCESS)
    return redirect(NEXT[data["do"]])


def _render_conflict(request: HttpRequest, admin: HomepageAdmin, layout: Layout, draft: HomepageDraft) -> HttpResponse:
    """Show the user's layout next to the draft saved in the meantime. Nothing is stored until the user chooses."""
    mine, theirs = build_arrangement(layout), build_arrangement(draft.layout)
    my_slots, their_slots = (
        {slot.key: slot for slot in arrangement.slots if slot.version or slot.by_hand} for arrangement in (mine, theirs)
    )
    context = admin.view_context(
        request,
        title=_("Edit conflict"),
        draft=draft,
        mine=mine.layout,
        orders=(mine.order_of_rows, theirs.order_of_rows),
        records=(mine.layout.record, theirs.layout.record),
        pairs=[(my_slots.get(key), their_slots.get(key)) for key in dict.fromkeys([*my_slots, *their_slots])],
    )
    return TemplateResponse(request, "admin/articles/homepage/conflict.html", context, status=409)


@require_safe
def preview(request: HttpRequest, admin: HomepageAdmin) -> HttpResponse:
    """Show the draft in a frame of selectable width."""
    context = admin.view_context(request, title=_("Front page preview"), draft=HomepageDraft.current())
    return TemplateResponse(request, "admin/articles/homepage/preview.html", context)


@xframe_options_sameorigin
@require_safe
def preview_page(request: HttpRequest, admin: HomepageAdmin) -> HttpResponse:
    """Render the front page from the draft, with scheduled articles as if they were published."""
    layout = HomepageDraft.current().layout
    with site_language():
        now = timezone.now()
        context = homepage_context(candidates_with_scheduled(layout, now), layout)
        context["record"] = month_record(now) if layout.record else None
        response = render(request, "admin/articles/homepage/preview_frame.html", context)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
