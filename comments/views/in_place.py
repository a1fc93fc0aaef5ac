"""Responses to forms that a script sends without leaving the page."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect

from articles.access import ReaderRequest
from comments.models import Comment
from comments.thread import comment_url


def wants_json(request: ReaderRequest) -> bool:
    return request.headers.get("Accept") == "application/json"


def respond(request: ReaderRequest, comment: Comment, message: str, *, changed: bool = True) -> HttpResponse:
    """Redirect to `comment`. For scripts, return its URL, the message, and whether the comment `changed`."""
    url = comment_url(comment, request.user)
    if wants_json(request):
        return JsonResponse({"url": url, "comment": comment.pk, "message": message, "changed": changed})
    return redirect(url)
