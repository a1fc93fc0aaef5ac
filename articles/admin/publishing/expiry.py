"""An article, a dossier or a page goes off the site, at once or at a time; a planned end is moved or taken back."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from articles.admin.editing.local_time import ahead
from articles.admin.formatting import long_datetime
from articles.admin.publishing.actions import deed_page, done, to_be_published
from articles.forms.expiry import ExpiryForm, WithdrawForm
from articles.models import Article
from articles.services import expiry, publishable, publishing

WAYS = ["GET", "HEAD", "POST"]


@require_http_methods(WAYS)
def withdraw_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """It goes at once; of what is withdrawn, the sentence at its address is changed."""
    thing = to_be_published(admin, request, pk)
    gone = thing.state() == "withdrawn"
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"note": thing.withdrawn_note})
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        if gone:
            expiry.explain(thing=thing, note=note)
            return done(admin, request, thing, "Readers find the sentence at its address.")
        _withdraw(thing, note)
        return done(admin, request, thing, "Withdrawn. Readers no longer find it.")
    context = {
        "title": "What its address says" if gone else "Withdraw", "form": form, "gone": gone, "at_once": True,
        "button": "Save the sentence" if gone else f"Withdraw the {admin.opts.verbose_name}",
    }  # fmt: skip
    return _page(admin, request, thing, context)


def _withdraw(thing: Any, note: str) -> None:
    if isinstance(thing, Article):
        publishing.withdraw(article=thing, note=note)
    else:
        publishable.withdraw(thing=thing, note=note)


@require_http_methods(WAYS)
def end_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Until when readers have it: set, or moved."""
    thing = to_be_published(admin, request, pk)
    form = ExpiryForm(request.POST if request.method == "POST" else None, initial=_initial(thing))
    hindrance = ""
    if thing.published_at is None or thing.state() == "withdrawn":
        hindrance = "It is not on the site: there is nothing that could end."
    elif request.method == "POST" and form.is_valid() and _end(thing, form):
        return done(admin, request, thing, f"Readers have it until {long_datetime(thing.withdrawn_at)}.")
    context = {"title": "Its end", "form": form, "hindrance": hindrance, "ends_at": ahead(thing)}
    return _page(admin, request, thing, context)


def _initial(thing: Any) -> dict[str, Any]:
    ends = ahead(thing)
    initial: dict[str, Any] = {"seen": _seconds(ends), "note": thing.withdrawn_note}
    if ends is not None:
        local = timezone.localtime(ends)
        initial |= {"day": local.date(), "hour": local.time()}
    return initial


def _seconds(ends: datetime | None) -> int:
    return int(ends.timestamp()) if ends is not None else 0


def _end(thing: Any, form: ExpiryForm) -> bool:
    """False where it did not come to it; then `form` says why, and knows what stands now."""
    data, known = form.cleaned_data, thing.withdrawn_at
    try:
        if data["seen"] is not None and data["seen"] != _seconds(known):
            raise expiry.ExpiryConflict("Its end was changed in the meantime. Look again before you set it.")
        expiry.end_at(thing=thing, at=data["at"], note=data["note"], seen=known)
    except (expiry.ExpiryConflict, expiry.ExpiryError) as error:
        thing.refresh_from_db()
        form.data = {**form.data.dict(), "seen": str(_seconds(thing.withdrawn_at))}  # type: ignore[attr-defined]
        form.add_error(None, str(error))
        return False
    return True


@require_http_methods(WAYS)
def go_on_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    return deed_page(
        admin, request, pk,
        title="Take back its end",
        words=lambda thing: (
            f"It stays on the site after {long_datetime(thing.withdrawn_at)}." if ahead(thing) else "No end is planned."
        ),
        button="Take back its end",
        do=lambda thing: expiry.go_on(thing=thing),
        said="No end is planned any more.",
    )  # fmt: skip


def _page(admin: Any, request: HttpRequest, thing: Any, context: dict[str, Any]) -> HttpResponse:
    context = admin.admin_site.each_context(request) | context | {
        "opts": admin.opts, "original": thing, "badge": admin.badges(thing),
        "zone": timezone.get_current_timezone_name(), "now": timezone.now(),
    }  # fmt: skip
    form = context["form"]
    status = form.status if isinstance(form, ExpiryForm) else 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/articles/expiry.html", context, status=status)
