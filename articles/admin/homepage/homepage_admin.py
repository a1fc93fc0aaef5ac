"""The front page's room at /admin/front/: places are filled, the draft is saved, looked at and published."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_http_methods, require_safe

from articles.admin.base import CustomViewsAdmin
from articles.admin.homepage import editions
from articles.admin.homepage.actions import Handled, handle
from articles.admin.homepage.arrangement import arrangement, stock_ahead, to_choose_from
from articles.forms.homepage import ArrangeForm
from articles.homepage.layout import Layout
from articles.models import HomepageDraft, HomepageEdition
from articles.services.homepage import DraftConflict, save_draft
from articles.views.lists import front_context

# What is done with the draft once it is saved.
NEXT = {"save": "admin:front", "preview": "admin:front_preview", "publish": "admin:front_publish"}
DAMAGED = "What was sent is no front page. Here is the draft as it was saved last."
FRAMED = settings.SECURE_CSP | {"frame-ancestors": [CSP.SELF]}


@admin.register(HomepageEdition)
class HomepageAdmin(CustomViewsAdmin):
    url_prefix = "front"
    permission = "articles.publish_article"

    def custom_urls(self) -> list[tuple[str, Any, str]]:
        return [
            ("", editor, "front"),
            ("preview/", preview, "front_preview"),
            ("preview/page/", preview_page, "front_preview_page"),
            ("publish/", editions.publish_page, "front_publish"),
            ("editions/", editions.list_page, "front_editions"),
            ("editions/<int:number>/restore/", editions.restore_page, "front_restore"),
            ("editions/<int:number>/end/", editions.give_up_page, "front_give_up"),
        ]

    def context(self, request: HttpRequest, **more: Any) -> dict[str, Any]:
        return self.admin_site.each_context(request) | {"opts": self.opts} | more


@require_http_methods(["GET", "HEAD", "POST"])
def editor(request: HttpRequest, admin: HomepageAdmin) -> HttpResponse:
    """The places of the page. What is pressed changes the page in the browser; only saving changes the draft."""
    draft = HomepageDraft.current()
    if request.method != "POST":
        return _page(request, admin, draft, Handled(draft.layout))
    form = ArrangeForm(request.POST)
    if not form.is_valid():
        return _page(request, admin, draft, Handled(draft.layout, said=DAMAGED, status=422))
    data = form.cleaned_data
    if data["do"] in NEXT:
        return _save(request, admin, data)
    return _page(request, admin, draft, handle(data, request.POST), seen=data["seen"], words=data["q"])


def _page(
    request: HttpRequest, admin: HomepageAdmin, draft: HomepageDraft, handled: Handled, *, seen: int | None = None,
    words: str = "",
) -> HttpResponse:  # fmt: skip
    made = handled.made or arrangement(handled.layout)
    now = timezone.now()
    context = admin.context(
        request, title="Front page", made=made, handled=handled, q=words, draft=draft,
        seen=draft.version if seen is None else seen,
        saved=made.layout == draft.layout.with_rows_for(row.section for row in made.layout.rows),
        stock=to_choose_from(words, made),
        served=HomepageEdition.objects.due(now).first(), waiting=list(HomepageEdition.objects.waiting(now)[:5]),
    )  # fmt: skip
    return TemplateResponse(request, "admin/articles/homepage/editor.html", context, status=handled.status)


def _save(request: HttpRequest, admin: HomepageAdmin, data: dict[str, Any]) -> HttpResponse:
    try:
        draft = save_draft(layout=data["layout"], seen=data["seen"], by=request.user)
    except DraftConflict as overtaken:
        return _conflict(request, admin, data["layout"], overtaken.draft)
    if draft.version != data["seen"]:
        admin.log_change(request, draft, f"Saved the draft of the front page (version {draft.version}).")
    if data["do"] == "save":
        admin.message_user(request, "The draft is saved. Readers see it once you publish it.", messages.SUCCESS)
    return redirect(NEXT[data["do"]])


def _conflict(request: HttpRequest, admin: HomepageAdmin, mine: Layout, draft: HomepageDraft) -> HttpResponse:
    """Both drafts beside one another; nothing is kept until the editor chooses."""
    ours, theirs = arrangement(mine), arrangement(draft.layout)
    own, other = ({slot.key: slot for slot in made.slots if slot.version or slot.by_hand} for made in (ours, theirs))
    context = admin.context(
        request, title="Two drafts of the front page", draft=draft, mine=ours.layout, rows=(ours.rows, theirs.rows),
        pairs=[(own.get(key), other.get(key)) for key in dict.fromkeys([*own, *other])],
    )  # fmt: skip
    return TemplateResponse(request, "admin/articles/homepage/conflict.html", context, status=409)


@require_safe
def preview(request: HttpRequest, admin: HomepageAdmin) -> HttpResponse:
    """The draft as readers would see it, in a frame as wide as a desk or a phone."""
    context = admin.context(request, title="Preview of the front page", draft=HomepageDraft.current())
    return TemplateResponse(request, "admin/articles/homepage/preview.html", context)


@csp_override(FRAMED)
@xframe_options_sameorigin
@require_safe
def preview_page(request: HttpRequest, admin: HomepageAdmin) -> HttpResponse:
    """The real page, drawn from the draft; a piece that waits for its time is shown as if it had come."""
    layout = HomepageDraft.current().layout
    context = front_context(stock_ahead(layout, timezone.now()), layout)
    response = render(request, "admin/articles/homepage/preview_frame.html", context)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
