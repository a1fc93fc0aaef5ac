"""Redirects from old URLs, looked up only when nothing else answered the request."""

import re
from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, HttpResponsePermanentRedirect
from django.urls import reverse
from django.utils import timezone

from articles.media.old_names import without_size
from articles.models import Article, Author, Dossier, Page, Redirect, Section, Topic
from articles.models.gift_links import PARAMETER
from articles.presenters.archive import archive_of
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


# What other systems append to the address of an article or a list: its feed, a version for phones, a further page of
# the list, of the text or of its comments.
_OLD_FEED = re.compile(r"(/.+)/(?:feed|rss)(?:/(?:rss2?|rdf|(atom)))?")
_OLD_PAGE = re.compile(r"(/.+?)/(?:page/[0-9]+|[0-9]+|comment-page-[0-9]+|amp|embed)")
# Archives of a year, month or day, perhaps in the folder that the addresses of articles are in.
_OLD_DATE = re.compile(
    r"(?P<folder>(?:/[^/]+){0,2}?)/(?P<year>[12][0-9]{3})(?:/(?P<month>0?[1-9]|1[0-2])(?:/[0-9]{1,2})?)?(?:/page/[0-9]+)?"
)


class RedirectMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        # A page of the old site, which our front page must not hide.
        if request.path_info == "/" and request.META.get("QUERY_STRING") and (url := self._old_page(request)):
            return self._permanent(request, url)
        response = self.get_response(request)
        if response.status_code != 404:
            return response
        path = Redirect.normalise(request.path_info)
        if "\x00" in path or len(path) > MAX_PATH_LENGTH:
            return response
        url = self._target(path, request)
        return self._permanent(request, url) if url else response

    @staticmethod
    def _old_page(request: HttpRequest) -> str:
        """Return where the parameter of the request's query leads to; "" if nowhere. No query without such one."""
        query = Redirect.page_query(request.GET)
        found = Redirect.objects.find("/", query) if query else None
        return found.target_url if found else ""

    def _target(self, path: str, request: HttpRequest) -> str:
        """Return the URL that `path`, normalised, redirects to; "" if there is none."""
        history, feed = _HISTORY.fullmatch(path), _FEED.fullmatch(path)
        below = history or feed
        found = self._find(below[1] if below else path, request)
        if found is None:
            file = _USUAL_FEEDS.get(path)
            if file:
                return reverse("articles:feed", args=[file])
            return self._target_above(path) or _archive(path) or self._original(path)
        target = found.target
        if history:
            has_history = isinstance(target, Article | Dossier | Page)
            return f"{found.target_url}{history[2]}/" if has_history else ""
        if feed:
            return _feed_of(target, feed[2])
        token = request.GET.get(PARAMETER, "")
        query = f"?{urlencode({PARAMETER: token})}" if token and found.article else ""
        return f"{found.target_url}{query}"

    @staticmethod
    def _find(path: str, request: HttpRequest) -> Redirect | None:
        """Return the redirect of `path`, preferably with the request's query."""
        return Redirect.objects.find(path, "", Redirect.page_query(request.GET))

    @staticmethod
    def _target_above(path: str) -> str:
        """Return where the feed or a further page of an old address leads to now; "" for other paths."""
        feed = _OLD_FEED.fullmatch(path)
        match = feed or _OLD_PAGE.fullmatch(path)
        found = Redirect.objects.find(match[1], "") if match else None
        if found is None:
            return ""
        if feed and found.to_archive:
            return reverse("articles:feed", args=["atom.xml" if feed[2] else "rss.xml"])
        feed_url = _feed_of(found.target, "feeds/atom.xml" if feed[2] else "feeds/rss.xml") if feed else ""
        return feed_url or found.target_url

    @staticmethod
    def _original(path: str) -> str:
        """Return where the original of an old image leads to, if `path` is that of one of its sizes."""
        original = without_size(path)
        found = Redirect.objects.find(original, "") if original != path else None
        return found.target_url if found else ""

    @staticmethod
    def _permanent(request: HttpRequest, target: str) -> HttpResponsePermanentRedirect:
        redirect = HttpResponsePermanentRedirect(target)
        if "?" not in target and not is_personal(request):
            redirect.headers["Cache-Control"] = PUBLIC
        return redirect


def _feed_of(target: object, file: str) -> str:
    """Return the URL of the feed `file` of a section, topic or author; "" for anything else."""
    return f"{target.get_absolute_url()}{file}" if isinstance(target, Section | Topic | Author) else ""


def _archive(path: str) -> str:
    """Return where an archive of the old site by year, month or day leads to now; "" if nothing here is as old."""
    match = _OLD_DATE.fullmatch(path)
    if match is None:
        return ""
    url = archive_of(int(match["year"]), int(match["month"] or 0), timezone.now())
    # WordPress adds “date” where the addresses of texts begin with a number.
    folder = match["folder"].removesuffix("/date")
    # In a folder that no old address is in, a date may mean anything.
    is_old = bool(url) and (not folder or Redirect.objects.filter(path__startswith=f"{folder}/").exists())
    return url if is_old else ""
