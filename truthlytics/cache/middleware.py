"""Activate the fragment cache, and tell the page cache what a response depends on and when it expires."""

from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus

from django.conf import settings
from django.db import Error
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from truthlytics.cache.edge import CLOUDFLARE_TAGS
from truthlytics.cache.invalidation import site_generations
from truthlytics.cache.next_change import next_change
from truthlytics.web.fragments import USED_FRAGMENTS, FragmentCache

TAGS = "Surrogate-Key"
EXPIRES = "X-Page-Expires"
# When the page changes by itself, without the upper bound below.
NEXT_CHANGE = "X-Page-Next-Change"
CACHEABLE = {HTTPStatus.OK, HTTPStatus.MOVED_PERMANENTLY, HTTPStatus.GONE}
# An upper bound, in case an invalidation is lost in a crash.
MAX_AGE = timedelta(minutes=10)


class PageCacheMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.fragments = FragmentCache(site_generations(), settings.FRAGMENT_BYTES)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method not in {"GET", "HEAD"}:
            return self.get_response(request)
        now = timezone.now()
        with self.fragments.activate(lambda: min(next_change(now), now + MAX_AGE)) as dependencies:
            request.META[USED_FRAGMENTS] = dependencies
            response = self.get_response(request)
        tags = getattr(response, "cache_tags", None)
        if tags is None or not response.headers.get("Cache-Control", "").startswith("public"):
            return response
        # Also on responses that the page cache does not store: a CDN may, and can be purged by these tags.
        response.headers[TAGS] = " ".join(sorted(tags))
        if settings.CDN and settings.CDN["provider"] == "cloudflare":
            response.headers[CLOUDFLARE_TAGS] = ",".join(sorted(tags))
        if response.status_code in CACHEABLE and not response.streaming:
            try:
                change = next_change(now)
            except Error:
                # The database is down, and this page did not need it: send it, but do not cache it.
                return response
            change = min(change, getattr(response, "good_until", None) or change)
            expires = min(change, now + MAX_AGE).timestamp()
            response.headers[EXPIRES] = str(min(expires, dependencies.expires))
            response.headers[NEXT_CHANGE] = str(change.timestamp())
        return response
