"""Writing and editing comments. Every error response contains the text that was typed."""

from datetime import datetime
from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from articles.access import ReaderRequest
from articles.models import Article
from articles.views.decorators import gone_if_withdrawn
from comments import unposted
from comments.forms import CommentForm, EditForm, comment_form
from comments.models import Comment, Thread
from comments.permissions import CommentRefusal, closed_message, comment_refusal, suspension_refusal
from comments.quotes import readable_text
from comments.services import (
    AlreadyPosted,
    EditWindowClosed,
    TooSoon,
    delete_own,
    edit_comment,
    post_comment,
    posted_before,
)
from comments.text import MAX_INPUT_LENGTH
from comments.views.in_place import respond, wants_json
from truthlytics.web.rate_limits import allow

TOO_MANY = gettext_lazy(
    "You’ve posted a lot in the last ten minutes. Your text is below. Wait a few minutes, then try again."
)
EDIT_WINDOW_CLOSED = gettext_lazy(
    "Comments can only be edited for five minutes after posting. "
    "Your text is below. Copy it into a new comment or a reply."
)
AWAITING_REVIEW = gettext_lazy(
    "Thank you. Your comment will appear once a moderator has approved it. "
    "We review the first comments of every new reader."
)


@require_http_methods(["GET", "HEAD", "POST"])
@gone_if_withdrawn(Article)
def write(request: ReaderRequest, slug: str, error: str = "") -> HttpResponse:
    """Write a comment. `error` is set to show the form again after a failed CSRF check."""
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now).with_versions(), slug=slug)
    refusal = refusal_of(request, article, now)
    if request.method != "POST":
        form = comment_form(article.pk, request.session, _parent(request, article))
        return _write_page(request, article, form, refusal)
    version = article.served(now)
    # Readers who cannot comment must not learn whether a passage is in the article.
    get_text = None if error or refusal else partial(readable_text, version, request.access)
    form = CommentForm(request.POST, article=article.pk, get_text=get_text)
    if error or refusal or not form.is_valid():
        status = 403 if error or refusal else 422
        return _write_page(request, article, form, refusal, error, status)
    data = form.cleaned_data
    try:
        comment = posted_before(article=article, author=request.user, key=data["key"], text=data["text"])
        if comment is None:
            if not allow(request, "comment", per_account=12, per_address=60, seconds=600):
                return _write_page(request, article, form, None, str(TOO_MANY), 429)
            comment = post_comment(
                article=article,
                author=request.user,
                text=data["text"],
                key=data["key"],
                parent=data["parent"],
                passage=data["passage"],
                version=version,
            )
            if comment.is_waiting and not wants_json(request):
                messages.info(request, AWAITING_REVIEW)
    except TooSoon as slow:
        return _write_page(request, article, form, None, slow.message, 429)
    except AlreadyPosted as exists:
        return _write_page(request, article, form.with_new_key(), None, _already_posted(exists.comment), 409)
    unposted.discard(request.session, article.pk)
    return respond(request, comment, _posted_message(comment))


@require_http_methods(["GET", "HEAD", "POST"])
@gone_if_withdrawn(Article)
def save_pending(request: ReaderRequest, slug: str, error: str = "") -> HttpResponse:
    """Store what was typed in the session, and redirect to the step that lets the visitor post it."""
    if request.method != "POST":
        return redirect("comments:write", slug)
    now = timezone.now()
    article = get_object_or_404(Article.objects.published(now).with_versions(), slug=slug)
    refusal = refusal_of(request, article, now)
    form = CommentForm(request.POST, article=article.pk)
    if not error and any(len(request.POST.get(name, "")) > MAX_INPUT_LENGTH for name in ("text", "quote")):
        form.is_valid()
        return _write_page(request, article, form, refusal, "", 422)
    if not error and not allow(request, "keep", per_account=30, per_address=60, seconds=600):
        error = str(TOO_MANY)
    if error:
        return _write_page(request, article, form, refusal, error, 403)
    unposted.save(request.session, article.pk, request.POST)
    return redirect(_next_step(article, refusal, request.POST.get("step", "")))


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: ReaderRequest, pk: int, error: str = "") -> HttpResponse:
    """Edit one's own comment, within five minutes of posting."""
    if not request.user.is_authenticated:
        return _edit_logged_out(request)
    own = Comment.objects.on_published().editable_by(request.user).select_related("article")
    comment = get_object_or_404(own, pk=pk)
    form = EditForm(request.POST if request.method == "POST" else None, initial={"text": comment.text})
    status = 403 if error else 200
    suspended = suspension_refusal(request.user)
    if suspended is not None:
        status, error = 403, error or str(suspended.message)
    elif not error and not comment.is_editable():
        status, error = 403, str(EDIT_WINDOW_CLOSED)
    elif request.method == "POST" and not error:
        if not form.is_valid():
            status = 422
        elif not allow(request, "edit", per_account=20, per_address=60, seconds=600):
            status, error = 429, str(TOO_MANY)
        else:
            try:
                edited = edit_comment(comment=comment, text=form.cleaned_data["text"])
                return respond(request, edited, _edited_message(edited))
            except EditWindowClosed:
                status, error = 403, str(EDIT_WINDOW_CLOSED)
    context = {"comment": comment, "article": comment.article, "form": form, "error": error}
    return render(request, "comments/edit.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: ReaderRequest, pk: int) -> HttpResponse:
    """Ask before deleting one's own comment, then delete it."""
    own = Comment.objects.on_published().editable_by(request.user).select_related("article")
    comment = get_object_or_404(own, pk=pk)
    if request.method == "POST":
        delete_own(comment=comment)
        deleted = _("Your comment was deleted.")
        if wants_json(request):
            return respond(request, comment, deleted)
        messages.success(request, deleted)
        return redirect(f"{comment.article.get_absolute_url()}#comments")
    return render(request, "comments/delete.html", {"comment": comment})


def _edit_logged_out(request: ReaderRequest) -> HttpResponse:
    """Keep the text in the page after a session has expired. Says nothing about the comment itself."""
    if request.method != "POST":
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.path})}")
    error = _("You’ve been logged out. Your text is below. Copy it, log in, and edit your comment again.")
    context = {"form": EditForm(request.POST), "error": error, "log_in": True}
    return render(request, "comments/edit.html", context, status=403)


def refusal_of(request: ReaderRequest, article: Article, now: datetime) -> CommentRefusal | None:
    """Return why the reader may not comment on `article`; None if they may."""
    thread = Thread.objects.filter(article=article).first()
    return comment_refusal(
        article.served(now),
        request.access,
        closed_message(thread, article.published_at, now),
        user=request.user,
        required_level=thread.required_level if thread else None,
    )


def _parent(request: ReaderRequest, article: Article) -> Comment | None:
    """Return the visible comment named by `?parent=`. Raises Http404 for anything else."""
    if not (value := request.GET.get("parent", "")):
        return None
    field = CommentForm(article=article.pk).fields["parent"]
    try:
        parent: Comment = field.clean(value)
    except ValidationError as error:
        raise Http404("There is no such comment to reply to.") from error
    return parent


def _write_page(
    request: ReaderRequest,
    article: Article,
    form: CommentForm,
    refusal: CommentRefusal | None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "article": article,
        "version": article.served(),
        "form": form.for_retry(),
        "parent": form.parent_comment(),
        "refusal": refusal,
        "error": error,
    }
    return render(request, "comments/write.html", context, status=status)


def _next_step(article: Article, refusal: CommentRefusal | None, choice: str) -> str:
    """Return the URL of what lets the visitor comment. `choice` is the button they pressed if there were two."""
    write_url = reverse("comments:write", args=[article.slug])
    step = refusal.step if refusal else ""
    if step == "log_in" and choice == "subscribe":
        step = "subscribe"
    if step == "log_in":
        return f"{reverse('account_login')}?{urlencode({'next': write_url})}"
    if step == "subscribe":
        return reverse("subscriptions:plans")
    if step == "appeal":
        return reverse("comments:suspension")
    return reverse("account_email") if step == "verify" else write_url


def _posted_message(comment: Comment) -> str:
    if comment.is_waiting:
        return str(AWAITING_REVIEW)
    return _("Your reply was posted.") if comment.parent_id else _("Your comment was posted.")


def _edited_message(comment: Comment) -> str:
    if comment.is_waiting:
        return _("Your changes were saved. They will appear once a moderator has approved them.")
    return _("Your changes were saved.")


def _already_posted(comment: Comment) -> str:
    time = date_format(timezone.localtime(comment.created_at), _("j F, H:i"))
    return _(
        "Already submitted at %(time)s, with a different text. "
        "Your new text is below. Post it to add it as a second comment."
    ) % {"time": time}
