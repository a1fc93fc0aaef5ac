"""Actions on an article, dossier or page that need one confirmation: restore and unschedule."""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.dispatch import Signal
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
from articles.signals import collect_unschedule_forms
from truthlytics.web.users import User, user_of

if TYPE_CHECKING:
    from articles.admin.publishing.base import PublishingAdmin


def get_publishable_item(admin: "PublishingAdmin", request: HttpRequest, pk: int) -> Any:
    """Return the item if the user may publish it. Raises Http404 if they may not see it, else PermissionDenied."""
    item = admin.get_object(request, str(pk))
    if not admin.may_publish(request):
        raise PermissionDenied
    return item


def collect_forms(signal: Signal, item: Item, user: User, data: object) -> list[Any]:
    """Return the forms of other apps for a page about `item`, see `collect_publish_forms`."""
    answers = signal.send(sender=type(item), item=item, user=user, data=data)
    return [form for _receiver, form in answers if form is not None]


def are_valid(*forms: Any) -> bool:
    """Check every one of `forms`, so that the page shows all errors at once."""
    return all([form.is_valid() for form in forms])  # noqa: C419 (`all` would end with the first)


def log_and_redirect(
    admin: "PublishingAdmin", request: HttpRequest, item: Item, message: str, more_forms: Iterable[Any] = ()
) -> HttpResponse:
    """Log the change, show the message with a link to the public page and those of `more_forms`, and return to the
    change page.
    """
    admin.log_change(request, item, message)
    item.refresh_from_db()
    if item.state() in {"published", "changing"}:
        message = format_html('{} <a href="{}">{}</a>', message, item.get_absolute_url(), _("View on site"))
    for sentence in filter(None, (message, *(form.success_message() for form in more_forms))):
        admin.message_user(request, sentence, messages.SUCCESS)
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
    more_forms: Callable[[Item], Sequence[Any]] = lambda item: (),
) -> HttpResponse:
    """Explain the action, and carry it out on POST. If there is nothing to do, the page has no button.

    `more_forms` are forms of other apps. `action` saves them too.
    """
    item = get_publishable_item(admin, request, pk)
    possible = is_possible(item)
    forms = more_forms(item) if possible else ()
    if request.method == "POST" and possible and are_valid(*forms):
        action(item)
        return log_and_redirect(admin, request, item, message, forms)
    context = admin.view_context(
        request, title=title, original=item, text=text(item), button=button if possible else "", more_forms=forms
    )
    status = 422 if any(form.errors for form in forms) else 200
    return TemplateResponse(request, "admin/articles/action.html", context, status=status)


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
    forms: list[Any] = []

    def more_forms(item: Item) -> list[Any]:
        data = request.POST if request.method == "POST" else None
        forms[:] = collect_forms(collect_unschedule_forms, item, user_of(request), data)
        return forms

    @transaction.atomic
    def action(item: Item) -> None:
        if publishing.unschedule(item=item, by=user_of(request)):
            for form in forms:
                form.unscheduled()

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
        action=action,
        message=_("Unscheduled."),
        more_forms=more_forms,
    )
