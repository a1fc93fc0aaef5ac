"""The order of the sections, by mouse, by keys, by numbers."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from articles.models import Section
from articles.services.section_order import OrderChanged, order_sections
from truthlytics.web.ids import row_id

LAST = 10**6


@require_http_methods(["GET", "HEAD", "POST"])
def order_page(request: HttpRequest, admin: Any) -> HttpResponse:
    """A press of an arrow changes the page in the browser; only saving changes the order."""
    if not request.user.has_perm("articles.change_section"):
        raise PermissionDenied
    sections = list(Section.objects.in_masthead())
    said, status, seen = "", 200, [section.pk for section in sections]
    if request.method == "POST":
        order = _typed(request, sections)
        if "move" in request.POST:
            order = _moved(order, request.POST["move"])
            sections = sorted(sections, key=lambda section: order.index(section.pk))
            said, seen = "Not saved yet.", _seen(request)
        else:
            try:
                order_sections(order=order, seen=_seen(request))
            except OrderChanged as error:
                said, status = str(error), 409
            else:
                return _saved(admin, request)
    context = admin.admin_site.each_context(request) | {
        "title": "Order of the sections", "opts": admin.opts, "sections": sections, "seen": seen, "said": said,
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/section/order.html", context, status=status)


def _typed(request: HttpRequest, sections: list[Section]) -> list[int]:
    """Their keys by the numbers in the boxes; what has none, or the same as another, stays after it."""

    def number(place: int, section: Section) -> tuple[int, int]:
        typed = row_id(request.POST.get(f"place-{section.pk}"))
        return (typed if typed is not None else LAST, place)

    ranked = sorted((number(place, section), section.pk) for place, section in enumerate(sections))
    return [pk for _, pk in ranked]


def _moved(order: list[int], deed: str) -> list[int]:
    key, _, way = deed.partition(" ")
    pk = row_id(key)
    if pk not in order or way not in {"up", "down"}:
        return order
    at = order.index(pk)
    to = max(0, at - 1) if way == "up" else min(len(order) - 1, at + 1)
    order[at], order[to] = order[to], order[at]
    return order


def _seen(request: HttpRequest) -> list[int]:
    return [pk for pk in map(row_id, request.POST.get("seen", "")[:100_000].split(",")) if pk is not None]


def _saved(admin: Any, request: HttpRequest) -> HttpResponse:
    names = ", ".join(str(section) for section in Section.objects.in_masthead())
    if first := Section.objects.in_masthead().first():
        admin.log_change(request, first, f"Ordered the sections: {names}."[:500])
    admin.message_user(request, f"The sections stand in this order: {names}.", messages.SUCCESS)
    return redirect("admin:articles_section_changelist")
