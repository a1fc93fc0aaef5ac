"""Remarks on a draft: a panel in the editor, and a page that works without script."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.contrib import messages
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from articles.admin.base import BaseAdmin
from articles.admin.editing.access import get_changeable_item
from articles.forms.remarks import RemarkForm, RemarkTextForm
from articles.models import Article, Remark
from articles.richtext.anchors import AnchoredText, Span, body_text
from articles.services.remarks import (
    AnsweredError,
    add_remark,
    delete_remark,
    edit_remark,
    mentions_in,
    reply,
    users_with_access,
)
from truthlytics.web.users import User, user_of

MAX_THREADS = 200
MAX_MENTIONABLE = 500


@dataclass(frozen=True, slots=True)
class RemarkThread:
    """A remark with its replies.

    `span` is the position of the quoted passage in the saved draft, None if it is no longer there. It is not looked
    up for resolved remarks.
    """

    remark: Remark
    span: Span | None
    # Primary key of the last remark of the thread if the user wrote it and may still change it.
    own: int | None = None

    @property
    def orphaned(self) -> bool:
        return bool(self.remark.quote) and self.span is None and self.remark.resolved_at is None

    @property
    def order(self) -> tuple[bool, int, int]:
        """Sort open remarks by their position in the text, then resolved ones."""
        begins = self.span[0] if self.span else (2**31 if self.remark.quote else -1)
        return self.remark.resolved_at is not None, begins, self.remark.pk


def paths(admin: BaseAdmin) -> list[URLPattern]:
    return [
        admin.view_path("<int:pk>/remarks/", page, "remarks"),
        admin.view_path("<int:pk>/remarks/people/", mentionable_users, "remarks_people"),
        admin.view_path("<int:pk>/remarks/<int:remark>/text/", edit, "remark_text"),
        admin.view_path("<int:pk>/remarks/<int:remark>/removal/", delete, "remark_removal"),
        admin.view_path("<int:pk>/remarks/<int:parent>/replies/", answer, "remark_replies"),
        admin.view_path("<int:pk>/remarks/<int:parent>/resolution/", resolve, "remark_resolution"),
    ]


def threads_of(article: Article, user: User) -> list[RemarkThread]:
    """Return the remarks on `article` in text order, as `user` sees them. Two queries.

    Only the first `MAX_THREADS` are returned, open and new ones first.
    """
    open_first = F("resolved_at").desc(nulls_first=True)
    remarks = list(Remark.objects.threads().filter(article=article).order_by(open_first, "-pk")[:MAX_THREADS])
    text = AnchoredText(body_text(article.body) if remarks else "")
    threads = [
        RemarkThread(remark, None if remark.resolved_at else text.find(remark.anchor), _editable_pk(remark, user))
        for remark in remarks
    ]
    return sorted(threads, key=lambda thread: thread.order)


def _editable_pk(parent: Remark, user: User) -> int | None:
    last = [parent, *parent.replies.all()][-1]
    return last.pk if last.author_id == user.pk and parent.resolved_at is None else None


def panel_context(article: Article, user: User) -> dict[str, object]:
    threads = threads_of(article, user)
    return {
        "threads": threads,
        "open_remarks": sum(thread.remark.resolved_at is None for thread in threads),
        "remark_key": uuid.uuid4(),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """List all remarks on a draft; POST adds one."""
    article = get_changeable_item(admin, request, pk)
    form = RemarkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        remark = add_remark(
            article=article, by=user_of(request), text=data["text"], anchor=form.anchor, key=data["key"]
        )
        message = _with_unknown(_("Remark added."), article, data["text"])
        return _success(admin, request, article, remark, message)
    if request.method == "POST" and _wants_json(request):
        return _json_errors(form)
    return _render(admin, request, article, form=form, status=422 if request.method == "POST" else 200)


@require_POST
def answer(request: HttpRequest, pk: int, parent: int, admin: BaseAdmin) -> HttpResponse:
    """Reply to a remark. The form holds a text field for each remark, named after it."""
    article = get_changeable_item(admin, request, pk)
    remark = _get_parent(article, parent)
    form = RemarkTextForm({"text": request.POST.get(f"reply-{parent}", ""), "key": request.POST.get("key", "")})
    if not form.is_valid():
        if _wants_json(request):
            return _json_errors(form)
        return _render(admin, request, article, refused=(remark.pk, form), status=422)
    try:
        reply(parent=remark, by=user_of(request), **form.cleaned_data)
    except Remark.DoesNotExist as error:
        raise Http404("There is no such remark.") from error
    message = _with_unknown(_("Reply added."), article, form.cleaned_data["text"])
    return _success(admin, request, article, remark, message)


@require_POST
def edit(request: HttpRequest, pk: int, remark: int, admin: BaseAdmin) -> HttpResponse:
    """Change one's own remark, unless it has been answered."""
    article = get_changeable_item(admin, request, pk)
    own = _get_remark(Remark.objects.filter(author=request.user.pk), article, remark)
    form = RemarkTextForm({"text": request.POST.get(f"change-{remark}", "")})
    if not form.is_valid():
        if _wants_json(request):
            return _json_errors(form)
        return _render(admin, request, article, changed=(own.pk, form), status=422)
    save = partial(edit_remark, text=form.cleaned_data["text"])
    message = _with_unknown(_("Remark changed."), article, form.cleaned_data["text"])
    return _change_own(admin, request, article, own, save, message)


@require_POST
def delete(request: HttpRequest, pk: int, remark: int, admin: BaseAdmin) -> HttpResponse:
    """Delete one's own remark, unless it has been answered."""
    article = get_changeable_item(admin, request, pk)
    own = _get_remark(Remark.objects.filter(author=request.user.pk), article, remark)
    return _change_own(admin, request, article, own, delete_remark, _("Remark deleted."))


def _change_own(
    admin: BaseAdmin, request: HttpRequest, article: Article, remark: Remark, service: Callable[..., None], message: str
) -> HttpResponse:
    try:
        service(remark=remark, by=request.user)
    except AnsweredError as answered:
        if _wants_json(request):
            return JsonResponse({"said": str(answered)}, status=409)
        admin.message_user(request, str(answered), messages.ERROR)
        return redirect("admin:articles_article_remarks", article.pk)
    except Remark.DoesNotExist as error:
        raise Http404("There is no such remark.") from error
    return _success(admin, request, article, remark.parent or remark, message)


@require_POST
def resolve(request: HttpRequest, pk: int, parent: int, admin: BaseAdmin) -> HttpResponse:
    article = get_changeable_item(admin, request, pk)
    remark = _get_parent(article, parent)
    if request.POST.get("resolved") == "no":
        remark.reopen()
        return _success(admin, request, article, remark, _("Remark reopened."))
    remark.resolve(by=user_of(request))
    return _success(admin, request, article, remark, _("Remark resolved."))


@require_safe
def mentionable_users(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Return the names of the users who can be mentioned, for completion after @."""
    article = get_changeable_item(admin, request, pk)
    users = users_with_access(article).exclude(pk=request.user.pk)
    names = users.values_list("display_name", flat=True)[:MAX_MENTIONABLE]
    return JsonResponse({"names": [name for name in dict.fromkeys(names) if name]})


def _get_parent(article: Article, pk: int) -> Remark:
    return _get_remark(Remark.objects.top_level(), article, pk)


def _get_remark(remarks: QuerySet[Remark], article: Article, pk: int) -> Remark:
    try:
        return get_object_or_404(remarks.select_related("parent"), pk=pk, article=article)
    except OverflowError as error:
        raise Http404("There is no such remark.") from error


def _with_unknown(message: str, article: Article, text: str) -> str:
    """Return `message`, and whom an @ in `text` was meant for without telling anybody."""
    if not (unknown := mentions_in(article, text).unknown):
        return message
    sentence = _("Nobody was told about %(names)s. Choose the name from the list that appears after @.")
    return f"{message} {sentence % {'names': ', '.join(unknown)}}"


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _json_errors(form: RemarkTextForm) -> JsonResponse:
    errors = [str(error) for field_errors in form.errors.values() for error in field_errors]
    return JsonResponse({"said": " ".join(errors)}, status=422)


def _success(admin: BaseAdmin, request: HttpRequest, article: Article, remark: Remark, message: str) -> HttpResponse:
    """Return the updated list to scripts; redirect everyone else to the remark on its page."""
    if _wants_json(request):
        context = {"original": article, **panel_context(article, user_of(request))}
        html = render_to_string("admin/articles/article/_remark_list.html", context, request)
        return JsonResponse({"html": html, "said": message, "remark": remark.pk, "open": context["open_remarks"]})
    admin.message_user(request, message, messages.SUCCESS)
    return redirect(f"{reverse('admin:articles_article_remarks', args=[article.pk])}#remark-{remark.pk}")


def _render(
    admin: BaseAdmin, request: HttpRequest, article: Article, *, form: RemarkForm | None = None,
    refused: tuple[int, RemarkTextForm] | None = None, changed: tuple[int, RemarkTextForm] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    context = admin.view_context(
        request,
        title=_("Remarks"),
        original=article,
        form=form or RemarkForm(),
        refused=refused,
        changed=changed,
        **panel_context(article, user_of(request)),
    )
    return TemplateResponse(request, "admin/articles/article/remarks.html", context, status=status)
