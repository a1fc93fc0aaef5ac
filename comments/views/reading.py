"""The address of a comment."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Article
from comments.models import Comment
from comments.thread import address


@require_safe
def comment(request: ReaderRequest, pk: int) -> HttpResponse:
    """Leads to the page of the thread on which the comment stands for this reader.

    Of an article that was withdrawn: to where that is said.
    """
    shown = Comment.objects.shown_to(request.user).select_related("article")
    if (found := shown.on_published().filter(pk=pk).first()) is not None:
        return redirect(address(found, request.user))
    return redirect(get_object_or_404(shown, pk=pk, article__in=Article.objects.gone().values("pk")).article)
