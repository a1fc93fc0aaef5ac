"""What an editor does with an article beside writing it: publish, put back, give up a plan."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from articles.forms import PublishForm
from articles.models import Article, Version
from articles.services import drafts, publishing
from articles.typed import Comparison, compare

from .base import badge_of, moment
from .checks import found_in
from .desk import words_of

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


def to_be_published(admin: Any, request: HttpRequest, pk: int) -> Article:
    """The article, for those who may publish it. 404 for what this person may not see, 403 for what they may not do."""
    article = admin.get_object(request, str(pk))
    if not admin.may_publish(request):
        raise PermissionDenied
    return article  # type: ignore[no-any-return]


@require_http_methods(["GET", "HEAD", "POST"])
def publish_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """What will happen, and what the checks found; then it happens, now or at a set time."""
    article = to_be_published(admin, request, pk)
    form = PublishForm(
        request.POST if request.method == "POST" else None,
        initial={"last": last_of(article), "edition": article.edition},
    )
    found, hindrances = found_in(article, drafts.text_now(article)), hindrances_of(article)
    if request.method == "POST" and not hindrances and not found.blocking and form.is_valid():
        version = _publish(article, form, request.user)
        if version is not None:
            admin.log_change(request, article, f"Published version {version.number}.")
            admin.message_user(request, _what_happened(version), messages.SUCCESS)
            return redirect("admin:articles_article_change", article.pk)
        found, hindrances = found_in(article, drafts.text_now(article)), hindrances_of(article)
    context = admin.admin_site.each_context(request) | {
        "title": "Publish changes" if article.live_id else "Publish",
        "opts": admin.opts,
        "original": article,
        "badge": badge_of(article),
        "form": form,
        "found": found,
        "hindrances": hindrances,
        "publishable": not hindrances and not found.blocking,
        "next": last_of(article) + 1,
        "comparison": comparison_of(article),
        "words": words_of(article),
        "zone": timezone.get_current_timezone_name(),
        "now": timezone.now(),
    }
    return TemplateResponse(request, "admin/articles/article/publish.html", context, status=form.status)


def last_of(article: Any) -> int:
    last = article.versions.order_by("-number").values_list("number", flat=True).first()
    return last or 0


def comparison_of(article: Article) -> Comparison | None:
    """What readers have beside what they would get; None where they have nothing yet."""
    last = article.live or article.upcoming
    if last is None or last.content is None:
        return None
    return compare(drafts.text_of(last), drafts.text_now(article))


def hindrances_of(article: Article) -> list[str]:
    """Sentences that say why nothing can be published now, whatever the text is like."""
    if article.state() == "withdrawn":
        return ["It is withdrawn. Put it back on the site first."]
    waiting = article.upcoming_at is not None and article.upcoming_at > timezone.now()
    if article.published_at is not None and not waiting:
        served = article.served()
        if not publishing.differs(article, served):
            return [f"Nothing differs from version {served.number}, which readers see."]
    return []


def _publish(article: Article, form: PublishForm, user: Any) -> Version | None:
    """None where it did not come to it; then `form` says why. Of two at once the second is told of the first."""
    data = form.cleaned_data
    with transaction.atomic():
        locked = Article.objects.select_for_update().get(pk=article.pk)
        last = last_of(locked)
        if last != data["last"]:
            form.data = {**form.data.dict(), "last": str(last)}  # type: ignore[attr-defined]
            form.add_error(None, f"Version {last} was made in the meantime. Look again before you publish another.")
            return None
        if data["edition"] not in (None, locked.edition):
            form.data = {**form.data.dict(), "edition": str(locked.edition)}  # type: ignore[attr-defined]
            form.add_error(None, "The text was saved again in the meantime. Look at what goes out before you publish.")
            return None
        try:
            return publishing.publish(article=article, by=user, at=data["at"], note=data["note"])
        except publishing.NotReady as error:
            form.add_error(None, ValidationError(error.reasons))
    return None


def _what_happened(version: Version) -> str:
    if version.public_from > timezone.now():
        return f"Version {version.number} will be public on {moment(version.public_from)}."
    return f"Version {version.number} is public."


def deed_page(
    admin: Any, request: HttpRequest, pk: int, *, title: str, words: Callable[[Article], str], button: str,
    do: Callable[[Article], Any], done: str,
) -> HttpResponse:  # fmt: skip
    """A page that says what will happen, and a button that does it. Doing it twice changes nothing."""
    article = to_be_published(admin, request, pk)
    if request.method == "POST":
        do(article)
        admin.log_change(request, article, done)
        admin.message_user(request, done, messages.SUCCESS)
        return redirect("admin:articles_article_change", article.pk)
    context = admin.admin_site.each_context(request) | {
        "title": title, "opts": admin.opts, "original": article, "words": words(article), "button": button,
    }  # fmt: skip
    return TemplateResponse(request, "admin/articles/article/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def restore_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    return deed_page(
        admin, request, pk,
        title="Put back",
        words=lambda article: "It stands on the site again, as it was.",
        button="Put it back on the site",
        do=lambda article: publishing.restore(article=article),
        done="It is back on the site, as it was.",
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def unschedule_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    return deed_page(
        admin, request, pk,
        title="Give up the plan",
        words=lambda article: (
            f"Version {article.upcoming.number} will not appear on {moment(article.upcoming_at)}. "
            "Your text stays as it is."
            if article.upcoming is not None
            else "No version waits for its time."
        ),
        button="Give up the plan",
        do=lambda article: publishing.unschedule(article=article, by=request.user),
        done="No version waits any more.",
    )  # fmt: skip
