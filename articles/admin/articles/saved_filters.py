"""Saved filters: named views of the article list, shown as tabs above it."""

from django.contrib import messages
from django.contrib.admin.views.main import ORDER_VAR, SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from articles.admin.articles.filters import LIST_FILTERS, parameter
from articles.admin.base import BaseAdmin
from articles.models import SavedFilter
from articles.models.saved import NAME_LENGTH, QUERY_LENGTH
from truthlytics.web.text import strip_control_characters
from truthlytics.web.users import user_of

MAX_FILTERS = 20
# Query parameters that are part of a saved filter; the page number is not.
PARAMETERS = (SEARCH_VAR, *map(parameter, LIST_FILTERS), ORDER_VAR)
LIST = "admin:articles_article_changelist"


def normalise(query: str) -> str:
    """Return the filter parameters of `query` in a fixed order."""
    query = strip_control_characters(query[: 4 * QUERY_LENGTH])
    parameters = QueryDict(query.encode("ascii", "ignore"))
    return urlencode([(name, parameters[name]) for name in PARAMETERS if parameters.get(name)])


def tabs(request: HttpRequest, *, may_publish: bool) -> dict[str, object]:
    """Return the context of the tabs above the list: the default views, then the user's own filters."""
    current_query = normalise(request.GET.urlencode())
    defaults = [
        (_("All"), ""),
        (_("Drafts"), "state=draft"),
        (_("Assigned to me"), "work=mine"),
        (_("In review"), "work=review"),
    ]
    if may_publish:
        defaults += [
            (_("Ready"), "work=ready"),
            (_("Scheduled"), "state=scheduled"),
            (_("Published"), "state=published"),
        ]
    views: list[dict[str, object]] = [{"name": name, "query": query} for name, query in defaults]
    for saved in SavedFilter.objects.for_user(request.user):
        views.append({"name": saved.name, "query": saved.query, "pk": saved.pk})
    for view in views:
        view["here"] = view["query"] == current_query
    return {
        "views": views,
        "query": current_query,
        "current": next((view for view in views if view["here"] and "pk" in view), None),
        "may_save": bool(current_query) and not any(view["here"] for view in views),
        "name_length": NAME_LENGTH,
    }


def paths(admin: BaseAdmin) -> list[URLPattern]:
    return [
        admin.view_path("filters/", save, "filter"),
        admin.view_path("filters/<int:pk>/forget/", delete, "forget_filter"),
    ]


@require_POST
def save(request: HttpRequest, admin: BaseAdmin) -> HttpResponse:
    """Save the current filter under a name. An existing filter with that name is replaced."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    name = " ".join(strip_control_characters(request.POST.get("name", "")).split())
    query = normalise(request.POST.get("query", ""))
    if error := _validate(request, name, query):
        admin.message_user(request, error, messages.ERROR)
        return redirect_to_list(query)
    with transaction.atomic():
        SavedFilter.objects.update_or_create(user=user_of(request), name=name, defaults={"query": query})
    admin.message_user(request, _("Filter “%(name)s” saved.") % {"name": name}, messages.SUCCESS)
    return redirect_to_list(query)


def _validate(request: HttpRequest, name: str, query: str) -> str:
    """Return an error message, or "" if the filter can be saved."""
    if not name or len(name) > NAME_LENGTH:
        return _("Enter a name of at most %(name_length)s characters.") % {"name_length": NAME_LENGTH}
    if not query or len(query) > QUERY_LENGTH:
        return _("Filter or search the list before you save a filter.")
    own = SavedFilter.objects.for_user(request.user)
    if own.count() >= MAX_FILTERS and not own.filter(name=name).exists():
        return _("You have %(max_filters)s filters. Delete one first.") % {"max_filters": MAX_FILTERS}
    return ""


@require_POST
def delete(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    if not admin.has_view_permission(request):
        raise PermissionDenied
    saved = get_object_or_404(SavedFilter.objects.for_user(request.user), pk=pk)
    saved.delete()
    admin.message_user(request, _("Filter “%(name)s” deleted.") % {"name": saved.name}, messages.SUCCESS)
    return redirect_to_list(saved.query)


def redirect_to_list(query: str) -> HttpResponse:
    normalised = normalise(query)
    return redirect(reverse(LIST) + (f"?{normalised}" if normalised else ""))
