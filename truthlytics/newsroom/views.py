"""The palette's answers, and the same as a page for who has no script."""

from dataclasses import asdict
from functools import partial
from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_safe

from truthlytics.newsroom.palette import LONGEST, find, tidy


def paths(site: AdminSite) -> list[Any]:
    view = site.admin_view
    return [
        path("find/", view(partial(find_page, site=site)), name="find"),
        path("find/answers/", view(partial(answers, site=site)), name="find_answers"),
    ]


@require_safe
def find_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    context = site.each_context(request)
    q = request.GET.get("q", "")
    groups = find(request, site, context["rooms"], q)
    return TemplateResponse(
        request, "admin/search.html", context | {"title": "Find", "q": tidy(q), "groups": groups, "longest": LONGEST}
    )


@require_safe
def answers(request: HttpRequest, site: AdminSite) -> JsonResponse:
    """`groups`, each with a `name` and `items` of name, kind and url; the likeliest first."""
    groups = find(request, site, site.each_context(request)["rooms"], request.GET.get("q", ""))
    return JsonResponse({"groups": [asdict(group) for group in groups]})
