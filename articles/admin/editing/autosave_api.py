"""What the desk says to the server while somebody writes. Every answer is JSON; a script reads it."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST, require_safe

from articles.admin.editing import history, merge_conflict
from articles.admin.editing.edit_conflicts import tab_of
from articles.admin.formatting import display_name, time_or_date
from articles.services import autosave as slots
from truthlytics.web.ids import parse_id

MOST = 2**31 - 1
TOO_MUCH = "This is more than 2 MB, too much to be kept by itself. Save it."


def unsaved(kind: str) -> frozenset[str]:
    """Names of the addresses that keep words which nobody saved."""
    return frozenset(f"articles_{kind}_{name}" for name in ("begin", "autosave", "presence", "drop"))


def paths(admin: Any) -> list[Any]:
    """The addresses of all that keeps words: unsaved ones, two texts, history."""

    def at(route: str, view: Callable[..., HttpResponseBase], name: str) -> Any:
        return path(
            route,
            admin.admin_site.admin_view(partial(view, admin=admin)),
            name=f"articles_{admin.opts.model_name}_{name}",
        )

    return [
        at("autosave/", begin, "begin"),
        at("token/", token, "token"),
        at("back/", back, "back"),
        at("<int:pk>/autosave/", autosave, "autosave"),
        at("<int:pk>/presence/", presence, "presence"),
        at("<int:pk>/words/", merge_conflict.page, "words"),
        at("<int:pk>/words/drop/", drop, "drop"),
        at("<int:pk>/history/", history.page, "history"),
        at("<int:pk>/history/<slug:key>/", history.one, "save"),
    ]


def to_be_changed(admin: Any, request: HttpRequest, pk: int) -> Any:
    """The article (or page), for who may change it; for everybody else there is none."""
    article = admin.get_object(request, str(pk))
    if not admin.has_change_permission(request, article):
        raise Http404(f"There is no such {admin.opts.verbose_name}.")
    return article


def address(admin: Any, name: str, *args: Any) -> str:
    """Where the room of `admin` has its page `name`."""
    return reverse(f"admin:articles_{admin.opts.model_name}_{name}", args=args)


def number(request: HttpRequest, name: str) -> int:
    return min(MOST, parse_id(request.POST.get(name)) or 0)


@require_POST
def begin(request: HttpRequest, admin: Any) -> HttpResponse:
    """The first words of a new article: from now on it has a row, one for each key."""
    if not admin.has_add_permission(request):
        raise Http404("There is nothing to be written here.")
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        return JsonResponse({"said": "This page is not whole. Save it."}, status=400)
    try:
        article = slots.begin(kind=admin.model, key=key, person=request.user, headline=request.POST.get("headline", ""))
    except admin.model.DoesNotExist as error:
        raise Http404 from error
    return autosave(request, article.pk, admin)


@require_POST
def autosave(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Keep the form's words in this person's slot. 409 where another page of theirs holds other ones."""
    article = to_be_changed(admin, request, pk)
    words = slots.words_of(request.POST)
    if len(words) > slots.LARGEST:
        return JsonResponse({"said": TOO_MUCH}, status=413)
    try:
        slot = slots.autosave(
            written=article, person=request.user, words=words, edition=number(request, "based_on"),
            tab=tab_of(request), sequence=number(request, "_sequence"), take="_take" in request.POST,
            restored=(request.POST.get("_restored_tab", ""), number(request, "_restored_sequence")),
        )  # fmt: skip
    except slots.AutosaveConflict as held:
        return JsonResponse({"held": time_or_date(held.slot.saved_at)}, status=409)
    except admin.model.DoesNotExist as error:
        raise Http404 from error
    return JsonResponse({"saved": time_or_date(slot.saved_at), **around(admin, request, article)})


@require_POST
def presence(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Somebody has the article open; who else does, and whether a newer text was saved."""
    return JsonResponse(around(admin, request, to_be_changed(admin, request, pk)))


def around(admin: Any, request: HttpRequest, article: Any) -> dict[str, Any]:
    newer = None
    if article.edition > number(request, "based_on"):
        last = article.saves.on_purpose().select_related("made_by").defer("content").first()
        if last is not None:
            mine = last.made_by == request.user
            newer = {"by": "You" if mine else display_name(last.made_by), "at": time_or_date(last.made_at)}
    others = slots.here(written=article, person=request.user)
    return {"article": article.pk, "change": address(admin, "change", article.pk), "others": others, "newer": newer}


@require_safe
def token(request: HttpRequest, admin: Any) -> HttpResponse:
    """A token for the open page of somebody whose log-in was renewed, and who that is."""
    return JsonResponse({"token": get_token(request), "person": request.user.pk, "name": display_name(request.user)})


@require_safe
def back(request: HttpRequest, admin: Any) -> HttpResponse:
    """Where the small window ends up after the log-in."""
    context = admin.admin_site.each_context(request) | {"title": "You are logged in again"}
    return TemplateResponse(request, "admin/articles/article/login_done.html", context)


@require_POST
def drop(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Forget the unsaved words that this page showed; words that another page kept since stay."""
    article = to_be_changed(admin, request, pk)
    mine = article.autosaves.filter(person=request.user.pk)
    mine.filter(tab=request.POST.get("tab", ""), sequence=number(request, "sequence")).delete()
    return redirect(address(admin, "change", article.pk))
