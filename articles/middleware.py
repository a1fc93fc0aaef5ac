"""Redirects from old URLs, looked up only when nothing else answered the request."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect

from articles.models import Redirect
from articles.models.gift_links import PARAMETER
from truthlytics.web.pages import PUBLIC, is_personal

MAX_PATH_LENGTH = 500


class RedirectMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 404 or request.method not in {"GET", "HEAD"}:
            return response
        path = Redirect.normalise(request.path_info)
        if "\x00" in path or len(path) > MAX_PATH_LENGTH:
            return response
        found = Redirect.objects.to_public().filter(path=path).first()
        if found is None:
            return response
        token = request.GET.get(PARAMETER, "")
        query = f"?{urlencode({PARAMETER: token})}" if token and found.article else ""
        redirect = HttpResponsePermanentRedirect(f"{found.target.get_absolute_url()}{query}")
        if not query and not is_personal(request):
            redirect.headers["Cache-Control"] = PUBLIC
        return redirect
