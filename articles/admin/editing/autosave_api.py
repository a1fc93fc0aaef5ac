"""JSON endpoints that the editor's script calls while a user writes."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item, tab_of
from articles.admin.formatting import display_name, time_or_date
from articles.services import autosave
from articles.services.revisions import ArticleOrPage
from truthlytics.web.ids import parse_id
from truthlytics.web.users import user_of

LARGEST_INTEGER = 2**31 - 1
TOO_LARGE = gettext_lazy("This is more than 2 MB, too much to save automatically. Save it yourself.")


def change_url(admin: BaseAdmin, item: ArticleOrPage) -> str:
    return reverse(f"admin:articles_{admin.opts.model_name}_change", args=[item.pk])


def posted_integer(request: HttpRequest, name: str) -> int:
    return min(LARGEST_INTEGER, parse_id(request.POST.get(name)) or 0)


@require_POST
def create_view(request: HttpRequest, admin: BaseAdmin) -> HttpResponse:
    """Store the first changes to a new item, which gets a row: one per key, however often this is called."""
    if not admin.has_add_permission(request):
        raise Http404("You cannot add anything here.")
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return JsonResponse({"said": _("This page did not load completely. Save your text, then reload.")}, status=400)
    headline = request.POST.get("headline", "")
    try:
        item = autosave.create_item(model=admin.model, key=key, user=user_of(request), headline=headline)
    except admin.model.DoesNotExist as error:
        raise Http404 from error
    return autosave_view(request, item.pk, admin)


@require_POST
def autosave_view(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Store the user's unsaved changes. Responds with 409 if another tab of the same user has other changes."""
    item = get_changeable_item(admin, request, pk)
    form_data = autosave.serialise(request.POST)
    if len(form_data) > autosave.MAX_SIZE:
        return JsonResponse({"said": TOO_LARGE}, status=413)
    try:
        stored = autosave.store(
            item=item,
            user=user_of(request),
            form_data=form_data,
            based_on=posted_integer(request, "based_on"),
            tab=tab_of(request.POST.get("_tab", "")),
            sequence=posted_integer(request, "_sequence"),
            take="_take" in request.POST,
            restored=(request.POST.get("_restored_tab", ""), posted_integer(request, "_restored_sequence")),
        )
    except autosave.AutosaveConflict as conflict:
        return JsonResponse({"held": time_or_date(conflict.autosave.saved_at)}, status=409)
    except admin.model.DoesNotExist as error:
        raise Http404 from error
    return JsonResponse({"saved": time_or_date(stored.saved_at), **_activity(admin, request, item)})


@require_POST
def presence_view(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Record that the user has the item open. Answers who else has, and whether a newer revision was saved."""
    return JsonResponse(_activity(admin, request, get_changeable_item(admin, request, pk)))


def _activity(admin: BaseAdmin, request: HttpRequest, item: ArticleOrPage) -> dict[str, object]:
    newer = None
    if item.revision_number > posted_integer(request, "based_on"):
        last = item.revisions.saved().select_related("created_by").defer("content").first()
        if last is not None:
            own = last.created_by == request.user
            newer = {"own": own, "by": display_name(last.created_by), "at": time_or_date(last.created_at)}
    others = autosave.record_presence(item=item, user=user_of(request))
    return {"article": item.pk, "change": change_url(admin, item), "others": others, "newer": newer}


@require_safe
def token_view(request: HttpRequest, admin: BaseAdmin) -> HttpResponse:
    """Return a CSRF token and the user's name, for a page that stayed open during a new login."""
    data = {"token": get_token(request), "person": request.user.pk, "name": display_name(user_of(request))}
    return JsonResponse(data)


@require_safe
def login_done_view(request: HttpRequest, admin: BaseAdmin) -> HttpResponse:
    """The last page of the login window."""
    context = admin.view_context(request, title=_("You are logged in again"))
    return TemplateResponse(request, "admin/articles/article/login_done.html", context)


@require_POST
def discard_view(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Delete the unsaved changes that this page showed, unless another tab has replaced them since."""
    item = get_changeable_item(admin, request, pk)
    own = item.autosaves.filter(user=request.user.pk)
    own.filter(tab=tab_of(request.POST.get("tab", "")), sequence=posted_integer(request, "sequence")).delete()
    return redirect(change_url(admin, item))
