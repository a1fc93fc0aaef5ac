"""The page on which an article, a dossier or a page is published: what will happen, and what hinders it.

A room says how its things are published: see `PublishingAdmin`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from articles.admin.editing import previews
from articles.admin.editing.local_time import ahead
from articles.admin.formatting import long_datetime
from articles.admin.publishing.actions import done, restore_page, to_be_published, unschedule_page
from articles.admin.publishing.expiry import end_page, go_on_page, withdraw_page
from articles.forms.articles import PublishForm
from articles.services.publishing import NotReadyError


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """What will happen, and what the checks found; then it happens, now or at a set time."""
    thing = to_be_published(admin, request, pk)
    initial = {"last": last_of(thing), "edition": getattr(thing, "edition", None)}
    if waiting := thing.waiting():
        # What is planned keeps its time, unless somebody says otherwise.
        at = timezone.localtime(waiting.public_from)
        initial |= {"when": PublishForm.LATER, "day": at.date(), "hour": at.time()}
    form = PublishForm(request.POST if request.method == "POST" else None, initial=initial)
    found, hindrances = admin.findings(thing), hindrances_of(admin, thing)
    if request.method == "POST" and not hindrances and not found.blocking and form.is_valid():
        version = _publish(admin, thing, form, request.user)
        if version is not None:
            return done(admin, request, thing, _what_happened(version))
        found, hindrances = admin.findings(thing), hindrances_of(admin, thing)
    context = admin.admin_site.each_context(request) | {
        "title": "Publish changes" if thing.read_now() else "Publish",
        "opts": admin.opts,
        "original": thing,
        "badge": admin.badges(thing),
        "form": form,
        "found": found,
        "hindrances": hindrances,
        "publishable": not hindrances and not found.blocking,
        "next": last_of(thing) + 1,
        "waiting": waiting,
        "ends_at": ahead(thing),
        "zone": timezone.get_current_timezone_name(),
        "now": timezone.now(),
    }
    context |= admin.publish_context(thing)
    return TemplateResponse(request, "admin/articles/publish.html", context, status=form.status)


def last_of(thing: Any) -> int:
    last = thing.versions.order_by("-number").values_list("number", flat=True).first()
    return last or 0


def hindrances_of(admin: Any, thing: Any) -> list[str]:
    """Sentences that say why nothing can be published now, whatever the text is like."""
    if thing.state() == "withdrawn":
        return ["It is withdrawn. Put it back on the site first."]
    hindrances: list[str] = admin.missing(thing)
    served = thing.read_now()
    if not hindrances and served and not thing.waiting() and admin.is_unchanged(thing, served):
        hindrances = [f"Nothing differs from version {served.number}, which readers see."]
    return hindrances


def _publish(admin: Any, thing: Any, form: PublishForm, user: Any) -> Any:
    """None where it did not come to it; then `form` says why. Of two at once the second is told of the first."""
    data = form.cleaned_data
    with transaction.atomic():
        locked = admin.model.objects.select_for_update().get(pk=thing.pk)
        last, edition = last_of(locked), getattr(locked, "edition", None)
        if last != data["last"]:
            form.data = {**form.data.dict(), "last": str(last)}  # type: ignore[attr-defined]
            form.add_error(None, f"Version {last} was made in the meantime. Look again before you publish another.")
            return None
        if data["edition"] not in (None, edition):
            form.data = {**form.data.dict(), "edition": str(edition)}  # type: ignore[attr-defined]
            form.add_error(None, "The text was saved again in the meantime. Look at what goes out before you publish.")
            return None
        try:
            return admin.publish_object(thing, by=user, at=data["at"], note=data["note"])
        except NotReadyError as error:
            form.add_error(None, ValidationError(error.reasons))
    return None


def _what_happened(version: Any) -> str:
    if version.public_from > timezone.now():
        return f"Version {version.number} will be public on {long_datetime(version.public_from)}."
    return f"Version {version.number} is public."


def paths(admin: Any) -> list[Any]:
    """The addresses in the room of `admin` of all that is done beside writing."""
    view, model = admin.admin_site.admin_view, admin.opts.model_name
    return previews.paths(admin) + [
        path(f"<int:pk>/{name}/", view(partial(page, admin=admin)), name=f"articles_{model}_{name}")
        for name, page in PAGES.items()
    ]


PAGES: dict[str, Callable[..., HttpResponse]] = {
    "publish": publish_page, "restore": restore_page, "unschedule": unschedule_page,
    "withdraw": withdraw_page, "end": end_page, "keep": go_on_page,
}  # fmt: skip
