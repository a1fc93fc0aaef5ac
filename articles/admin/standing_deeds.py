"""What an editor does with a dossier or a page beside writing it: publish, withdraw, restore, give up a plan.

A room says how its things are published: `missing`, `unchanged`, `publish_thing`, `told_before_publishing`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from articles.forms import PublishForm
from articles.services import standing
from articles.services.publishing import NotReady

from .base import badge
from .deeds import last_of, to_be_published


class Deed(NamedTuple):
    title: str
    words: str
    button: str
    do: Callable[..., Any]
    done: str


DEEDS = {
    "withdraw": Deed(
        "Withdraw", "It goes off the site at once. Its versions stay, and you can put it back.",
        "Withdraw the {}", standing.withdraw, "Withdrawn. Readers no longer find it.",
    ),
    "restore": Deed(
        "Put back", "It stands on the site again, as it was.",
        "Put it back on the site", standing.restore, "It is back on the site, as it was.",
    ),
    "unschedule": Deed(
        "Give up the plan", "The version that waits for its time will not appear. What you wrote stays as it is.",
        "Give up the plan", standing.unschedule, "No version waits any more.",
    ),
}  # fmt: skip


def paths(admin: Any) -> list[Any]:
    """The addresses of all deeds in the room of `admin`."""
    pages: dict[str, Callable[..., HttpResponse]] = {"publish": publish_page}
    pages |= {name: partial(deed_page, deed=name) for name in DEEDS}
    view, model = admin.admin_site.admin_view, admin.opts.model_name
    return [
        path(f"<int:pk>/{name}/", view(partial(page, admin=admin)), name=f"articles_{model}_{name}")
        for name, page in pages.items()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """What will happen, and what is missing; then it happens, now or at a set time."""
    thing: Any = to_be_published(admin, request, pk)
    initial = {"last": last_of(thing), "edition": getattr(thing, "edition", None)}
    form = PublishForm(request.POST if request.method == "POST" else None, initial=initial)
    hindrances = hindrances_of(admin, thing)
    if request.method == "POST" and not hindrances and form.is_valid():
        version = _publish(admin, thing, form, request.user)
        if version is not None:
            words = f"Version {version.number} is public"
            words += f" from {when(version.public_from)} on." if version.public_from > timezone.now() else "."
            return _done(admin, request, thing, words)
        hindrances = hindrances_of(admin, thing)
    context = admin.admin_site.each_context(request) | {
        "title": "Publish changes" if thing.versions.exists() else "Publish",
        "opts": admin.opts,
        "original": thing,
        "badge": badge(thing.state()),
        "form": form,
        "hindrances": hindrances,
        "next": last_of(thing) + 1,
        "waiting": waiting_of(thing),
        "zone": timezone.get_current_timezone_name(),
        "now": timezone.now(),
    }
    context |= admin.told_before_publishing(thing)
    return TemplateResponse(request, "admin/articles/standing/publish.html", context, status=form.status)


def waiting_of(thing: Any) -> Any:
    """The version that waits for its time."""
    return thing.versions.waiting().defer("content").last()


def served_of(thing: Any) -> Any:
    """The version that readers see."""
    return thing.versions.served().first()


def hindrances_of(admin: Any, thing: Any) -> list[str]:
    """Sentences that say why nothing can be published now."""
    if thing.withdrawn_at is not None:
        return ["It is withdrawn. Put it back on the site first."]
    hindrances: list[str] = admin.missing(thing)
    served = served_of(thing)
    if not hindrances and served and not waiting_of(thing) and admin.unchanged(thing, served):
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
            return admin.publish_thing(thing, by=user, at=data["at"], note=data["note"])
        except NotReady as error:
            form.add_error(None, ValidationError(error.reasons))
    return None


@require_http_methods(["GET", "HEAD", "POST"])
def deed_page(request: HttpRequest, pk: int, admin: Any, deed: str) -> HttpResponse:
    """A page that says what will happen, and a button that does it. Doing it twice changes nothing."""
    thing: Any = to_be_published(admin, request, pk)
    told = DEEDS[deed]
    if request.method == "POST":
        told.do(thing=thing)
        return _done(admin, request, thing, told.done)
    context = admin.admin_site.each_context(request) | {
        "title": told.title, "opts": admin.opts, "original": thing, "words": told.words,
        "button": told.button.format(admin.opts.verbose_name),
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/standing/confirm.html", context)


def _done(admin: Any, request: HttpRequest, thing: Any, words: str) -> HttpResponse:
    admin.log_change(request, thing, words)
    admin.message_user(request, words, messages.SUCCESS)
    return redirect(f"admin:articles_{admin.opts.model_name}_change", thing.pk)


def when(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "j M Y, H:i")
