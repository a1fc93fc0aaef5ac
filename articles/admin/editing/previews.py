"""The draft of an article, a dossier or a page as it would be published, in a frame: for whom, and as wide as what."""

import copy
from functools import partial
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.csp import CSP
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from articles.admin.editing.autosave_api import to_be_changed
from articles.admin.formatting import time_or_date
from articles.models import Article
from articles.models.revisions import Begun
from articles.previews.articles import READERS, Proof, Reader, context_of
from articles.previews.publishables import told_of
from articles.revisions.fields import Typed, differing
from articles.services import autosave, revisions
from truthlytics.web.fragments import apart

FRAMED = settings.SECURE_CSP | {"frame-ancestors": [CSP.SELF]}
WIDTHS = {"desk": "A desk", "phone": "A phone"}


def _asked(request: HttpRequest, name: str, choices: dict[str, Any]) -> str:
    """What the query says of `name`; the first of `choices` where it says nothing that is among them."""
    said = request.GET.get(name, "")
    return said if said in choices else next(iter(choices))


def _unsaved(thing: Any, person: Any) -> Any:
    """This person's unsaved words, where they differ from what was saved. Of a dossier none are kept."""
    slot = thing.autosaves.filter(person=person).first() if isinstance(thing, Begun) else None
    if slot is None:
        return None
    now = revisions.text_now(thing)
    return slot if differing(now, revisions.text_of_form(thing, autosave.fields_of(slot), now)) else None


@require_safe
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """The frame, and the ways to choose what is in it: links, so that it needs no script and can be bookmarked."""
    thing = to_be_changed(admin, request, pk)
    slot = _unsaved(thing, request.user)
    words = (
        {"unsaved": f"Unsaved words of {time_or_date(slot.saved_at)}", "saved": "As saved"} if slot else {"saved": ""}
    )
    rows = {"as": {key: one.name for key, one in READERS.items()}, "width": WIDTHS, "words": words}
    chosen = {name: _asked(request, name, choices) for name, choices in rows.items()}
    context = admin.admin_site.each_context(request) | {
        "title": "Preview",
        "opts": admin.opts,
        "original": thing,
        "chosen": chosen,
        "slot": slot,
        "rows": [
            (label, [(text, chosen[name] == key, chosen | {name: key}) for key, text in rows[name].items()])
            for name, label in (("as", "Read by"), ("width", "As wide as"), ("words", "The words"))
            if len(rows[name]) > 1
        ],
    }
    return TemplateResponse(request, "admin/articles/preview.html", context)


@csp_override(FRAMED)
@xframe_options_sameorigin
@require_safe
def inside(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """The real page, drawn from the draft for somebody who is not there; nothing of it is kept."""
    thing = to_be_changed(admin, request, pk)
    slot = _unsaved(thing, request.user) if request.GET.get("words") == "unsaved" else None
    text = revisions.text_of_form(thing, autosave.fields_of(slot)) if slot else None
    reader = READERS[_asked(request, "as", READERS)]
    stand_in: Any = copy.copy(request)
    stand_in.access = reader
    if not reader.level:
        stand_in.user = AnonymousUser()
    with apart():
        response = render(stand_in, "articles/preview.html", _drawn(thing, text, reader))
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _drawn(thing: Any, text: Typed | None, reader: Reader) -> dict[str, Any]:
    """What the template of its page takes, and which that is."""
    whole = context_of(Proof(thing, text), reader) if isinstance(thing, Article) else told_of(thing, text)
    return whole | {"reader_template": f"articles/{thing._meta.model_name}.html", "reader": reader}


def paths(admin: Any) -> list[Any]:
    """The addresses of the frame, and of what is in it, in the room of `admin`."""
    view, model = admin.admin_site.admin_view, admin.opts.model_name
    return [
        path("<int:pk>/preview/", view(partial(page, admin=admin)), name=f"articles_{model}_preview"),
        path("<int:pk>/preview/page/", view(partial(inside, admin=admin)), name=f"articles_{model}_preview_page"),
    ]
