"""An article goes off the site, at once or at a time; a planned end is moved or taken back."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from articles.ending_forms import EndForm, WithdrawForm
from articles.models import Article
from articles.services import ending, publishing

from .base import badge, moment
from .deeds import deed_page, to_be_published
from .moments import ahead

WAYS = ["GET", "HEAD", "POST"]


@require_http_methods(WAYS)
def withdraw_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """It goes at once; of what is withdrawn, the sentence at its address is changed."""
    article = to_be_published(admin, request, pk)
    gone = article.state() == "withdrawn"
    form = WithdrawForm(request.POST if request.method == "POST" else None, initial={"note": article.withdrawn_note})
    if request.method == "POST" and form.is_valid():
        note = form.cleaned_data["note"]
        if gone:
            ending.explain(article=article, note=note)
            return _done(admin, request, article, "Readers find the sentence at its address.")
        publishing.withdraw(article=article, note=note)
        return _done(admin, request, article, "Withdrawn. Readers no longer find it.")
    context = {
        "title": "What its address says" if gone else "Withdraw", "form": form, "gone": gone, "at_once": True,
        "button": "Save the sentence" if gone else "Withdraw the article",
    }  # fmt: skip
    return _page(admin, request, article, context)


@require_http_methods(WAYS)
def end_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Until when readers have it: set, or moved."""
    article = to_be_published(admin, request, pk)
    form = EndForm(request.POST if request.method == "POST" else None, initial=_initial(article))
    hindrance = ""
    if article.published_at is None or article.state() == "withdrawn":
        hindrance = "It is not on the site: there is nothing that could end."
    elif request.method == "POST" and form.is_valid() and _end(article, form):
        return _done(admin, request, article, f"Readers have it until {moment(article.withdrawn_at)}.")
    context = {"title": "Its end", "form": form, "hindrance": hindrance, "ends_at": ahead(article)}
    return _page(admin, request, article, context)


def _initial(article: Article) -> dict[str, Any]:
    ends = ahead(article)
    initial: dict[str, Any] = {"seen": _seconds(ends), "note": article.withdrawn_note}
    if ends is not None:
        local = timezone.localtime(ends)
        initial |= {"day": local.date(), "hour": local.time()}
    return initial


def _seconds(ends: datetime | None) -> int:
    return int(ends.timestamp()) if ends is not None else 0


def _end(article: Article, form: EndForm) -> bool:
    """False where it did not come to it; then `form` says why, and knows what stands now."""
    data, known = form.cleaned_data, article.withdrawn_at
    try:
        if data["seen"] is not None and data["seen"] != _seconds(known):
            raise ending.EndChanged("Its end was changed in the meantime. Look again before you set it.")
        ending.end_at(article=article, at=data["at"], note=data["note"], seen=known)
    except (ending.EndChanged, ending.NotThen) as error:
        article.refresh_from_db()
        form.data = {**form.data.dict(), "seen": str(_seconds(article.withdrawn_at))}  # type: ignore[attr-defined]
        form.add_error(None, str(error))
        return False
    return True


@require_http_methods(WAYS)
def go_on_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    return deed_page(
        admin, request, pk,
        title="Take back its end",
        words=lambda article: (
            f"It stays on the site after {moment(article.withdrawn_at)}." if ahead(article) else "No end is planned."
        ),
        button="Take back its end",
        do=lambda article: ending.go_on(article=article),
        done="No end is planned any more.",
    )  # fmt: skip


def _page(admin: Any, request: HttpRequest, article: Article, context: dict[str, Any]) -> HttpResponse:
    context = admin.admin_site.each_context(request) | context | {
        "opts": admin.opts, "original": article, "badge": badge(article.state()),
        "zone": timezone.get_current_timezone_name(), "now": timezone.now(),
    }  # fmt: skip
    form = context["form"]
    status = form.status if isinstance(form, EndForm) else 422 if form.is_bound else 200
    return TemplateResponse(request, "admin/articles/article/end.html", context, status=status)


def _done(admin: Any, request: HttpRequest, article: Article, words: str) -> HttpResponse:
    admin.log_change(request, article, words)
    admin.message_user(request, words, messages.SUCCESS)
    return redirect("admin:articles_article_change", article.pk)
