"""Newsroom pages that belong to no model. Search has a page that works without script, and JSON for the palette."""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

from django.contrib.admin import AdminSite
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.i18n import LANGUAGE_QUERY_PARAMETER, set_language

from truthlytics.newsroom import accounts, reading_access, revenue, selling
from truthlytics.newsroom.palette import MAX_QUERY_LENGTH, normalise, search
from truthlytics.newsroom.readership import pages as readership
from truthlytics.publication.language import LANGUAGES
from truthlytics.web.plugins import newsroom_urls
from truthlytics.web.users import user_of

logger = logging.getLogger(__name__)


def paths(site: AdminSite) -> list[URLPattern | URLResolver]:
    view = site.admin_view
    return [
        path("language/", view(choose_language), name="set_language"),
        path("find/", view(partial(search_page, site=site)), name="find"),
        path("find/answers/", view(partial(search_results, site=site)), name="find_answers"),
        *accounts.paths(site),
        *revenue.paths(site),
        *selling.paths(site),
        *readership.paths(site),
        *reading_access.paths(site),
        *of_extensions(site),
    ]


def of_extensions(site: AdminSite) -> Iterator[URLPattern | URLResolver]:
    """Yield the addresses of features and plug-ins. Of a function that fails there are none, and it is logged."""
    for make in newsroom_urls():
        try:
            found = list(make(site))
            if not all(isinstance(url, URLPattern | URLResolver) for url in found):
                raise TypeError("Patterns are made with django.urls.path().")
        except Exception:
            logger.exception("The addresses of %s cannot be used.", getattr(make, "__module__", make))
            continue
        yield from found


def choose_language(request: HttpRequest) -> HttpResponse:
    """Set the language of the newsroom in this browser, and of emails to this user."""
    code = request.POST.get(LANGUAGE_QUERY_PARAMETER)
    if code in dict(LANGUAGES):
        get_user_model()._default_manager.filter(pk=user_of(request).pk).update(newsroom_language=code)
    return set_language(request)


@require_safe
def search_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    context = site.each_context(request)
    q = request.GET.get("q", "")
    context |= {
        "title": _("Search"),
        "q": normalise(q),
        "groups": search(request, site, context["nav_items"], q),
        "max_length": MAX_QUERY_LENGTH,
    }
    return TemplateResponse(request, "admin/search.html", context)


@require_safe
def search_results(request: HttpRequest, site: AdminSite) -> JsonResponse:
    """Return `groups`, each with a `name` and `items` of name, kind and url, best match first."""
    groups = search(request, site, site.each_context(request)["nav_items"], request.GET.get("q", ""))
    return JsonResponse({"groups": [asdict(group) for group in groups]})
