"""Counting the articles that Django answers itself."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponseBase

from articles.access import Level
from truthlytics.statistics.counter import READ_COUNTER
from truthlytics.statistics.requests import STAFF, SUBSCRIBER, values_of
from truthlytics.web.read_counter import COUNTED_BY_CACHE, READ_OF


class ReadCounterMiddleware:
    """Counts the pages that Django sends itself, and leaves those that the page cache stores to the page cache."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        subject = getattr(response, "read_of", None)
        if subject is None or response.status_code != HTTPStatus.OK:
            return response
        if COUNTED_BY_CACHE in request.META:
            response.headers[READ_OF] = str(subject)
        else:
            READ_COUNTER.count(values_of(request.META, subject, flag_of(request)))
            READ_COUNTER.ensure_running()
        return response


def flag_of(request: HttpRequest) -> str:
    """Return whether the request is by staff, who are not counted, or by a subscriber; "" for all others."""
    if getattr(getattr(request, "user", None), "is_staff", False):
        return STAFF
    level = getattr(getattr(request, "access", None), "level", Level.EVERYONE)
    return SUBSCRIBER if level >= Level.SUBSCRIBER else ""
