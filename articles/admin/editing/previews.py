"""Preview of a draft as it would be published, in a frame: as which reader, and how wide."""

import copy
from collections.abc import Collection
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_safe

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.admin.formatting import display_name, time_or_date
from articles.models import Autosave
from articles.models.revisions import Editable
from articles.previews.articles import READERS
from articles.previews.publishables import preview_context
from articles.revisions.fields import differing
from articles.services import autosave, revisions
from articles.services.revisions import ArticleOrPage
from truthlytics.publication.language import site_language
from truthlytics.web.fragments import bypass_fragment_cache
from truthlytics.web.types import JsonObject
from truthlytics.web.users import User, user_of

WIDTHS = {"desk": gettext_lazy("Desktop"), "phone": gettext_lazy("Phone")}


def _query_choice(request: HttpRequest, name: str, choices: Collection[str]) -> str:
    """Return the value of `name` in the query if it is one of `choices`, otherwise the first of them."""
    value = request.GET.get(name, "")
    return value if value in choices else next(iter(choices))


def _unsaved_changes(item: ArticleOrPage, user: User) -> Autosave | None:
    """Return the user's autosave if it differs from what is saved. Dossiers have no autosaves.

    Of an item that was never saved, return a colleague's.
    """
    if not isinstance(item, Editable):
        return None
    stored = item.autosaves.filter(user=user).first() or autosave.only_text(item)
    if stored is None:
        return None
    current = revisions.current_fields(item)
    return stored if differing(current, revisions.fields_from_form(item, autosave.form_of(stored), current)) else None


@require_safe
def preview_page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """The frame, and links to choose what is in it. They work without JavaScript and can be bookmarked."""
    item = get_changeable_item(admin, request, pk)
    stored = _unsaved_changes(item, user_of(request))
    texts: JsonObject = {"saved": ""}
    if stored:
        label = _("Unsaved changes from %(saved_at)s")
        if stored.user_id != request.user.pk:
            label = _("Only saved automatically so far, by %(user)s (%(saved_at)s)")
        values = {"saved_at": time_or_date(stored.saved_at), "user": display_name(stored.user)}
        texts = {"unsaved": label % values, "saved": _("Saved draft")}
    options: dict[str, dict[str, Any]] = {
        "as": {key: reader.name for key, reader in READERS.items()},
        "width": WIDTHS,
        "text": texts,
    }
    chosen = {name: _query_choice(request, name, choices) for name, choices in options.items()}
    rows = [
        (label, [(text, chosen[name] == key, chosen | {name: key}) for key, text in options[name].items()])
        for name, label in (("as", _("Reader")), ("width", _("Width")), ("text", _("Text")))
        if len(options[name]) > 1
    ]
    context = admin.view_context(request, title=_("Preview"), original=item, chosen=chosen, autosave=stored, rows=rows)
    return TemplateResponse(request, "admin/articles/preview.html", context)


@xframe_options_sameorigin
@require_safe
def preview_frame(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Render the readers' page from the draft, as the chosen reader would see it. Nothing is cached."""
    item = get_changeable_item(admin, request, pk)
    stored = _unsaved_changes(item, user_of(request)) if request.GET.get("text") == "unsaved" else None
    fields = revisions.fields_from_form(item, autosave.form_of(stored)) if stored else None
    reader = READERS[_query_choice(request, "as", READERS)]
    as_reader: Any = copy.copy(request)
    as_reader.access = reader
    if not reader.level:
        as_reader.user = AnonymousUser()
    with bypass_fragment_cache(), site_language():
        context = preview_context(item, fields, reader)
        context |= {"reader_template": f"articles/{item._meta.model_name}.html", "reader": reader}
        response = render(as_reader, "articles/preview.html", context)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response
