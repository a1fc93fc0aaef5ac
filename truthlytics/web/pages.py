"""Who may keep a copy of a page: nobody, unless a view says that it is the same for everyone."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache, wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from truthlytics.web.fragments import noting

PRIVATE = "private, no-store"
# Asked again each time, so that somebody who has just logged in never sees the stranger's copy.
PUBLIC = "public, max-age=0, must-revalidate"

Tags = Iterable[str]
View = Callable[..., HttpResponse]


def is_personal(request: HttpRequest) -> bool:
    """True where the visitor carries one of `settings.PERSONAL_COOKIES`: such a page is theirs alone."""
    return not request.COOKIES.keys().isdisjoint(settings.PERSONAL_COOKIES)


def public_page(tags: Tags = (), *, max_age: int = 0) -> Callable[[View], View]:
    """The view's answer is the same for everyone without a cookie, so any cache may hold it.

    `tags` names what the page depends on; a view adds what it learns on the way with `depends_on`, and what its
    fragments depend on is added by itself. With `max_age`, others may go on with their copy for so many seconds,
    whatever changes; that is for what no visitor looks at.
    A personal visitor gets a page of their own, and an error answer other than 404 and 410 is never kept.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            with noting() as noted:
                response = view(request, *args, **kwargs)
            depends_on(response, *tags, *noted.tags)
            if not is_personal(request) and response.status_code in {200, 301, 304, 404, 410}:
                response.headers["Cache-Control"] = f"public, max-age={max_age}" if max_age else PUBLIC
            return response

        return wrapper

    return decorate


def kept_page(
    request: HttpRequest, template: str, *key: str, make: Callable[[], dict[str, Any]], tags: Tags, **context: Any
) -> HttpResponse:
    """A page that is the same for everybody but for its masthead, kept as fragments under `key` while `tags` stand.

    `make` gives what is drawn (or raises Http404); it is called where that is not kept. `context` is for the frame.
    """
    kept = {"page_key": " ".join(key), "page_tags": tuple(tags), "drawn": cache(make)}
    return render(request, template, kept | context)


def depends_on(response: HttpResponse, *tags: str) -> HttpResponse:
    """Note what `response` depends on: whoever changes such a thing names the same tag."""
    response.cache_tags = getattr(response, "cache_tags", frozenset()) | set(tags)  # type: ignore[attr-defined]
    return response


def good_until(response: HttpResponse, moment: datetime) -> HttpResponse:
    """Note that `response` is true until `moment` (UTC) and no longer, whatever nobody changes."""
    response.good_until = moment  # type: ignore[attr-defined]
    return response


class PrivateByDefaultMiddleware:
    """Every answer that no view called public is `private, no-store`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = PRIVATE
        return response
