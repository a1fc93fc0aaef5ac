"""Redirects from old URLs, looked up only when nothing else answered the request."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect

from articles.models import Redirect
from articles.models.gift_links import PARAMETER
from truthlytics.web.pages import PUBLIC, is_personal

MAX_PATH_LENGTH = 500
# The history of an article, dossier or page moves with it.
_HISTORY = re.compile(r"(/(?:articles|dossiers|pages)/[^/]+)/((?:history|versions)(?:/.*)?)")


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
        history = _HISTORY.fullmatch(path)
        found = Redirect.objects.to_public().filter(path=history[1] if history else path).first()
        if found is None:
            return response
        if history:
            return self._permanent(request, f"{found.target.get_absolute_url()}{history[2]}/")
        token = request.GET.get(PARAMETER, "")
        query = f"?{urlencode({PARAMETER: token})}" if token and found.article else ""
        return self._permanent(request, f"{found.target.get_absolute_url()}{query}")

    @staticmethod
    def _permanent(request: HttpRequest, target: str) -> HttpResponsePermanentRedirect:
        redirect = HttpResponsePermanentRedirect(target)
        if "?" not in target and not is_personal(request):
            redirect.headers["Cache-Control"] = PUBLIC
        return redirect
