"""The room at /admin/menus/: what stands in the masthead and in the columns of the footer."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.base import CustomViewsAdmin
from articles.admin.formatting import display_name, time_or_date
from articles.forms.menus import MenusForm
from articles.models import MenuEdition
from articles.presenters.menus import DEFAULT, Content, drawn
from articles.services.menus import MenusChanged, save_menus
from truthlytics.web.ids import row_id

EARLIER = 10
MOST = 2**31 - 1
DAMAGED = "What was sent is no menu. Here is what readers see."


@admin.register(MenuEdition)
class MenusAdmin(CustomViewsAdmin):
    url_prefix = "menus"
    permission = "articles.change_menuedition"

    def custom_urls(self) -> list[tuple[str, Any, str]]:
        return [("", editor, "menus"), ("<int:number>/restore/", restore, "menus_restore")]


@require_http_methods(["GET", "HEAD", "POST"])
def editor(request: HttpRequest, admin: MenusAdmin) -> HttpResponse:
    """All menus as rows. What is saved is what readers see from then on."""
    newest = MenuEdition.objects.newest()
    content: Content = newest.content if newest else DEFAULT
    if request.method != "POST":
        return _page(request, admin, MenusForm(content), newest)
    if "main-TOTAL_FORMS" not in request.POST:
        admin.message_user(request, DAMAGED, messages.ERROR)
        return redirect("admin:menus")
    form = MenusForm(content, request.POST)
    if not form.is_valid():
        return _page(request, admin, form, newest, status=422)
    try:
        edition = save_menus(content=form.content(), seen=row_id(request.POST.get("seen")) or 0, by=request.user)
    except MenusChanged as changed:
        return _page(request, admin, form, changed.edition, status=409)
    if newest is None or edition.number != newest.number:
        admin.log_addition(request, edition, "Arranged the menus.")
    admin.message_user(request, "Saved. Readers see the menus as they stand here.", messages.SUCCESS)
    return redirect("admin:menus")


def _page(
    request: HttpRequest, admin: MenusAdmin, form: MenusForm, newest: MenuEdition | None, *, status: int = 200
) -> HttpResponse:
    """With status 409 `form` is one's own arrangement, and `newest` what somebody else saved meanwhile."""
    overtaken = status == 409 and newest is not None
    seen = row_id(request.POST.get("seen")) if status == 422 else None
    shown = drawn(newest.content if newest else DEFAULT, timezone.now())
    context = admin.admin_site.each_context(request) | {
        "title": "Menus",
        "opts": admin.opts,
        "form": form,
        "seen": (newest.number if newest else 0) if seen is None else seen,
        "newest": newest,
        "theirs": shown if overtaken else None,
        "by": display_name(newest.made_by) if newest else "",
        "at": time_or_date(newest.made_at) if newest else "",
        "cancelling": any(link.key == "cancel" for column in shown.columns for link in column.links),
        "earlier": MenuEdition.objects.select_related("made_by").defer("content")[1 : EARLIER + 1] if newest else (),
        "failed": status == 422,
    }
    return TemplateResponse(request, "admin/articles/menus/editor.html", context, status=status)


@require_POST
def restore(request: HttpRequest, admin: MenusAdmin, number: int) -> HttpResponse:
    """An earlier arrangement is what readers see again, as a new edition; number 0 is what stands there by itself."""
    content: Content = DEFAULT
    if number:
        content = get_object_or_404(MenuEdition, number=min(number, MOST)).content
    newest = MenuEdition.objects.newest()
    if newest is None and not number:
        return redirect("admin:menus")
    try:
        edition = save_menus(content=content, seen=row_id(request.POST.get("seen")) or 0, by=request.user)
    except MenusChanged:
        admin.message_user(request, "The menus were saved in the meantime. Look again.", messages.WARNING)
        return redirect("admin:menus")
    admin.log_addition(
        request, edition, f"Brought back menus {number}." if number else "Put the menus back as they come."
    )
    admin.message_user(request, "Readers see the menus as they stand here.", messages.SUCCESS)
    return redirect("admin:menus")
