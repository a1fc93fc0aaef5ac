"""Page for changing the order of sections by mouse, keyboard or numbers."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.base import BaseAdmin
from articles.models import Section
from articles.services.section_order import OrderConflict, order_sections
from truthlytics.web.ids import parse_id

UNNUMBERED = 10**6


@require_http_methods(["GET", "HEAD", "POST"])
def order_page(request: HttpRequest, admin: BaseAdmin) -> HttpResponse:
    """Arrow buttons change the page in the browser; only saving changes the order."""
    if not request.user.has_perm("articles.change_section"):
        raise PermissionDenied
    sections = list(Section.objects.in_masthead())
    message, status, seen = "", 200, [section.pk for section in sections]
    if request.method == "POST":
        order = _submitted_order(request, sections)
        if "move" in request.POST:
            order = _move(order, request.POST["move"])
            sections = sorted(sections, key=lambda section: order.index(section.pk))
            message, seen = _("Not saved yet."), _seen(request)
        else:
            try:
                order_sections(order=order, seen=_seen(request))
            except OrderConflict as error:
                message, status = str(error), 409
            else:
                return _success(admin, request)
    context = admin.view_context(request, title=_("Section order"), sections=sections, seen=seen, said=message)
    return TemplateResponse(request, "admin/articles/section/order.html", context, status=status)


def _submitted_order(request: HttpRequest, sections: list[Section]) -> list[int]:
    """Return the section ids by the entered numbers; those without a number, or with an equal one, keep their order."""

    def sort_key(index: int, section: Section) -> tuple[int, int]:
        number = parse_id(request.POST.get(f"place-{section.pk}"))
        return (number if number is not None else UNNUMBERED, index)

    ranked = sorted((sort_key(index, section), section.pk) for index, section in enumerate(sections))
    return [pk for _, pk in ranked]


def _move(order: list[int], value: str) -> list[int]:
    """Return `order` after the button `value`, such as "12 up"."""
    raw_pk, _, direction = value.partition(" ")
    pk = parse_id(raw_pk)
    if pk not in order or direction not in {"up", "down"}:
        return order
    index = order.index(pk)
    target = max(0, index - 1) if direction == "up" else min(len(order) - 1, index + 1)
    order[index], order[target] = order[target], order[index]
    return order


def _seen(request: HttpRequest) -> list[int]:
    return [pk for pk in map(parse_id, request.POST.get("seen", "")[:100_000].split(",")) if pk is not None]


def _success(admin: BaseAdmin, request: HttpRequest) -> HttpResponse:
    names = ", ".join(str(section) for section in Section.objects.in_masthead())
    if first := Section.objects.in_masthead().first():
        admin.log_change(request, first, (_("Ordered the sections: %(names)s.") % {"names": names})[:500])
    admin.message_user(request, _("Order saved: %(names)s.") % {"names": names}, messages.SUCCESS)
    return redirect("admin:articles_section_changelist")
