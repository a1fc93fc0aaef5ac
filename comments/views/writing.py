"""Writing under an article. Whatever goes wrong, the page that answers holds the words that were typed."""

from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_http_methods

from articles.access import ReaderRequest
from articles.models import Article
from articles.views.decorators import gone_if_withdrawn
from comments.forms import CommentForm, EditForm, blank_form
from comments.models import Comment, Thread
from comments.pending import forget
from comments.pending import keep as keep_words
from comments.permissions import Refusal, why_not
from comments.services import AlreadyPosted, TooLate, edit_comment, post_comment, posted_before
from comments.text import BOUND
from comments.thread import address
from truthlytics.web.rate_limits import allow

TOO_MANY = "You’ve posted a lot in the last ten minutes. Your text is below. Wait a few minutes, then try again."
TOO_LATE = (
    "Comments can only be edited for five minutes after posting. "
    "Your text is below. Copy it into a new comment or a reply."
)
WAITING = "Thank you. A moderator reviews the first comments of every new reader. Until then, only you can see yours."


@require_http_methods(["GET", "HEAD", "POST"])
@gone_if_withdrawn(Article)
def write(request: ReaderRequest, slug: str, problem: str = "") -> HttpResponse:
    """The box, with what was typed, and why it cannot be posted. `problem`: why a post never got here."""
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now), slug=slug)
    refusal = _refusal(request, article, now)
    if request.method != "POST":
        form = blank_form(article.pk, request.session, _parent(request, article))
        return _write_page(request, article, form, refusal)
    form = CommentForm(request.POST, article=article.pk)
    if problem or refusal or not form.is_valid():
        status = 403 if problem or refusal else 422
        return _write_page(request, article, form, refusal, problem, status)
    try:
        said = {"article": article, "author": request.user, **form.cleaned_data}
        comment = posted_before(**{name: said[name] for name in ("article", "author", "key", "text")})
        if comment is None:
            if not allow(request, "comment", per_account=12, per_address=60, seconds=600):
                return _write_page(request, article, form, None, TOO_MANY, 429)
            comment = post_comment(**said)
            if comment.is_waiting:
                messages.info(request, WAITING)
    except AlreadyPosted as error:
        return _write_page(request, article, form.with_new_key(), None, _posted(error.comment), 409)
    forget(request.session, article.pk)
    return redirect(address(comment, request.user))


@require_http_methods(["GET", "HEAD", "POST"])
@gone_if_withdrawn(Article)
def keep(request: ReaderRequest, slug: str, problem: str = "") -> HttpResponse:
    """Keep what was typed in the visitor's session, and lead to what lets them post it."""
    if request.method != "POST":
        return redirect("comments:write", slug)
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now), slug=slug)
    refusal = _refusal(request, article, now)
    form = CommentForm(request.POST, article=article.pk)
    if not problem and len(request.POST.get("text", "")) > BOUND:
        form.is_valid()
        return _write_page(request, article, form, refusal, "", 422)
    if not problem and not allow(request, "keep", per_account=30, per_address=60, seconds=600):
        problem = TOO_MANY
    if problem:
        return _write_page(request, article, form, refusal, problem, 403)
    keep_words(request.session, article.pk, request.POST)
    return redirect(_next_step(article, refusal, request.POST.get("step", "")))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, pk: int, problem: str = "") -> HttpResponse:
    """Change one's own comment, for five minutes."""
    if not request.user.is_authenticated:
        return _edit_by_nobody(request, pk)
    mine = Comment.objects.on_published().editable_by(request.user).select_related("article")
    comment = get_object_or_404(mine, pk=pk)
    form = EditForm(request.POST if request.method == "POST" else None, initial={"text": comment.text})
    status = 403 if problem else 200
    if not problem and not comment.is_changeable:
        status, problem = 403, TOO_LATE
    elif request.method == "POST" and not problem:
        if form.is_valid() and not allow(request, "edit", per_account=20, per_address=60, seconds=600):
            status, problem = 429, TOO_MANY
        elif form.is_valid():
            try:
                changed = edit_comment(comment=comment, text=form.cleaned_data["text"])
                return redirect(address(changed, request.user))
            except TooLate:
                status, problem = 403, TOO_LATE
        else:
            status = 422
    context = {"comment": comment, "article": comment.article, "form": form, "problem": problem}
    return render(request, "comments/edit.html", context, status=status)


def _edit_by_nobody(request: ReaderRequest, pk: int) -> HttpResponse:
    """A login that ended meanwhile: the words stay in the page. Nothing is told about the comment."""
    if request.method != "POST":
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    problem = "You’ve been logged out. Your text is below. Copy it, log in, and edit your comment again."
    context = {"form": EditForm(request.POST), "problem": problem, "log_in": True}
    return render(request, "comments/edit.html", context, status=403)


def _refusal(request: ReaderRequest, article: Article, now: datetime) -> Refusal | None:
    thread = Thread.objects.filter(article=article).first()
    return why_not(article.served(now), request.access, thread, now)


def _parent(request: ReaderRequest, article: Article) -> Comment | None:
    """The visible comment that `?parent=` names. Raises Http404 for anything else."""
    if not (raw := request.GET.get("parent", "")):
        return None
    field = CommentForm(article=article.pk).fields["parent"]
    try:
        found: Comment = field.clean(raw)
    except ValidationError as error:
        raise Http404("There is no such comment to answer.") from error
    return found


def _write_page(
    request: ReaderRequest,
    article: Article,
    form: CommentForm,
    refusal: Refusal | None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "article": article,
        "version": article.served(),
        "form": form.again(),
        "parent": form.parent_comment(),
        "refusal": refusal,
        "problem": problem,
    }
    return render(request, "comments/write.html", context, status=status)


def _next_step(article: Article, refusal: Refusal | None, step: str) -> str:
    """Where the words can be made postable; `step` is what the visitor chose where there was a choice."""
    back = reverse("comments:write", args=[article.slug])
    wanted = step if refusal and refusal.step == "log_in" and step == "subscribe" else refusal and refusal.step
    if wanted == "log_in":
        return f"{reverse('account_login')}?{urlencode({'next': back})}"
    if wanted == "subscribe":
        return reverse("subscriptions:plans")
    return reverse("account_email") if wanted == "verify" else back


def _posted(comment: Comment) -> str:
    at = date_format(timezone.localtime(comment.created_at), "j F, H:i")
    return (
        f"Already submitted at {at}, with a different text. "
        "Your new text is below. Post it to add it as a second comment."
    )
