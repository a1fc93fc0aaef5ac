"""Which responses may be cached: none, unless a view declares that its page is the same for everyone."""

from collections.abc import Callable, Iterable
from datetime import datetime
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from truthlytics.web.fragments import EVERY_PAGE, collect_dependencies, once

PRIVATE = "private, no-store"
# Revalidated on each use, so that users who have just logged in never see the anonymous copy.
PUBLIC = "public, max-age=0, must-revalidate"

Tags = Iterable[str]
View = Callable[..., HttpResponse]


def is_personal(request: HttpRequest) -> bool:
    """Return whether the visitor has one of `settings.PERSONAL_COOKIES`: their pages are not shared."""
    return not request.COOKIES.keys().isdisjoint(settings.PERSONAL_COOKIES)


def public_page(tags: Tags = (), *, max_age: int = 0) -> Callable[[View], View]:
    """Let caches store the view's response, which is the same for every visitor without a personal cookie.

    `tags` names what the page depends on. The tags of its fragments are added automatically, and the view can add
    more with `depends_on`. `max_age` (seconds) lets other caches reuse their copy without asking; use it only for what
    no visitor looks at. Visitors with a personal cookie get their own page, and errors other than 404 and 410 are
    never cached.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapper(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            with collect_dependencies() as dependencies:
                response = view(request, *args, **kwargs)
            depends_on(response, EVERY_PAGE, *tags, *dependencies.tags)
            if not is_personal(request) and response.status_code in {200, 301, 304, 404, 410}:
                response.headers["Cache-Control"] = f"public, max-age={max_age}" if max_age else PUBLIC
            return response

        return wrapper

    return decorate


def cached_page(
    request: HttpRequest,
    template: str,
    *key: str | int,
    make: Callable[[], dict[str, object]],
    tags: Tags,
    **context: object,
) -> HttpResponse:
    """Render a page with content that is cached as fragments under `key`.

    `make` returns the context of those fragments (or raises Http404); it is called only if one of them has to be
    rendered. `context` is for everything around them.
    """
    fragments = {"page_key": " ".join(map(str, key)), "page_tags": tuple(tags), "fragment_context": once(make)}
    return render(request, template, fragments | context)


def depends_on(response: HttpResponse, *tags: str) -> HttpResponse:
    """Add `tags` to those that invalidate `response`."""
    response.cache_tags = getattr(response, "cache_tags", frozenset()) | set(tags)  # type: ignore[attr-defined]
    return response


def good_until(response: HttpResponse, time: datetime) -> HttpResponse:
    """Expire `response` at `time` (UTC), even if nothing is changed."""
    response.good_until = time  # type: ignore[attr-defined]
    return response


class PrivateByDefaultMiddleware:
    """Set `private, no-store` on every response that no view declared public."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = PRIVATE
        return response
