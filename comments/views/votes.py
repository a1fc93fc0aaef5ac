"""Votes of readers, and picks of editors: buttons in the thread."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from articles.access import ReaderRequest
from comments.models import Comment
from comments.models.comments import can_moderate
from comments.services import NotPossible
from comments.services.picks import pick as pick_comment
from comments.services.picks import unpick
from comments.services.votes import toggle_vote
from comments.thread import comment_url
from comments.views.in_place import wants_json
from comments.views.writing import refusal_of
from truthlytics.web.rate_limits import allow

TOO_MANY = gettext_lazy("You’ve voted a lot in the last ten minutes. Wait a few minutes, then try again.")


@require_POST
def vote(request: ReaderRequest, pk: int) -> HttpResponse:
    """Vote for another reader's comment, or withdraw the vote. Only for readers with permission to comment."""
    now = timezone.now()
    others = Comment.objects.on_published(now).visible().exclude(author=request.user.pk)
    comment = get_object_or_404(others.select_related("article__live", "article__upcoming"), pk=pk)
    if (refusal := refusal_of(request, comment.article, now)) is not None:
        return _respond(request, comment, str(refusal.message), status=403)
    if not allow(request, "vote", per_account=120, per_address=600, seconds=600):
        return _respond(request, comment, str(TOO_MANY), status=429)
    voted = toggle_vote(comment=comment, user=request.user)
    if wants_json(request):
        return JsonResponse({"voted": voted, "count": comment.votes.count()})
    messages.success(request, _("You found this comment helpful.") if voted else _("You took your vote back."))
    return redirect(comment_url(comment, request.user))


@require_POST
@login_required
def pick(request: ReaderRequest, pk: int) -> HttpResponse:
    """Pick a comment for above the thread (`place` is "thread") or beside the text ("beside"), or unpick it ("")."""
    if not can_moderate(request.user):
        raise PermissionDenied
    comment = get_object_or_404(Comment.objects.on_published().visible().select_related("article"), pk=pk)
    place = request.POST.get("place", "")
    try:
        if place in {"thread", "beside"}:
            pick_comment(comment=comment, by=request.user, beside=place == "beside")
            messages.success(request, _("The comment is now an editors’ pick."))
        else:
            unpick(comment=comment, by=request.user)
            messages.success(request, _("The comment is no longer an editors’ pick."))
    except NotPossible as error:
        messages.error(request, str(error.message))
    return redirect(comment_url(comment, request.user))


def _respond(request: ReaderRequest, comment: Comment, error: str, *, status: int) -> HttpResponse:
    """Return the error as JSON to a script, else show it on the page of the comment."""
    if wants_json(request):
        return JsonResponse({"error": error}, status=status)
    messages.error(request, error)
    return redirect(comment_url(comment, request.user))
