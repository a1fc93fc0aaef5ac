"""Actions on an article, dossier or page that need one confirmation: restore and unschedule."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.formatting import long_datetime
from articles.models.publishable import reader_number
from articles.services import publishing
from articles.services.item_types import Item
from truthlytics.web.users import user_of

if TYPE_CHECKING:
    from articles.admin.publishing.base import PublishingAdmin


def get_publishable_item(admin: "PublishingAdmin", request: HttpRequest, pk: int) -> Any:
    """Return the item if the user may publish it. Raises Http404 if they may not see it, else PermissionDenied."""
    item = admin.get_object(request, str(pk))
    if not admin.may_publish(request):
        raise PermissionDenied
    return item


def log_and_redirect(admin: "PublishingAdmin", request: HttpRequest, item: Item, message: str) -> HttpResponse:
    """Log the change, show the message with a link to the public page, and return to the change page."""
    admin.log_change(request, item, message)
    item.refresh_from_db()
    if item.state() in {"published", "changing"}:
        message = format_html('{} <a href="{}">{}</a>', message, item.get_absolute_url(), _("View on site"))
    admin.message_user(request, message, messages.SUCCESS)
    return redirect(f"admin:articles_{admin.opts.model_name}_change", item.pk)


def confirmation_page(
    admin: "PublishingAdmin",
    request: HttpRequest,
    pk: int,
    *,
    title: str,
    text: Callable[[Item], str],
    button: str,
    action: Callable[[Item], object],
    message: str,
    is_possible: Callable[[Item], bool],
) -> HttpResponse:
    """Explain the action, and carry it out on POST. If there is nothing to do, the page has no button."""
    item = get_publishable_item(admin, request, pk)
    possible = is_possible(item)
    if request.method == "POST" and possible:
        action(item)
        return log_and_redirect(admin, request, item, message)
    context = admin.view_context(
        request, title=title, original=item, text=text(item), button=button if possible else ""
    )
    return TemplateResponse(request, "admin/articles/action.html", context)


def is_withdrawn(item: Item) -> bool:
    return bool(item.state() == "withdrawn")


def restore_text(item: Item) -> str:
    if not is_withdrawn(item):
        return _("It is not withdrawn.")
    if publishing.text_was_removed(item):
        return _("Its text was removed from the record. Publish a new version first.")
    return _("It will be back on the site as it was.")


@require_http_methods(["GET", "HEAD", "POST"])
def restore_page(request: HttpRequest, pk: int, admin: "PublishingAdmin") -> HttpResponse:
    return confirmation_page(
        admin,
        request,
        pk,
        title=_("Restore"),
        text=restore_text,
        is_possible=lambda item: is_withdrawn(item) and not publishing.text_was_removed(item),
        button=_("Restore to site"),
        action=lambda item: publishing.restore(item=item),
        message=_("Restored to the site."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def unschedule_page(request: HttpRequest, pk: int, admin: "PublishingAdmin") -> HttpResponse:
    def text(item: Any) -> str:
        scheduled = item.scheduled_version()
        if scheduled is None:
            return _("No version is scheduled.")
        at = long_datetime(scheduled.public_from)
        number = reader_number(item.versions, scheduled.number)
        text = _("Version %(number)s will not be published on %(at)s. Your draft does not change.")
        return text % {"number": number, "at": at}

    return confirmation_page(
        admin,
        request,
        pk,
        title=_("Unschedule"),
        text=text,
        button=_("Unschedule"),
        is_possible=lambda item: item.scheduled_version() is not None,
        action=lambda item: publishing.unschedule(item=item, by=user_of(request)),
        message=_("Unscheduled."),
    )
