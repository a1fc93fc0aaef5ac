"""Editor for the site's menus (masthead and footer columns) at /admin/menus/."""

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from articles.admin.base import CustomViewsAdmin
from articles.admin.formatting import display_name, time_or_date
from articles.forms.menus import MenusForm
from articles.models import MenuEdition
from articles.presenters.menus import DEFAULT, resolve
from articles.services.menus import MenuConflict, save_menus
from truthlytics.audit.admin import View
from truthlytics.web.ids import parse_id
from truthlytics.web.types import Content
from truthlytics.web.users import user_of

EARLIER = 10
MAX_NUMBER = 2**31 - 1
SAVED = gettext_lazy("Menus saved. The changes are live.")
INVALID = gettext_lazy("The form was incomplete. These are the current menus.")


@admin.register(MenuEdition)
class MenusAdmin(CustomViewsAdmin):
    url_prefix = "menus"
    permission = "articles.change_menuedition"

    def custom_urls(self) -> list[tuple[str, View, str]]:
        return [("", editor, "menus"), ("<int:number>/restore/", restore, "menus_restore")]


@require_http_methods(["GET", "HEAD", "POST"])
def editor(request: HttpRequest, admin: MenusAdmin) -> HttpResponse:
    """Edit all menus. Saving changes the site immediately."""
    newest = MenuEdition.objects.newest()
    content: Content = newest.content if newest else DEFAULT
    if request.method != "POST":
        return _render(request, admin, MenusForm(content), newest)
    if "main-TOTAL_FORMS" not in request.POST:
        admin.message_user(request, INVALID, messages.ERROR)
        return redirect("admin:menus")
    form = MenusForm(content, request.POST)
    if not form.is_valid():
        return _render(request, admin, form, newest, status=422)
    try:
        edition = save_menus(content=form.content(), seen=parse_id(request.POST.get("seen")) or 0, by=user_of(request))
    except MenuConflict as conflict:
        return _render(request, admin, form, conflict.edition, status=409)
    if newest is None or edition.number != newest.number:
        admin.log_addition(request, edition, _("Menus saved."))
    admin.message_user(request, SAVED, messages.SUCCESS)
    return redirect("admin:menus")


def _render(
    request: HttpRequest, admin: MenusAdmin, form: MenusForm, newest: MenuEdition | None, *, status: int = 200
) -> HttpResponse:
    """Render the editor. With status 409, `newest` was saved by someone else while the user was editing."""
    conflict = status == 409 and newest is not None
    seen = parse_id(request.POST.get("seen")) if status == 422 else None
    menus = resolve(newest.content if newest else DEFAULT, timezone.now())
    context = admin.view_context(
        request,
        title=_("Menus"),
        form=form,
        seen=(newest.number if newest else 0) if seen is None else seen,
        newest=newest,
        theirs=menus if conflict else None,
        by=display_name(newest.created_by) if newest else "",
        at=time_or_date(newest.created_at) if newest else "",
        cancelling=any(link.key == "cancel" for column in menus.columns for link in column.links),
        earlier=MenuEdition.objects.select_related("created_by").defer("content")[1 : EARLIER + 1] if newest else (),
        failed=status == 422,
    )
    return TemplateResponse(request, "admin/articles/menus/editor.html", context, status=status)


@require_POST
def restore(request: HttpRequest, admin: MenusAdmin, number: int) -> HttpResponse:
    """Save the menus of an earlier edition as a new one. Number 0 restores the default menus."""
    content: Content = DEFAULT
    if number:
        content = get_object_or_404(MenuEdition, number=min(number, MAX_NUMBER)).content
    newest = MenuEdition.objects.newest()
    if newest is None and not number:
        return redirect("admin:menus")
    try:
        edition = save_menus(content=content, seen=parse_id(request.POST.get("seen")) or 0, by=user_of(request))
    except MenuConflict:
        message = _("The menus were changed in the meantime. Check them before you restore an earlier version.")
        admin.message_user(request, message, messages.WARNING)
        return redirect("admin:menus")
    message = _("Restored version %(number)s of the menus.") if number else _("Restored the default menus.")
    admin.log_addition(request, edition, message % {"number": number})
    admin.message_user(request, _("Menus restored. The changes are live."), messages.SUCCESS)
    return redirect("admin:menus")
