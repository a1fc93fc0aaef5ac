"""What an editor does with a dossier beside writing it: publish, withdraw, restore, give up a plan."""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from articles.forms import PublishForm
from articles.models import Dossier, DossierVersion
from articles.services import dossiers
from articles.services.publishing import NotReady

from .base import badge
from .deeds import to_be_published


def pages() -> dict[str, Callable[..., HttpResponse]]:
    """Each deed's page by its name in the address."""
    return {"publish": publish_page, **{name: partial(deed_page, deed=name) for name in DEEDS}}


def last_of(dossier: Dossier) -> int:
    return dossier.versions.order_by("-number").values_list("number", flat=True).first() or 0


def found(admin: Any, request: HttpRequest, pk: int) -> Dossier:
    """The dossier, for those who may publish it: 404 for what is not there, 403 for what they may not do."""
    return cast(Dossier, to_be_published(admin, request, pk))


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """What will happen, and what is missing; then it happens, now or at a set time."""
    dossier = found(admin, request, pk)
    form = PublishForm(request.POST if request.method == "POST" else None, initial={"last": last_of(dossier)})
    hindrances = hindrances_of(dossier)
    if request.method == "POST" and not hindrances and form.is_valid():
        version = _publish(dossier, form, request.user)
        if version is not None:
            words = f"Version {version.number} is public"
            words += f" from {when(version.public_from)} on." if version.public_from > timezone.now() else "."
            return _done(admin, request, dossier, words)
    context = admin.admin_site.each_context(request) | {
        "title": "Publish changes" if dossier.versions.exists() else "Publish",
        "opts": admin.opts,
        "original": dossier,
        "badge": badge(dossier.state()),
        "form": form,
        "hindrances": hindrances,
        "next": last_of(dossier) + 1,
        "waiting": waiting_of(dossier),
        "content": dossiers.content_of(dossier),
        "zone": timezone.get_current_timezone_name(),
        "now": timezone.now(),
    }
    status = 422 if request.method == "POST" else 200
    return TemplateResponse(request, "admin/articles/dossier/publish.html", context, status=status)


def waiting_of(dossier: Dossier) -> DossierVersion | None:
    """The version that waits for its time."""
    return dossier.versions.filter(superseded_at=None, public_from__gt=timezone.now()).defer("content").last()


def hindrances_of(dossier: Dossier) -> list[str]:
    """Sentences that say why nothing can be published now."""
    if dossier.withdrawn_at is not None:
        return ["It is withdrawn. Put it back on the site first."]
    hindrances = dossiers.missing(dossier)
    served = DossierVersion.objects.served().filter(dossier=dossier).first()
    if not hindrances and served and not waiting_of(dossier) and served.content == dossiers.content_of(dossier):
        hindrances = [f"Nothing differs from version {served.number}, which readers see."]
    return hindrances


def _publish(dossier: Dossier, form: PublishForm, user: Any) -> DossierVersion | None:
    """None where it did not come to it; then `form` says why. Of two at once the second is told of the first."""
    data = form.cleaned_data
    with transaction.atomic():
        last = last_of(Dossier.objects.select_for_update().get(pk=dossier.pk))
        if last != data["last"]:
            form.data = {**form.data.dict(), "last": str(last)}  # type: ignore[attr-defined]
            form.add_error(None, f"Version {last} was made in the meantime. Look again before you publish another.")
            return None
        try:
            return dossiers.publish(dossier=dossier, by=user, at=data["at"], note=data["note"])
        except NotReady as error:
            form.add_error(None, ValidationError(error.reasons))
    return None


# What else is done: title, what it will do, the button, the service, what was done.
DEEDS: dict[str, tuple[str, str, str, Any, str]] = {
    "withdraw": (
        "Withdraw", "It goes off the site at once, also from the pages of its articles. You can put it back.",
        "Withdraw the dossier", dossiers.withdraw, "Withdrawn. Readers no longer find it.",
    ),
    "restore": (
        "Put back", "It stands on the site again, as it was.",
        "Put it back on the site", dossiers.restore, "It is back on the site, as it was.",
    ),
    "unschedule": (
        "Give up the plan", "The version that waits for its time will not appear. What you wrote stays as it is.",
        "Give up the plan", dossiers.unschedule, "No version waits any more.",
    ),
}  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def deed_page(request: HttpRequest, pk: int, admin: Any, deed: str) -> HttpResponse:
    """A page that says what will happen, and a button that does it. Doing it twice changes nothing."""
    dossier = found(admin, request, pk)
    title, words, button, do, done = DEEDS[deed]
    if request.method == "POST":
        do(dossier=dossier)
        return _done(admin, request, dossier, done)
    context = admin.admin_site.each_context(request) | {
        "title": title, "opts": admin.opts, "original": dossier, "words": words, "button": button,
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/dossier/confirm.html", context)


def _done(admin: Any, request: HttpRequest, dossier: Dossier, words: str) -> HttpResponse:
    admin.log_change(request, dossier, words)
    admin.message_user(request, words, messages.SUCCESS)
    return redirect("admin:articles_dossier_change", dossier.pk)


def when(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "j M Y, H:i")
