"""What an editor does with an article, a dossier or a page by one button: put it back, give up a plan."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from articles.admin.formatting import long_datetime
from articles.models import Article
from articles.services import publishable, publishing

KEPT = (
    "This article has versions in the record, and the record is kept: it cannot be deleted. "
    "Withdraw it to take it off the site."
)


def new_key() -> uuid.UUID:
    return uuid.uuid4()


def free_key(key: uuid.UUID | None, kind: Any = Article) -> uuid.UUID | None:
    """`key`, unless an article (or page: `kind` is the model) has it already."""
    return key if key and not kind.objects.filter(uuid=key).exists() else None


def already_made(request: HttpRequest, kind: Any = Article) -> Any:
    """The article that this very form made a moment ago: its words came before it, or somebody clicked twice."""
    try:
        key = uuid.UUID(request.POST.get("key", ""))
    except ValueError:
        return None
    twin = kind.objects.filter(uuid=key, created_by=request.user.pk).first()
    same = twin is not None and twin.headline == " ".join(request.POST.get("headline", "").split())
    return twin if twin is not None and (same or twin.begun_only) else None


def to_be_published(admin: Any, request: HttpRequest, pk: int) -> Any:
    """The row, for those who may publish it. 404 for what this person may not see, 403 for what they may not do."""
    thing = admin.get_object(request, str(pk))
    if not admin.may_publish(request):
        raise PermissionDenied
    return thing


def done(admin: Any, request: HttpRequest, thing: Any, words: str) -> HttpResponse:
    """It is noted and said, and the way leads back to its page."""
    admin.log_change(request, thing, words)
    admin.message_user(request, words, messages.SUCCESS)
    return redirect(f"admin:articles_{admin.opts.model_name}_change", thing.pk)


def deed_page(
    admin: Any, request: HttpRequest, pk: int, *, title: str, words: Callable[[Any], str], button: str,
    do: Callable[[Any], Any], said: str,
) -> HttpResponse:  # fmt: skip
    """A page that says what will happen, and a button that does it. Doing it twice changes nothing."""
    thing = to_be_published(admin, request, pk)
    if request.method == "POST":
        do(thing)
        return done(admin, request, thing, said)
    context = admin.admin_site.each_context(request) | {
        "title": title, "opts": admin.opts, "original": thing, "words": words(thing), "button": button,
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/action.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def restore_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    def restore(thing: Any) -> None:
        if isinstance(thing, Article):
            publishing.restore(article=thing)
        else:
            publishable.restore(thing=thing)

    return deed_page(
        admin, request, pk,
        title="Put back",
        words=lambda thing: "It stands on the site again, as it was.",
        button="Put it back on the site",
        do=restore,
        said="It is back on the site, as it was.",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def unschedule_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    def words(thing: Any) -> str:
        waiting = thing.waiting()
        if waiting is None:
            return "No version waits for its time."
        return f"Version {waiting.number} will not appear on {long_datetime(waiting.public_from)}. What you wrote stays as it is."

    def unschedule(thing: Any) -> None:
        if isinstance(thing, Article):
            publishing.unschedule(article=thing, by=request.user)
        else:
            publishable.unschedule(thing=thing)

    return deed_page(
        admin, request, pk,
        title="Give up the plan",
        words=words,
        button="Give up the plan",
        do=unschedule,
        said="No version waits any more.",
    )  # fmt: skip
