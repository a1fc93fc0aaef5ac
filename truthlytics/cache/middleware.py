"""Tells the cache outside what a page depends on, and until when it can be true; keeps the pieces of pages."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from truthlytics.cache.invalidation import site_generations
from truthlytics.cache.next_change import next_change
from truthlytics.web.fragments import Fragments

TAGS = "Surrogate-Key"
EXPIRES = "X-Page-Expires"
KEPT = {HTTPStatus.OK, HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.GONE}
# However sure we are: a bump that was lost with a crash is mended by then.
LONGEST = timedelta(minutes=10)


class PageCacheMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.fragments = Fragments(site_generations(), settings.FRAGMENT_BYTES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        # Whoever changes something does not read what was kept.
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        now = timezone.now()
        with self.fragments.reading(lambda: min(next_change(now), now + LONGEST)) as reading:
            response = self.get_response(request)
        tags = getattr(response, "cache_tags", None)
        if tags is None or not response.headers.get("Cache-Control", "").startswith("public"):
            return response
        # Also where we keep nothing: a cache of somebody else's may, and is told what to forget by these.
        response.headers[TAGS] = " ".join(sorted(tags))
        if response.status_code in KEPT and not response.streaming:
            try:
                change = next_change(now)
            except Error:
                # The database is away, and this page did without: it is sent, and not kept.
                return response
            moments = [change, now + LONGEST, getattr(response, "good_until", None)]
            ends = min(moment for moment in moments if moment).timestamp()
            response.headers[EXPIRES] = str(min(ends, reading.ends))
        return response
