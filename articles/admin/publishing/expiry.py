"""Taking an article, dossier or page off the site: now or later."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from articles.admin.editing.local_time import future_expiry
from articles.admin.formatting import long_datetime
from articles.admin.publishing.actions import confirmation_page, get_publishable_item, log_and_redirect
from articles.forms.expiry import ExpiryForm, WithdrawForm
from articles.services import expiry, publishing
from articles.services.item_types import Item
from truthlytics.web.types import TemplateContext

if TYPE_CHECKING:
    from articles.admin.publishing.base import PublishingAdmin


METHODS = ["GET", "HEAD", "POST"]


@require_http_methods(METHODS)
def withdraw_page(request: HttpRequest, pk: int, admin: "PublishingAdmin") -> HttpResponse:
    """Withdraw now; for what is withdrawn already, change the note at its URL."""
    item = get_publishable_item(admin, request, pk)
    withdrawn = item.state() == "withdrawn"
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"note": item.withdrawn_note})
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        if withdrawn:
            expiry.change_note(item=item, note=note)
            return log_and_redirect(admin, request, item, _("Message at the old URL saved."))
        publishing.withdraw(item=item, note=note)
        return log_and_redirect(admin, request, item, _("Withdrawn. Readers can no longer open it."))
    context = {
        "title": _("Message at the old URL") if withdrawn else _("Withdraw"),
        "form": form,
        "withdrawn": withdrawn,
        "at_once": True,
        "button": _("Save message")
        if withdrawn
        else _("Withdraw %(verbose_name)s") % {"verbose_name": admin.opts.verbose_name},
    }
    return _render(admin, request, item, context)


@require_http_methods(METHODS)
def expiry_page(request: HttpRequest, pk: int, admin: "PublishingAdmin") -> HttpResponse:
    """Schedule the removal, or change the scheduled time."""
    item = get_publishable_item(admin, request, pk)
    form = ExpiryForm(request.POST if request.method == "POST" else None, initial=_initial(item))
    obstacle = ""
    if item.published_at is None or item.state() == "withdrawn":
        obstacle = _("This is not on the site, so it cannot be removed.")
    elif request.method == "POST" and form.is_valid() and _schedule(item, form):
        return log_and_redirect(
            admin,
            request,
            item,
            _("It will be removed on %(withdrawn_at)s.") % {"withdrawn_at": long_datetime(item.withdrawn_at)},
        )
    context = {"title": _("Schedule removal"), "form": form, "obstacle": obstacle, "expires_at": future_expiry(item)}
    return _render(admin, request, item, context)


def _initial(item: Item) -> dict[str, object]:
    expires_at = future_expiry(item)
    initial: dict[str, object] = {"seen": _timestamp(expires_at), "note": item.withdrawn_note}
    if expires_at is not None:
        local = timezone.localtime(expires_at)
        initial |= {"day": local.date(), "hour": local.time()}
    return initial


def _timestamp(expires_at: datetime | None) -> int:
    return int(expires_at.timestamp()) if expires_at is not None else 0


def _schedule(item: Item, form: ExpiryForm) -> bool:
    """Schedule the expiry. If that fails, add the error and the current expiry to `form` and return False."""
    data, known = form.cleaned_data, item.withdrawn_at
    try:
        if data["seen"] is not None and data["seen"] != _timestamp(known):
            raise expiry.ExpiryConflict(_("The removal was changed in the meantime. Check it before you save yours."))
        expiry.schedule_expiry(item=item, at=data["at"], note=data["note"], seen=known)
    except (expiry.ExpiryConflict, expiry.ExpiryError) as error:
        item.refresh_from_db()
        form.data = {**form.data.dict(), "seen": str(_timestamp(item.withdrawn_at))}  # type: ignore[attr-defined]
        form.add_error(None, str(error))
        return False
    return True


@require_http_methods(METHODS)
def cancel_expiry_page(request: HttpRequest, pk: int, admin: "PublishingAdmin") -> HttpResponse:
    def text(item: Item) -> str:
        expires_at = future_expiry(item)
        return (
            _("It will stay on the site after %(expires_at)s.") % {"expires_at": long_datetime(expires_at)}
            if expires_at
            else _("No removal is scheduled.")
        )

    return confirmation_page(
        admin,
        request,
        pk,
        title=_("Cancel removal"),
        text=text,
        button=_("Cancel removal"),
        is_possible=lambda item: future_expiry(item) is not None,
        action=lambda item: expiry.cancel_expiry(item=item),
        message=_("The removal is cancelled."),
    )


def _render(admin: "PublishingAdmin", request: HttpRequest, item: Item, context: TemplateContext) -> HttpResponse:
    common = {"zone": timezone.get_current_timezone_name(), "now": timezone.now()}
    context = admin.view_context(request, original=item, badge=admin.badges(item), **common, **context)
    form = context["form"]
    status = form.status if isinstance(form, ExpiryForm) else 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/articles/expiry.html", context, status=status)
