"""The permanent URL of a comment."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest
from articles.models import Article
from comments.models import Comment
from comments.thread import comment_url


@require_safe
def comment(request: ReaderRequest, pk: int) -> HttpResponse:
    """Redirect to the page of the thread that shows the comment to this user.

    If the article was withdrawn, redirect to the page that explains it.
    """
    shown = Comment.objects.shown_to(request.user).select_related("article")
    if (comment := shown.on_published().filter(pk=pk).first()) is not None:
        return redirect(comment_url(comment, request.user))
    return redirect(get_object_or_404(shown, pk=pk, article__in=Article.objects.gone().values("pk")).article)
