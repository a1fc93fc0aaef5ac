"""A save on purpose: nobody's newer text is written over, and what was there before can be had again."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from articles.admin.editing import merge_conflict
from articles.revisions.fields import differing
from articles.services import autosave, revisions
from truthlytics.web.ids import parse_id

TAB_LENGTH = 40


def edition_of(request: HttpRequest) -> int:
    """The edition that the form began with; a form without one began with a row that nobody had saved."""
    return parse_id(request.POST.get("based_on")) or 0


def tab_of(request: HttpRequest) -> str:
    return request.POST.get("_tab", "")[:TAB_LENGTH].replace("\x00", "")


def save_checked(admin: Any, request: HttpRequest, object_id: str, save: Callable[[], HttpResponse]) -> HttpResponse:
    """Lets `save` write where the form began with the text that is there now; else nothing is written, both are shown.

    The row is locked from the look at its edition until the save is recorded.
    """
    article = admin.get_object(request, object_id)
    if not admin.has_change_permission(request, article):
        return save()
    with transaction.atomic():
        locked: Any = admin.model.objects.select_for_update().filter(pk=article.pk).first()
        if locked is None:
            raise Http404(f"The {admin.opts.verbose_name} was deleted.")
        if edition_of(request) == locked.edition:
            revisions.keep_current(written=locked)
            return save()
        now = revisions.text_now(locked)
        if not differing(now, revisions.text_of_form(locked, request.POST, now)):
            # The same form once more: a double click, or both wrote the same.
            autosave.clear(written=locked, person=request.user, tab=tab_of(request))
            return redirect(f"admin:articles_{admin.opts.model_name}_change", locked.pk)
        autosave.autosave(
            written=locked, person=request.user, words=autosave.words_of(request.POST), edition=edition_of(request),
            tab=tab_of(request), take=True,
        )  # fmt: skip
        return merge_conflict.shown(admin, request, locked, status=409)


def kept(request: HttpRequest, article: Any) -> None:
    """The form was saved: it becomes an edition, and its unsaved words are none any more."""
    revisions.record(written=article, by=request.user)
    autosave.clear(written=article, person=request.user, tab=tab_of(request))
