"""The address of a comment."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from comments.models import Comment
from comments.thread import address


@require_safe
def comment(request: ReaderRequest, pk: int) -> HttpResponse:
    """Leads to the page of the thread on which the comment stands for this reader."""
    shown = Comment.objects.on_published().shown_to(request.user).select_related("article")
    return redirect(address(get_object_or_404(shown, pk=pk), request.user))
