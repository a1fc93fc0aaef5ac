"""Remarks on a draft: beside the text on the desk, and on a page of their own that needs no script."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.admin.editing.autosave_api import to_be_changed
from articles.forms.remarks import RemarkForm, TextForm
from articles.models import Article, Remark
from articles.richtext.anchors import AnchoredText, Span, body_text
from articles.services.remarks import Answered, change, leave, reply, take_back, who_may_open

MOST = 200
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Thread:
    """A remark with its replies; `span` is where its words are in the draft as it was saved, None where nowhere.

    For one that is resolved nobody looks.
    """

    remark: Remark
    span: Span | None
    # The id of the one that this person wrote and may still change: only the last word of a thread can be.
    own: int | None = None

    @property
    def orphaned(self) -> bool:
        return bool(self.remark.quote) and self.span is None and self.remark.resolved_at is None

    @property
    def order(self) -> tuple[bool, int, int]:
        """The open ones by their place in the text, then the resolved ones."""
        begins = self.span[0] if self.span else (2**31 if self.remark.quote else -1)
        return self.remark.resolved_at is not None, begins, self.remark.pk


def threads_of(article: Article, person: Any) -> list[Thread]:
    """The remarks on `article` in the order of the text, as `person` sees them: two queries.

    Of more than `MOST` the open and newest ones.
    """
    open_first = F("resolved_at").desc(nulls_first=True)
    found = list(Remark.objects.threads().filter(article=article).order_by(open_first, "-pk")[:MOST])
    text = AnchoredText(body_text(article.body) if found else "")
    threads = [Thread(one, None if one.resolved_at else text.find(one.anchor), _own(one, person)) for one in found]
    return sorted(threads, key=lambda thread: thread.order)


def _own(opening: Remark, person: Any) -> int | None:
    last = [opening, *opening.replies.all()][-1]
    return last.pk if last.author_id == person.pk and opening.resolved_at is None else None


def on_desk(article: Article, person: Any) -> dict[str, Any]:
    threads = threads_of(article, person)
    return {
        "threads": threads,
        "open_remarks": sum(thread.remark.resolved_at is None for thread in threads),
        "remark_key": uuid.uuid4(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """All remarks on a draft, and a form for another."""
    article = to_be_changed(admin, request, pk)
    form = RemarkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        remark = leave(article=article, by=request.user, text=data["text"], anchor=form.anchor, key=data["key"])
        return _done(admin, request, article, remark, "Your remark stands beside the text.")
    if request.method == "POST" and _by_script(request):
        return _refused(form)
    return _page(admin, request, article, form=form, status=422 if request.method == "POST" else 200)


@require_POST
def answer(request: HttpRequest, pk: int, opening: int, admin: Any) -> HttpResponse:
    """A reply to a remark. Of many boxes on a page, the one that is named after the remark is meant."""
    article = to_be_changed(admin, request, pk)
    remark = _opening(article, opening)
    form = TextForm({"text": request.POST.get(f"reply-{opening}", ""), "key": request.POST.get("key", "")})
    if not form.is_valid():
        return _refused(form) if _by_script(request) else _page(
            admin, request, article, refused=(remark.pk, form), status=422
        )  # fmt: skip
    try:
        reply(opening=remark, by=request.user, **form.cleaned_data)
    except Remark.DoesNotExist as error:
        raise Http404("There is no such remark.") from error
    return _done(admin, request, article, remark, "Your reply stands under the remark.")


@require_POST
def own_words(request: HttpRequest, pk: int, remark: int, admin: Any) -> HttpResponse:
    """One's own remark is said otherwise, while nobody has answered it."""
    article = to_be_changed(admin, request, pk)
    mine = _of(Remark.objects.filter(author=request.user.pk), article, remark)
    form = TextForm({"text": request.POST.get(f"change-{remark}", "")})
    if not form.is_valid():
        return _refused(form) if _by_script(request) else _page(
            admin, request, article, changed=(mine.pk, form), status=422
        )  # fmt: skip
    deed = partial(change, text=form.cleaned_data["text"])
    return _of_ones_own(admin, request, article, mine, deed, "Your remark is changed.")


@require_POST
def removal(request: HttpRequest, pk: int, remark: int, admin: Any) -> HttpResponse:
    """One's own remark is taken back, while nobody has answered it."""
    article = to_be_changed(admin, request, pk)
    mine = _of(Remark.objects.filter(author=request.user.pk), article, remark)
    return _of_ones_own(admin, request, article, mine, take_back, "Your remark is taken back.")


def _of_ones_own(
    admin: Any, request: HttpRequest, article: Article, remark: Remark, deed: Callable[..., None], said: str
) -> HttpResponse:
    try:
        deed(remark=remark, by=request.user)
    except Answered as answered:
        if _by_script(request):
            return JsonResponse({"said": str(answered)}, status=409)
        admin.message_user(request, str(answered), messages.ERROR)
        return redirect("admin:articles_article_remarks", article.pk)
    except Remark.DoesNotExist as error:
        raise Http404("There is no such remark.") from error
    return _done(admin, request, article, remark.opening or remark, said)


@require_POST
def settle(request: HttpRequest, pk: int, opening: int, admin: Any) -> HttpResponse:
    """Resolve a remark, or open it again."""
    article = to_be_changed(admin, request, pk)
    remark = _opening(article, opening)
    if request.POST.get("resolved") == "no":
        remark.reopen()
        return _done(admin, request, article, remark, "The remark is open again.")
    remark.resolve(by=request.user)
    return _done(admin, request, article, remark, "The remark is resolved.")


@require_safe
def people(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Who can be called by name here: a script completes what is typed after @."""
    article = to_be_changed(admin, request, pk)
    names = who_may_open(article).exclude(pk=request.user.pk).values_list("display_name", flat=True)[:MOST_PEOPLE]
    return JsonResponse({"names": [name for name in dict.fromkeys(names) if name]})


def _opening(article: Article, pk: int) -> Remark:
    return _of(Remark.objects.openings(), article, pk)


def _of(remarks: QuerySet[Remark], article: Article, pk: int) -> Remark:
    try:
        return get_object_or_404(remarks.select_related("opening"), pk=pk, article=article)
    except OverflowError as error:
        raise Http404("There is no such remark.") from error


def _by_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _refused(form: Any) -> JsonResponse:
    sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
    return JsonResponse({"said": " ".join(sentences)}, status=422)


def _done(admin: Any, request: HttpRequest, article: Article, remark: Remark, said: str) -> HttpResponse:
    """The list anew for the script that asked; everybody else comes to the remark on its page."""
    if _by_script(request):
        context = {"original": article, **on_desk(article, request.user)}
        html = render_to_string("admin/articles/article/_remark_list.html", context, request)
        return JsonResponse({"html": html, "said": said, "remark": remark.pk, "open": context["open_remarks"]})
    admin.message_user(request, said, messages.SUCCESS)
    return redirect(f"{reverse('admin:articles_article_remarks', args=[article.pk])}#remark-{remark.pk}")


def _page(
    admin: Any, request: HttpRequest, article: Article, *, form: RemarkForm | None = None, refused: Any = None,
    changed: Any = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = admin.admin_site.each_context(request) | {
        "title": "Remarks",
        "opts": admin.opts,
        "original": article,
        "form": form or RemarkForm(),
        "refused": refused,
        "changed": changed,
        "on_their_page": True,
        **on_desk(article, request.user),
    }
    return TemplateResponse(request, "admin/articles/article/remarks.html", context, status=status)
