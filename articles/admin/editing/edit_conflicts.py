"""Saving in the editor without overwriting a newer revision of another user or tab."""

from collections.abc import Callable

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from articles.admin.base import BaseAdmin
from articles.admin.editing import merge_conflict
from articles.admin.editing.access import tab_of
from articles.revisions.fields import differing
from articles.services import autosave, revisions
from articles.services.revisions import ArticleOrPage
from truthlytics.web.ids import parse_id
from truthlytics.web.users import user_of


def save_checked(
    admin: BaseAdmin, request: HttpRequest, object_id: str, save: Callable[[], HttpResponse]
) -> HttpResponse:
    """Call `save` if the form started from the current revision; otherwise save nothing and show the merge page.

    The row stays locked until the revision is stored.
    """
    item = admin.get_object(request, object_id)
    if not admin.has_change_permission(request, item):
        return save()
    with transaction.atomic():
        locked = admin.model.objects.select_for_update().filter(pk=item.pk).first()
        if locked is None:
            raise Http404(f"The {admin.opts.verbose_name} was deleted.")
        # A form without a number started from a row that was never saved.
        based_on = parse_id(request.POST.get("based_on")) or 0
        if based_on == locked.revision_number:
            revisions.ensure_revision(item=locked)
            return save()
        tab = tab_of(request.POST.get("_tab", ""))
        current = revisions.current_fields(locked)
        if not differing(current, revisions.fields_from_form(locked, request.POST, current)):
            # A double click, or two users saved the same text.
            autosave.clear(item=locked, user=user_of(request), tab=tab)
            return redirect(f"admin:articles_{admin.opts.model_name}_change", locked.pk)
        form_data = autosave.serialise(request.POST)
        autosave.store(item=locked, user=user_of(request), form_data=form_data, based_on=based_on, tab=tab, take=True)
        return merge_conflict.render_page(admin, request, locked, status=409)


def record_save(request: HttpRequest, item: ArticleOrPage) -> None:
    """Store a revision of what was just saved, and delete this tab's autosave."""
    revisions.save_revision(item=item, by=user_of(request))
    autosave.clear(item=item, user=user_of(request), tab=tab_of(request.POST.get("_tab", "")))
