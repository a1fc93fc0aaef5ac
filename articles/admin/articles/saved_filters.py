"""Filters that a person keeps under a name: tabs above the list of articles."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from articles.models import SavedFilter
from articles.models.saved_filters import NAME_LENGTH, QUERY_LENGTH
from truthlytics.web.text import without_controls

MOST = 20
# What of the list's address is a filter: not the page one is on.
KEPT = (
    "q",
    "state",
    "work",
    "hands",
    "due",
    "section__id__exact",
    "kind__exact",
    "required_level__exact",
    "series__id__exact",
    "o",
)
LIST = "admin:articles_article_changelist"


def tidy(query: str) -> str:
    """What of `query` says which articles are shown and in which order, always in one order of its own."""
    asked = QueryDict(without_controls(query[: 4 * QUERY_LENGTH]).encode("ascii", "ignore"))
    return urlencode([(name, asked[name]) for name in KEPT if asked.get(name)])


def tabs(request: HttpRequest, *, may_publish: bool) -> dict[str, Any]:
    """What the list's head shows: the house's own views, then this person's."""
    here = tidy(request.GET.urlencode())
    house = [("All", ""), ("In my hands", "work=mine"), ("In review", "work=review")]
    if may_publish:
        house += [("Ready", "work=ready"), ("Scheduled", "state=scheduled"), ("Published", "state=published")]
    own = list(SavedFilter.objects.of(request.user))
    shown = [{"name": name, "query": query, "here": query == here} for name, query in house]
    shown += [{"name": kept.name, "query": kept.query, "here": kept.query == here, "pk": kept.pk} for kept in own]
    return {
        "views": shown,
        "query": here,
        "current": next((view for view in shown if view["here"] and "pk" in view), None),
        "may_save": bool(here) and not any(view["here"] for view in shown),
        "name_length": NAME_LENGTH,
    }


def paths(admin: Any) -> list[Any]:
    view = admin.admin_site.admin_view
    return [
        path("filters/", view(partial(save, admin=admin)), name="articles_article_filter"),
        path("filters/<int:pk>/forget/", view(partial(forget, admin=admin)), name="articles_article_forget_filter"),
    ]


@require_POST
def save(request: HttpRequest, admin: Any) -> HttpResponse:
    """Keep the list as it stands under a name; the same name again changes what stands there."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    name = " ".join(without_controls(request.POST.get("name", "")).split())
    query = tidy(request.POST.get("query", ""))
    wrong = _wrong(request, name, query)
    if wrong:
        admin.message_user(request, wrong, messages.ERROR)
        return back_to(query)
    with transaction.atomic():
        SavedFilter.objects.update_or_create(person_id=request.user.pk, name=name, defaults={"query": query})
    admin.message_user(request, f"Saved: “{name}” stands above the list.", messages.SUCCESS)
    return back_to(query)


def _wrong(request: HttpRequest, name: str, query: str) -> str:
    """Why this cannot be kept, in a sentence; empty where it can."""
    if not name or len(name) > NAME_LENGTH:
        return f"Give the filter a name of at most {NAME_LENGTH} characters."
    if not query or len(query) > QUERY_LENGTH:
        return "Choose a filter or search for something first, then save that."
    own = SavedFilter.objects.of(request.user)
    if own.count() >= MOST and not own.filter(name=name).exists():
        return f"You have {MOST} filters. Forget one of them first."
    return ""


@require_POST
def forget(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    kept = get_object_or_404(SavedFilter.objects.of(request.user), pk=pk)
    kept.delete()
    admin.message_user(request, f"“{kept.name}” is forgotten. The articles stay as they are.", messages.SUCCESS)
    return back_to(kept.query)


def back_to(query: str) -> HttpResponse:
    """To the list with the filters that `query` holds."""
    tidied = tidy(query)
    return redirect(reverse(LIST) + (f"?{tidied}" if tidied else ""))
