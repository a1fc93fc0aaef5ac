"""Old addresses lead on: asked only where nothing else has answered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect

from articles.models import Redirect
from truthlytics.web.pages import PUBLIC, is_personal

LONGEST = 500


class RedirectMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in {"GET", "HEAD"}:
            return response
        path = Redirect.normal(request.path_info)
        if "\x00" in path or len(path) > LONGEST:
            return response
        old = Redirect.objects.leading_on().filter(path=path).first()
        if old is None:
            return response
        moved = HttpResponsePermanentRedirect(old.target.get_absolute_url())
        if not is_personal(request):
            moved.headers["Cache-Control"] = PUBLIC
        return moved
