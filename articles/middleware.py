"""Redirects from old URLs, looked up only when nothing else answered the request."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import reverse

from articles.models import Article, Author, Dossier, Page, Redirect, Section, Topic
from articles.models.gift_links import PARAMETER
from truthlytics.web.pages import PUBLIC, is_personal

MAX_PATH_LENGTH = 500
# The history of an article, dossier or page moves with it, and so do the feeds of a section, topic or author.
_HISTORY = re.compile(r"(/(?:articles|dossiers|pages)/[^/]+)/((?:history|versions)(?:/.*)?)")
_FEED = re.compile(r"(/(?:sections|topics|authors)/[^/]+)/(feeds/[^/]+)")
# Where feed readers and other publishing systems expect the feed of all articles.
_USUAL_FEEDS = {
    "/feed": "rss.xml",
    "/rss": "rss.xml",
    "/rss.xml": "rss.xml",
    "/feed.xml": "rss.xml",
    "/atom.xml": "atom.xml",
}


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
        history, feed = _HISTORY.fullmatch(path), _FEED.fullmatch(path)
        below = history or feed
        found = Redirect.objects.to_public().filter(path=below[1] if below else path).first()
        if found is None:
            file = _USUAL_FEEDS.get(path)
            return self._permanent(request, reverse("articles:feed", args=[file])) if file else response
        target = found.target
        if history:
            has_history = isinstance(target, Article | Dossier | Page)
            return self._permanent(request, f"{target.get_absolute_url()}{history[2]}/") if has_history else response
        if feed:
            has_feeds = isinstance(target, Section | Topic | Author)
            return self._permanent(request, f"{target.get_absolute_url()}{feed[2]}") if has_feeds else response
        token = request.GET.get(PARAMETER, "")
        query = f"?{urlencode({PARAMETER: token})}" if token and found.article else ""
        return self._permanent(request, f"{target.get_absolute_url()}{query}")

    @staticmethod
    def _permanent(request: HttpRequest, target: str) -> HttpResponsePermanentRedirect:
        redirect = HttpResponsePermanentRedirect(target)
        if "?" not in target and not is_personal(request):
            redirect.headers["Cache-Control"] = PUBLIC
        return redirect
